import type { Edge, EdgeState } from "#mesh";
import { EDGE_STATES } from "#mesh";
import type { CountsView, TotalsView } from "./meshView.ts";
import { seenCounts } from "./seenCounts.ts";

type Sum = { -readonly [Part in keyof CountsView]: CountsView[Part] };

function noCounts(): Sum {
  return { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
}

function add(into: Sum, counts: CountsView): void {
  into.mtls += counts.mtls;
  into.plaintext += counts.plaintext;
  into.tls += counts.tls;
  into.unclear += counts.unclear;
  into.refused += counts.refused;
}

/** Sums over edges. Requests and connections stay apart: one is not the other. */
export class EdgeSums {
  readonly #requests = noCounts();
  readonly #connections = noCounts();
  readonly #states = Object.fromEntries(EDGE_STATES.map((state) => [state, 0])) as Record<EdgeState, number>;

  add(edge: Pick<Edge, "family" | "counts" | "bytes" | "observations" | "state">): void {
    add(edge.family === "http" ? this.#requests : this.#connections, seenCounts(edge));
    this.#states[edge.state] += 1;
  }

  /** every state once, in the order of the state table */
  totals(workloads: number, workloadsWithoutProxy: number): TotalsView {
    const edges = EDGE_STATES.map((state) => ({ state, edges: this.#states[state] }));
    return { requests: { ...this.#requests }, connections: { ...this.#connections }, edges, workloads, workloadsWithoutProxy };
  }
}
