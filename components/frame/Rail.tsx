"use client";
import { Box, FileCheck2, LayoutDashboard, LockOpen, Rows3, SearchAlert, Waypoints, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import type { MeshView } from "#view";
import { NO_FILTERS } from "../address/address.ts";
import { indexNodes, inScope } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { count } from "../numbers.ts";
import { PAGES, WORDS, type PagePath } from "../words.ts";
import { Logo } from "./Logo.tsx";

const ICONS: Readonly<Record<PagePath, LucideIcon>> = {
  "/": LayoutDashboard,
  "/graph": Waypoints,
  "/connections": Rows3,
  "/workloads": Box,
  "/senders": LockOpen,
  "/findings": SearchAlert,
  "/proposals": FileCheck2,
};

/** How many things wait on a page, in the namespaces that are looked at; only pages where a number asks for something have one. */
function waiting(path: PagePath, view: MeshView | undefined, namespaces: readonly string[]): number {
  if (view === undefined || path !== "/senders") return 0;
  const plaintext = view.edges.filter((edge) => edge.counts.plaintext > 0);
  const inside = namespaces.length === 0 ? plaintext : plaintext.filter(inScope({ ...NO_FILTERS, namespaces }, indexNodes(view)));
  return new Set(inside.map((edge) => edge.client)).size;
}

function Item({ path, label, short, view }: { readonly path: PagePath; readonly label: string; readonly short: string; readonly view: MeshView | undefined }) {
  const address = useAddress();
  const Icon = ICONS[path];
  const here = address.path === path;
  const number = useMemo(() => waiting(path, view, address.namespaces), [path, view, address.namespaces]);
  return (
    <li className="min-w-0 flex-1 md:flex-none">
      <Link
        href={address.href(path)}
        prefetch={false}
        aria-current={here ? "page" : undefined}
        title={label}
        className={`focus-inset flex h-14 flex-col items-center justify-center gap-0.5 rounded-md text-[9.5px]/3 tracking-tighter md:px-1 md:tracking-normal md:h-8 md:flex-row md:justify-center md:gap-2.5 md:text-base lg:justify-start lg:px-2.5 ${
          here ? "font-medium text-text md:bg-selected" : "text-quiet hover:bg-hover hover:text-text"
        }`}
      >
        <Icon aria-hidden="true" size={17} strokeWidth={here ? 2 : 1.7} className="shrink-0" />
        <span className="max-w-full truncate md:sr-only lg:not-sr-only lg:truncate">
          <span className="md:hidden">{short}</span>
          <span className="hidden md:inline">{label}</span>
        </span>
        {number > 0 && (
          <span className="ml-auto hidden text-xs text-quiet tabular-nums lg:inline">
            {count(number)}
            <span className="sr-only"> sending plaintext</span>
          </span>
        )}
      </Link>
    </li>
  );
}

/** The pages: a rail on the left, a bar at the bottom of a phone. */
export function Rail({ view }: { readonly view: MeshView | undefined }) {
  return (
    <nav
      aria-label="Pages"
      className="order-last flex shrink-0 border-t border-line bg-surface md:order-first md:w-14 md:flex-col md:border-t-0 md:border-r lg:w-58"
    >
      <p className="hidden h-12 items-center justify-center gap-2.5 px-4 font-semibold tracking-tight md:flex lg:justify-start">
        <Logo />
        <span className="sr-only lg:not-sr-only">{WORDS.product}</span>
      </p>
      <ul className="flex w-full md:flex-col md:gap-0.5 md:px-2 md:py-1">
        {PAGES.map((page) => (
          <Item key={page.path} {...page} view={view} />
        ))}
      </ul>
      {view !== undefined && (
        <dl className="mt-auto hidden px-4.5 py-3 text-xs text-quiet lg:block">
          <dt className="sr-only">Mesh</dt>
          <dd className="truncate" title={view.mesh.name}>
            {view.mesh.name}
          </dd>
          {view.mesh.istioVersions.length > 0 && <dd>Istio {view.mesh.istioVersions.join(", ")}</dd>}
        </dl>
      )}
    </nav>
  );
}
