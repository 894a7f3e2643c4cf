"use client";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import type { MeshView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { WORDS } from "../words.ts";
import { Popover } from "./Popover.tsx";

const SEARCH_FROM = 10;

function summary(chosen: readonly string[]): string {
  if (chosen.length === 0) return WORDS.allNamespaces;
  return chosen.length <= 2 ? chosen.join(", ") : `${chosen.length} namespaces`;
}

function Choices({ view }: { readonly view: MeshView }) {
  const { namespaces, amend } = useAddress();
  const [text, setText] = useState("");
  const names = [...new Set([...view.namespaces.map((namespace) => namespace.name), ...namespaces])].sort();
  const toggle = (name: string) => {
    amend({ namespaces: namespaces.includes(name) ? namespaces.filter((other) => other !== name) : [...namespaces, name] });
  };
  return (
    <div className="p-1">
      {names.length > SEARCH_FROM && (
        <input
          type="search"
          aria-label="Find a namespace"
          placeholder="Find a namespace"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
          className="mb-1 h-8 w-full rounded-md border border-line bg-ground px-2 placeholder:text-quiet"
        />
      )}
      <button
        type="button"
        disabled={namespaces.length === 0}
        onClick={() => {
          amend({ namespaces: [] });
        }}
        className="focus-inset flex h-8 w-full items-center rounded-md px-2 text-left hover:bg-hover disabled:text-quiet"
      >
        {namespaces.length === 0 ? "All namespaces are shown" : "Show all namespaces"}
      </button>
      <ul className="border-t border-line pt-1">
        {names
          .filter((name) => name.includes(text.trim().toLowerCase()))
          .map((name) => (
            <li key={name}>
              <label className="flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 hover:bg-hover">
                <input
                  type="checkbox"
                  className="accent-text"
                  checked={namespaces.includes(name)}
                  onChange={() => {
                    toggle(name);
                  }}
                />
                <span className="truncate font-mono text-sm">{name}</span>
              </label>
            </li>
          ))}
      </ul>
    </div>
  );
}

export function NamespacePicker({ view }: { readonly view: MeshView }) {
  const { namespaces } = useAddress();
  const text = summary(namespaces);
  return (
    <Popover
      label={`Scope: ${text}`}
      className="flex h-8 max-w-full min-w-0 items-center gap-1.5 rounded-md border border-line px-2 hover:bg-hover md:px-2.5"
      button={
        <>
          <span className="hidden text-quiet md:inline">scope</span>
          <span className={`max-w-40 truncate ${namespaces.length > 0 ? "font-mono text-sm" : ""}`}>{text}</span>
          <ChevronDown aria-hidden="true" size={14} className="shrink-0 text-quiet" />
        </>
      }
    >
      {() => <Choices view={view} />}
    </Popover>
  );
}
