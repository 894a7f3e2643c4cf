"use client";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";

interface PopoverProps {
  /** what the button shows */
  readonly button: ReactNode;
  readonly label: string;
  readonly className?: string;
  /** which edge of the button the float keeps to */
  readonly align?: "start" | "end";
  readonly width?: string;
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a float below it. Escape and a click elsewhere close it; the focus goes back to the button. */
export function Popover({ button, label, className = "", align = "start", width = "w-72", children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false);
    };
    // at the document, before anyone else: what had the focus inside may be gone, and Escape closes the nearest thing only
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      trigger.current?.focus();
    };
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey, { capture: true });
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey, { capture: true });
    };
  }, [open]);

  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };

  return (
    <div ref={root} className="relative max-w-full min-w-0">
      <button
        ref={trigger}
        type="button"
        aria-expanded={open}
        aria-controls={id}
        aria-label={label}
        className={className}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {button}
      </button>
      {open && (
        <div
          id={id}
          role="group"
          aria-label={label}
          className={`absolute top-full z-40 mt-1 max-h-[70dvh] max-w-[calc(100vw-16px)] scroll-area rounded-lg border border-line bg-raised shadow-float ${width} ${align === "end" ? "right-0" : "left-0"}`}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}
