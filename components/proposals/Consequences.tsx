"use client";
import { useState } from "react";
import type { ConsequenceView, EdgeConsequence, NodeView, ProposalView } from "#view";
import { Prose } from "../Prose.tsx";
import { attempted, count, plural, traffic } from "../numbers.ts";
import { ReasonChain } from "../panels/ReasonChain.tsx";
import { Disclosure } from "../panels/Section.tsx";
import { EdgeLine } from "../state/EdgeLine.tsx";
import { CONSEQUENCE, CONSEQUENCES, WORDS } from "../words.ts";

const FEW = 20;
const STAYS: ReadonlySet<EdgeConsequence> = new Set(["already blocked", "stays plaintext", "stays unknown", "stays application TLS", "stays mTLS"]);

/** The part of the connection's traffic that the class speaks of, and of how much where it is not all. */
function amount({ edge, affected }: ConsequenceView): string {
  const all = attempted(edge.counts);
  const part = affected > 0 && affected < all ? `${count(affected)} of ` : "";
  return all === 0 ? "none in the window" : `${part}${traffic(edge.family, all, edge.extrapolated)}`;
}

function Row({ item, nodesById }: { readonly item: ConsequenceView; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-start">
      <EdgeLine edge={item.edge} nodesById={nodesById} note={<Prose text={item.sentence} />} amount={amount(item)} />
      {item.reasons.length > 0 && (
        <div className="contents [&>button]:mt-1">
          <Disclosure word="why" label={item.sentence}>
            <ReasonChain sentences={item.reasons} />
          </Disclosure>
        </div>
      )}
    </li>
  );
}

function Group({ consequence, items, nodesById }: { readonly consequence: EdgeConsequence; readonly items: readonly ConsequenceView[]; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  const [all, setAll] = useState(false);
  return (
    <section aria-label={consequence} className="mt-3 first:mt-0">
      <h4 className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{consequence}</span>
        <span className="text-sm text-quiet tabular-nums">
          {plural(items.length, "connection")}: {CONSEQUENCE[consequence]}
        </span>
      </h4>
      <ul className="-mx-2 mt-0.5">
        {(all ? items : items.slice(0, FEW)).map((item) => (
          <Row key={item.edge.id} item={item} nodesById={nodesById} />
        ))}
      </ul>
      {items.length > FEW && !all && (
        <button
          type="button"
          onClick={() => {
            setAll(true);
          }}
          className="-mx-2 h-7 rounded-md px-2 text-sm text-quiet hover:bg-hover hover:text-text"
        >
          Show all {items.length}
        </button>
      )}
    </section>
  );
}

/** What the change does, grouped by consequence, worst first; what stays as it is, on request. */
export function Consequences({ consequences, nodesById }: { readonly consequences: ProposalView["consequences"]; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  const [onlyChanges, setOnlyChanges] = useState(true);
  const groups = Map.groupBy(consequences, ({ consequence }) => consequence);
  const shown = CONSEQUENCES.filter((consequence) => groups.has(consequence) && !(onlyChanges && STAYS.has(consequence)));
  const staying = consequences.filter(({ consequence }) => STAYS.has(consequence)).length;
  return (
    <section aria-labelledby="consequences" className="border-t border-line px-4 py-3">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-3">
        <h3 id="consequences" className="font-semibold">
          What it does
        </h3>
        <label className="flex cursor-pointer items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="accent-text"
            checked={onlyChanges}
            onChange={(event) => {
              setOnlyChanges(event.target.checked);
            }}
          />
          {WORDS.onlyChanges}
          <span className="text-quiet">({plural(staying, "other")})</span>
        </label>
      </div>
      {shown.length === 0 && <p className="text-sm text-quiet">No connection that was seen changes.</p>}
      {shown.map((consequence) => (
        <Group key={consequence} consequence={consequence} items={groups.get(consequence) ?? []} nodesById={nodesById} />
      ))}
    </section>
  );
}
