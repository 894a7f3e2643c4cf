"use client";
import { usePathname, useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { formatAddress, heeded, parseAddress, type Address, type Selection } from "./address.ts";

export interface AddressBar extends Address {
  readonly path: string;
  /** a step that the back button undoes */
  readonly go: (change: Partial<Address>) => void;
  /** a correction of the step one is on, such as typing */
  readonly amend: (change: Partial<Address>) => void;
  readonly select: (selection: Selection | null) => void;
  /** the address of a page with what is set here and heeded there, changed by `change`; each page has its own order of rows */
  readonly href: (path: string, change?: Partial<Address>) => string;
}

/** Parses the address in two parts, so that a new selection leaves filters and order the same objects: nothing is filtered again for it. */
function useStableAddress(query: string): Address {
  const { selection, ...parsed } = useMemo(() => parseAddress(new URLSearchParams(query)), [query]);
  const filterText = formatAddress({ ...parsed, selection: null });
  const filters = useMemo(() => parseAddress(new URLSearchParams(filterText)), [filterText]);
  return useMemo(() => ({ ...filters, selection }), [filters, selection]);
}

/** The address as state. Changes go through the History API: they ask the server for nothing. */
export function useAddress(): AddressBar {
  // under app/ neither is ever null; Next's types allow it as soon as there is a pages/ folder
  const path = usePathname() ?? "/";
  const query = useSearchParams()?.toString() ?? "";
  const address = useStableAddress(query);

  const href = useCallback(
    (to: string, change: Partial<Address> = {}) => {
      const kept = to === path ? address : { ...heeded(to, address), sort: null };
      return `${to}${formatAddress({ ...kept, ...change })}`;
    },
    [address, path],
  );
  const go = useCallback(
    (change: Partial<Address>) => {
      window.history.pushState(null, "", href(path, change));
    },
    [href, path],
  );
  const amend = useCallback(
    (change: Partial<Address>) => {
      window.history.replaceState(null, "", href(path, change));
    },
    [href, path],
  );
  const select = useCallback(
    (selection: Selection | null) => {
      const same = selection?.kind === address.selection?.kind && selection?.id === address.selection?.id;
      if (!same) go({ selection });
    },
    [go, address.selection],
  );
  return { ...address, path, go, amend, select, href };
}
