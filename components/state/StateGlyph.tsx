import type { ReactNode } from "react";
import type { EdgeState } from "#view";
import { STATE_TONE, TONE_TEXT } from "./stateTone.ts";

const BODY = "M4 7.2h8a1 1 0 0 1 1 1v4.6a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8.2a1 1 0 0 1 1-1Z";
const CLOSED = "M5.4 7V5a2.6 2.6 0 0 1 5.2 0v2";
const OPEN = "M5.4 7V4.6a2.6 2.6 0 0 1 5-1";

/** The marks of the graph, as icons: closed lock, half lock, open lock, cross, question mark, dash. */
const MARKS: Readonly<Record<EdgeState, ReactNode>> = {
  mTLS: (
    <>
      <path d={BODY} fill="currentColor" />
      <path d={CLOSED} />
    </>
  ),
  "application TLS": (
    <>
      <path d={BODY} />
      <path d="M3 10.5h10v2.3a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1Z" fill="currentColor" stroke="none" />
      <path d={CLOSED} />
    </>
  ),
  plaintext: (
    <>
      <path d={BODY} />
      <path d={OPEN} />
    </>
  ),
  mixed: (
    <>
      <path d={BODY} />
      <path d="M3 8.2a1 1 0 0 1 1-1h4v6.6H4a1 1 0 0 1-1-1Z" className="fill-mtls stroke-none" />
      <path d={OPEN} />
    </>
  ),
  "mixed, partly blocked": (
    <>
      <path d={BODY} />
      <path d="M6 8.8l4 3.6M10 8.8l-4 3.6" className="stroke-blocked" />
      <path d={OPEN} />
    </>
  ),
  blocked: <path d="M3.6 3.6l8.8 8.8M12.4 3.6l-8.8 8.8" strokeWidth={2.2} />,
  "expected blocked": (
    <>
      <circle cx={8} cy={8} r={6.2} strokeDasharray="2 2.2" strokeWidth={1.2} />
      <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" />
    </>
  ),
  unclear: (
    <>
      <path d="M5.4 5.8a2.6 2.6 0 1 1 3.9 2.3c-.8.5-1.3.9-1.3 1.9" strokeWidth={1.8} />
      <circle cx={8} cy={13} r={1.1} fill="currentColor" stroke="none" />
    </>
  ),
  idle: <path d="M2.5 8h11" strokeDasharray="3 2" />,
};

/** Decoration beside the word: a reader of the screen is told the word. */
export function StateGlyph({ state, size = 14 }: { readonly state: EdgeState; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      data-state-mark={state}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${TONE_TEXT[STATE_TONE[state]]}`}
    >
      {MARKS[state]}
    </svg>
  );
}
