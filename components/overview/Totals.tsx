"use client";
import Link from "next/link";
import type { EdgeState, MeshView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { attempted, duration, plural } from "../numbers.ts";
import { StateBar } from "../state/StateBar.tsx";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { byUrgency } from "../state/stateTone.ts";
import { STATE_MEANING } from "../words.ts";
import { headline } from "./headline.ts";

function StateLinks({ view }: { readonly view: MeshView }) {
  const { href } = useAddress();
  const states = view.totals.edges.filter(({ edges }) => edges > 0).sort((a, b) => byUrgency(a.state, b.state));
  const link = (state: EdgeState) => href("/connections", { states: [state] });
  return (
    <ul className="flex flex-wrap gap-x-1 gap-y-1">
      {states.map(({ state, edges }) => (
        <li key={state}>
          <Link href={link(state)} prefetch={false} title={STATE_MEANING[state]} className="-ml-1 flex h-7 items-center gap-1.5 rounded-md px-2 text-sm tabular-nums hover:bg-hover">
            <StateGlyph state={state} />
            {state}
            <span className="font-medium">{edges}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Every total beside the whole it belongs to; requests and TCP connections in bars of their own. */
export function Totals({ view }: { readonly view: MeshView }) {
  const { totals, window } = view;
  const requests = attempted(totals.requests);
  const connections = attempted(totals.connections);
  const edges = totals.edges.reduce((sum, entry) => sum + entry.edges, 0);
  const time = `in ${duration(window.seconds)}`;
  return (
    <section aria-labelledby="totals">
      <h2 id="totals" className="text-xl font-semibold tracking-tight text-balance">
        {headline(view)}
      </h2>
      <p className="mt-1 text-quiet">
        {plural(edges, "client–server connection")} between {plural(totals.workloads, "workload")}, {totals.workloadsWithoutProxy} of them without a proxy.
      </p>
      <div className="mt-2 mb-5 ml-0">
        <StateLinks view={view} />
      </div>
      <div className="space-y-5">
        <StateBar title="HTTP requests" whole={`${plural(requests, "request")} ${time}`} counts={totals.requests} />
        <StateBar title="TCP connections" whole={`${plural(connections, "TCP connection")} ${time}`} counts={totals.connections} />
      </div>
    </section>
  );
}
