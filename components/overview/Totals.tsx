"use client";
import Link from "next/link";
import { lengthText } from "#time-spans";
import type { EdgeState, MeshView, TotalsView } from "#view";
import { NO_FILTERS } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { attempted, count, plural } from "../numbers.ts";
import { StateBar } from "../state/StateBar.tsx";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { byUrgency, isPartlyUnclear } from "../state/stateTone.ts";
import { STATE_MEANING } from "../words.ts";
import { besideThat, headline } from "./headline.ts";
import type { OverviewScope } from "./overviewScope.ts";

/** What a number leaves out, and the link finds: mTLS with an unclear part. */
function besides(state: EdgeState, partlyUnclear: number): string {
  return state === "unclear" && partlyUnclear > 0 ? ` + ${count(partlyUnclear)}` : "";
}

function StateLinks({ totals, partlyUnclear }: { readonly totals: TotalsView; readonly partlyUnclear: number }) {
  const { href } = useAddress();
  const states = totals.edges.filter(({ state, edges }) => edges > 0 || (state === "unclear" && partlyUnclear > 0)).sort((a, b) => byUrgency(a.state, b.state));
  const link = (state: EdgeState) => href("/connections", { ...NO_FILTERS, states: [state] });
  return (
    <ul className="flex flex-wrap gap-x-1 gap-y-1">
      {states.map(({ state, edges }) => (
        <li key={state}>
          <Link href={link(state)} prefetch={false} title={besides(state, partlyUnclear) === "" ? STATE_MEANING[state] : `${STATE_MEANING[state]}, and mTLS with a part of that kind`} className="-ml-1 flex h-7 items-center gap-1.5 rounded-md px-2 text-sm tabular-nums hover:bg-hover">
            <StateGlyph state={state} />
            {state}
            <span className="font-medium">
              {count(edges)}
              {besides(state, partlyUnclear)}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const FEW_NAMES = 3;

/** Whose connections these are, where it is not the whole mesh. */
function whose(namespaces: readonly string[]): string {
  return namespaces.length > FEW_NAMES ? `the ${plural(namespaces.length, "namespace")} chosen` : namespaces.join(" or ");
}

function Between({ totals, namespaces }: { readonly totals: TotalsView; readonly namespaces: readonly string[] }) {
  const edges = totals.edges.reduce((sum, entry) => sum + entry.edges, 0);
  const connections = plural(edges, "client–server connection");
  const workloads = `${plural(totals.workloads, "workload")}, ${count(totals.workloadsWithoutProxy)} of them without a proxy`;
  return <p className="mt-1 text-quiet">{namespaces.length === 0 ? `${connections} between ${workloads}.` : `${connections} that begin or end in ${whose(namespaces)}; ${workloads}.`}</p>;
}

/** Every total beside the whole it belongs to; requests and TCP connections in bars of their own. */
export function Totals({ view, scope }: { readonly view: MeshView; readonly scope: OverviewScope }) {
  const { namespaces } = useAddress();
  const { totals } = scope;
  const beside = besideThat(scope.unreported);
  const requests = attempted(totals.requests);
  const connections = attempted(totals.connections);
  const time = `in ${lengthText(view.window.seconds)}`;
  return (
    <section aria-labelledby="totals">
      <h2 id="totals" className="text-xl font-semibold tracking-tight text-balance">
        {headline(totals)}
        {beside !== "" && <span className="mt-1 block text-base font-medium tracking-normal">{beside}</span>}
      </h2>
      <Between totals={totals} namespaces={namespaces} />
      <div className="mt-2 mb-5 ml-0">
        <StateLinks totals={totals} partlyUnclear={scope.edges.filter(isPartlyUnclear).length} />
      </div>
      <div className="space-y-5">
        <StateBar title="HTTP requests" whole={`${plural(requests, "request")} ${time}`} counts={totals.requests} />
        <StateBar title="TCP connections" whole={`${plural(connections, "TCP connection")} ${time}`} counts={totals.connections} />
      </div>
    </section>
  );
}
