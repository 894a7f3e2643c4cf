import type { EdgeConsequence, EdgeState, ProposalView } from "#view";
import { attempted, count, plural } from "../numbers.ts";
import { StateGlyph } from "../state/StateGlyph.tsx";

interface Shown {
  readonly consequence: EdgeConsequence;
  readonly label: string;
  readonly state: EdgeState;
}

/** STRICT makes nothing mTLS: it refuses what is not. */
const MTLS: Readonly<Record<ProposalView["mode"], Shown>> = {
  STRICT: { consequence: "stays mTLS", label: "stay mTLS", state: "mTLS" },
  PERMISSIVE: { consequence: "becomes mTLS", label: "become mTLS", state: "mTLS" },
};
const REST: readonly Shown[] = [
  { consequence: "becomes blocked", label: "become blocked", state: "blocked" },
  { consequence: "uncertain", label: "uncertain", state: "unclear" },
];

const NONE = { edges: 0, requests: 0, connections: 0 };

/** The decision in three numbers of connections, with the traffic each speaks of. A zero is a number only where something was seen. */
export function ThreeNumbers({ proposal: { totals, consequences, mode } }: { readonly proposal: ProposalView }) {
  const isSilent = consequences.every(({ edge }) => attempted(edge.counts) === 0);
  return (
    <dl className="grid grid-cols-3 border-t border-line">
      {[MTLS[mode], ...REST].map(({ consequence, label, state }) => {
        const { edges, requests, connections } = totals.find((entry) => entry.consequence === consequence) ?? NONE;
        const traffic = [requests > 0 ? plural(requests, "request") : "", connections > 0 ? plural(connections, "TCP connection") : ""].filter((part) => part !== "");
        return (
          <div key={consequence} className="flex flex-col-reverse justify-end border-l border-line px-4 py-3 first:border-l-0">
            <dt className="text-sm text-quiet">
              {label}
              <span className="block text-xs tabular-nums">{traffic.join(", ")}</span>
            </dt>
            <dd className={`flex items-center gap-2 text-2xl font-semibold tabular-nums ${edges === 0 ? "text-quiet" : ""}`}>
              {isSilent && edges === 0 ? "–" : count(edges)}
              {edges > 0 && <StateGlyph state={state} size={20} />}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
