"use client";
import { useEffect, useRef } from "react";
import { SHORTCUTS } from "../words.ts";

/** `?` opens the list of keys; Escape closes it. */
export function Shortcuts() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (event.key === "?" && !typing) dialog.current?.showModal();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label="Keys"
      className="m-auto w-80 rounded-lg border border-line bg-raised p-4 text-text shadow-float backdrop:bg-scrim"
      onClick={() => dialog.current?.close()}
    >
      <h2 className="mb-2 font-semibold">Keys</h2>
      <dl>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={keys} className="flex items-baseline gap-3 border-t border-line py-1.5 text-sm">
            <dt className="w-28 shrink-0 font-mono">{keys}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
