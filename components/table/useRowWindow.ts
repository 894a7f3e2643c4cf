"use client";
import { useCallback, useLayoutEffect, useState, type RefObject } from "react";

const BEYOND = 12;

export interface RowWindow {
  readonly first: number;
  /** one past the last row */
  readonly end: number;
  /** to be called by who scrolls, so that the rows are drawn in the same step and the focus can follow */
  readonly measure: () => void;
}

/** Which of `rows` rows of one fixed height lie in the view of `scroller`, and a few beyond on either side. */
export function useRowWindow(scroller: RefObject<HTMLElement | null>, rows: number, rowHeight: number): RowWindow {
  const [range, setRange] = useState({ first: 0, end: 40 });
  const measure = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - BEYOND);
    const end = Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + BEYOND;
    setRange((before) => (before.first === first && before.end === end ? before : { first, end }));
  }, [scroller, rowHeight]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller, measure, rows]);

  return { first: Math.min(range.first, Math.max(0, rows - 1)), end: Math.min(range.end, rows), measure };
}
