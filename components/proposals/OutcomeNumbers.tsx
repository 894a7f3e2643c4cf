import type { EdgeConsequence, EdgeState, ProposalView } from "#view";
import { count, plural } from "../numbers.ts";
import { StateGlyph } from "../state/StateGlyph.tsx";

interface Shown {
  readonly consequence: EdgeConsequence;
  readonly label: string;
  readonly state: EdgeState;
}

const NUMBERS = {
  staysMtls: { consequence: "stays mTLS", label: "stay mTLS", state: "mTLS" },
  becomesMtls: { consequence: "becomes mTLS", label: "become mTLS", state: "mTLS" },
  becomesBlocked: { consequence: "becomes blocked", label: "become blocked", state: "blocked" },
  becomesAccepted: { consequence: "becomes accepted", label: "become accepted", state: "plaintext" },
  staysPlaintext: { consequence: "stays plaintext", label: "still plaintext", state: "plaintext" },
  uncertain: { consequence: "uncertain", label: "uncertain", state: "unclear" },
} as const satisfies Readonly<Record<string, Shown>>;

/** STRICT makes nothing mTLS: it refuses what is not. The way back refuses nothing: it lets in. */
const OF: Readonly<Record<ProposalView["mode"] | "reopening", readonly Shown[]>> = {
  STRICT: [NUMBERS.staysMtls, NUMBERS.becomesBlocked, NUMBERS.staysPlaintext, NUMBERS.uncertain],
  PERMISSIVE: [NUMBERS.becomesMtls, NUMBERS.becomesBlocked, NUMBERS.staysPlaintext, NUMBERS.uncertain],
  reopening: [NUMBERS.becomesAccepted, NUMBERS.staysMtls, NUMBERS.staysPlaintext, NUMBERS.uncertain],
};

const NONE = { edges: 0, requests: 0, connections: 0 };

/**
 * The decision in numbers of connections, with the traffic each speaks of; a connection of which some becomes this and some that counts in both.
 * A zero is a number only where something arrived.
 */
export function OutcomeNumbers({ preview: { totals }, of }: { readonly preview: Pick<ProposalView, "totals">; readonly of: keyof typeof OF }) {
  const isSilent = totals.every(({ consequence, requests, connections }) => consequence === "already blocked" || requests + connections === 0);
  return (
    <dl className="grid grid-cols-2 gap-px border-t border-line bg-line @md:grid-cols-4">
      {OF[of].map(({ consequence, label, state }) => {
        const { edges, requests, connections } = totals.find((entry) => entry.consequence === consequence) ?? NONE;
        const traffic = [requests > 0 ? plural(requests, "request") : "", connections > 0 ? plural(connections, "TCP connection") : ""].filter((part) => part !== "");
        return (
          <div key={consequence} className="flex flex-col-reverse justify-end bg-ground px-4 py-3">
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
