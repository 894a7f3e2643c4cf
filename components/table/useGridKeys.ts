"use client";
import { useEffect, useRef, useState, type KeyboardEvent, type RefObject } from "react";

interface GridKeys {
  /** the one row that Tab reaches */
  readonly active: number;
  readonly setActive: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

interface GridShape {
  readonly measure: () => void;
  readonly rows: number;
  readonly rowHeight: number;
  readonly headerHeight: number;
}

function target(key: string, active: number, shape: { readonly rows: number; readonly page: number }): number | null {
  const last = shape.rows - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, active + 1);
    case "ArrowUp":
      return Math.max(0, active - 1);
    case "PageDown":
      return Math.min(last, active + shape.page);
    case "PageUp":
      return Math.max(0, active - shape.page);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** Arrow keys, Page, Home and End over the rows of a table that draws only what is in view. */
export function useGridKeys(scroller: RefObject<HTMLElement | null>, shape: GridShape): GridKeys {
  const [active, setActive] = useState(0);
  const focusNext = useRef(false);
  const bounded = Math.min(active, Math.max(0, shape.rows - 1));

  useEffect(() => {
    if (!focusNext.current) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${bounded}"]`);
    if (row === null || row === undefined) return;
    focusNext.current = false;
    row.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const element = scroller.current;
    if (element === null || shape.rows === 0) return;
    const page = Math.max(1, Math.floor(element.clientHeight / shape.rowHeight) - 2);
    const next = target(event.key, bounded, { rows: shape.rows, page });
    if (next === null) return;
    event.preventDefault();
    const top = next * shape.rowHeight;
    const visible = element.clientHeight - shape.headerHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + shape.rowHeight > element.scrollTop + visible) element.scrollTop = top + shape.rowHeight - visible;
    shape.measure();
    focusNext.current = true;
    setActive(next);
  };
  return { active: bounded, setActive, onKeyDown };
}
