"use client";
import { Search as Glass } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import type { MeshView } from "#view";
import { heedsText } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { useAddressOwners } from "../data/queries.ts";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { addressIn, searchHits, type SearchHit } from "./searchHits.ts";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** `/` and Ctrl-K or ⌘-K go to the search from anywhere. */
function useSearchKey(input: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
      const commandK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
      if (!slash && !commandK) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, [input]);
}

function Hit({ hit, id, active, onChoose }: { readonly hit: SearchHit; readonly id: string; readonly active: boolean; readonly onChoose: () => void }) {
  return (
    <li
      id={id}
      role="option"
      aria-selected={active}
      // the input keeps the focus; a press must not take it
      onPointerDown={(event) => {
        event.preventDefault();
        onChoose();
      }}
      className={`flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 ${active ? "bg-selected" : "hover:bg-hover"}`}
    >
      {hit.state !== null && <StateGlyph state={hit.state} />}
      <span className={`truncate text-sm ${hit.selection === null ? "" : "font-mono"}`}>{hit.text}</span>
      <span className="ml-auto shrink-0 text-xs text-quiet">{hit.state ?? hit.kind}{hit.partlyUnclear === true && ", part unclear"}</span>
    </li>
  );
}

/** Finds namespaces, workloads, who has an address, and connections, and opens them; or filters the page by what was typed, the connections where the page is no list. On a phone it is as wide as its sign until it is used. */
export function Search({ view }: { readonly view: MeshView }) {
  const address = useAddress();
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  useSearchKey(input);
  const owned = useAddressOwners(open ? addressIn(typed) : null).data ?? null;
  const hits = useMemo(() => (open ? searchHits(view, typed, owned) : []), [view, typed, open, owned]);

  const filter = (text: string) => {
    if (heedsText(address.path)) address.go({ text });
    else router.push(address.href("/connections", { text }));
  };
  const choose = (hit: SearchHit | undefined) => {
    if (hit === undefined) return;
    if (hit.selection === null) filter(typed.trim());
    else address.select(hit.selection);
    setTyped("");
    setOpen(false);
    input.current?.blur();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setActive((active + 1) % Math.max(1, hits.length));
    else if (event.key === "ArrowUp") setActive((active - 1 + hits.length) % Math.max(1, hits.length));
    else if (event.key === "Enter") choose(hits[active]);
    else if (event.key === "Escape") {
      setTyped("");
      input.current?.blur();
    } else return;
    event.preventDefault();
  };

  return (
    <div className="relative ml-auto max-md:w-8.5 max-md:shrink-0 max-md:focus-within:absolute max-md:focus-within:inset-x-2 max-md:focus-within:z-40 max-md:focus-within:w-auto md:max-w-80 md:min-w-0 md:flex-1">
      <Glass aria-hidden="true" size={14} className="pointer-events-none absolute top-2.25 left-2.5 text-quiet" />
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Search workloads and connections"
        aria-expanded={hits.length > 0}
        aria-controls={list}
        aria-activedescendant={hits.length > 0 ? `${list}-${active}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder="Search"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onBlur={() => {
          setOpen(false);
        }}
        onKeyDown={onKeyDown}
        className="h-8 w-full min-w-0 rounded-md border border-line bg-ground pl-8 placeholder:text-quiet focus:pr-7 md:pr-7"
      />
      <kbd aria-hidden="true" className="pointer-events-none absolute top-1.75 right-2 hidden rounded-sm border border-line px-1.25 font-mono text-xs leading-4 text-quiet md:block">
        /
      </kbd>
      <ul
        id={list}
        role="listbox"
        aria-label="Found"
        hidden={hits.length === 0}
        className="absolute top-full right-0 z-40 mt-1 max-h-[70dvh] w-[min(560px,calc(100vw-16px))] scroll-area rounded-lg border border-line bg-raised p-1 shadow-float"
      >
        {hits.map((hit, index) => (
          <Hit
            key={hit.key}
            hit={hit}
            id={`${list}-${index}`}
            active={index === active}
            onChoose={() => {
              choose(hit);
            }}
          />
        ))}
      </ul>
    </div>
  );
}
