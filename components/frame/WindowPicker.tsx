"use client";
import { ChevronDown } from "lucide-react";
import { startTransition, useOptimistic, useState } from "react";
import { FOLLOWED_WINDOW } from "#window";
import { useAddress } from "../address/useAddress.ts";
import { Popover } from "./Popover.tsx";

const LENGTHS = [
  ["5m", "5 min"],
  [FOLLOWED_WINDOW, "15 min"],
  ["1h", "1 h"],
  ["6h", "6 h"],
  ["1d", "1 day"],
  ["7d", "7 days"],
] as const;

const UNITS: Readonly<Record<string, string>> = { m: "min", h: "h", d: "days" };

function lengthWord(window: string): string {
  const known = LENGTHS.find(([length]) => length === window);
  return known === undefined ? `${window.slice(0, -1)} ${UNITS[window.slice(-1)] ?? ""}` : known[1];
}

function endWord(end: string): string {
  return new Date(end).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

/** `2026-11-24T10:00` in the clock of this browser, as its own field for times wants it. */
function localTime(atMs: number): string {
  return new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const CHOICE = "flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 hover:bg-hover";

/** The mark follows the click at once; the address, and with it the page, a moment later. */
function Lengths({ window }: { readonly window: string }) {
  const { amend } = useAddress();
  const [marked, mark] = useOptimistic(window);
  return (
    <fieldset className="p-1">
      <legend className="px-2 pt-2 pb-1 text-xs font-medium text-quiet">How long</legend>
      {LENGTHS.map(([length, word]) => (
        <label key={length} className={CHOICE}>
          <input
            type="radio"
            name="window"
            className="accent-text"
            checked={marked === length}
            onChange={() => {
              startTransition(() => {
                mark(length);
                amend({ window: length === FOLLOWED_WINDOW ? null : length });
              });
            }}
          />
          {word}
        </label>
      ))}
    </fieldset>
  );
}

/** The end in the past, in the time of this browser; what is not understood or lies ahead is not taken. */
function Ends({ close }: { readonly close: () => void }) {
  const { end, amend } = useAddress();
  const [text, setText] = useState(() => localTime(end === null ? Date.now() : Date.parse(end)));
  const [opened] = useState(() => Date.now());
  const chosen = text === "" ? Number.NaN : new Date(text).getTime();
  return (
    <form
      className="border-t border-line p-1 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (Number.isNaN(chosen)) return;
        amend({ end: chosen >= opened - 60_000 ? null : `${new Date(chosen).toISOString().slice(0, 16)}:00Z` });
        close();
      }}
    >
      <p className="px-2 pt-2 pb-1 text-xs font-medium text-quiet" id="window-end">
        Until when
      </p>
      <button
        type="button"
        disabled={end === null}
        onClick={() => {
          amend({ end: null });
          close();
        }}
        className="focus-inset flex h-8 w-full items-center rounded-md px-2 text-left hover:bg-hover disabled:text-quiet"
      >
        {end === null ? "It ends now" : "Let it end now"}
      </button>
      <div className="flex items-center gap-1.5 px-2 pt-1">
        <input
          type="datetime-local"
          aria-labelledby="window-end"
          max={localTime(opened)}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
          className="h-8 min-w-0 flex-1 rounded-md border border-line bg-ground px-2 text-sm"
        />
        <button type="submit" disabled={Number.isNaN(chosen)} className="h-8 rounded-md border border-line px-2.5 hover:bg-hover disabled:text-quiet">
          Show
        </button>
      </div>
    </form>
  );
}

/** Which time is looked at; it stands there even where the window cannot be shown, so that another can be chosen. */
export function WindowPicker({ title }: { readonly title: string | undefined }) {
  const { window: chosen, end } = useAddress();
  const window = chosen ?? FOLLOWED_WINDOW;
  const text = end === null ? `last ${lengthWord(window)}` : `${lengthWord(window)} to ${endWord(end)}`;
  return (
    <Popover
      label={`Window: ${text}`}
      className="flex h-8 max-w-full min-w-0 items-center gap-1.5 rounded-md border border-line px-2 whitespace-nowrap hover:bg-hover md:px-2.5"
      width="w-72 max-md:fixed max-md:inset-x-2 max-md:top-11 max-md:w-auto"
      button={
        <>
          <span className="hidden text-quiet lg:inline">window</span>
          <span className="max-w-28 truncate sm:max-w-none" title={title}>
            {end === null && <span className="max-sm:hidden">last </span>}
            {end === null ? lengthWord(window) : text}
          </span>
          <ChevronDown aria-hidden="true" size={14} className="shrink-0 text-quiet" />
        </>
      }
    >
      {(close) => (
        <>
          <Lengths window={window} />
          <Ends close={close} />
        </>
      )}
    </Popover>
  );
}
