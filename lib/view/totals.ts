import type { Edge, EdgeState } from "#mesh";
import { EDGE_STATES } from "#mesh";
import type { CountsView, TotalsView } from "./meshView.ts";

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

/**
 * What was seen on an edge, in numbers. Of connections opened before the window only bytes may have been seen in it:
 * nobody told how many those were, one at least, and what happened is never shown as 0.
 */
export function seenCounts({ counts, observations }: Pick<Edge, "counts" | "observations">): CountsView {
  const older = observations.filter(({ counts: part, count, bytes }) => count === 0 && bytes > 0 && counts[part] === 0);
  return older.length === 0 ? counts : { ...counts, ...Object.fromEntries(older.map(({ counts: part }) => [part, 1])) };
}

/** Sums over edges. Requests and connections stay apart: one is not the other. */
export class EdgeSums {
  readonly #requests = noCounts();
  readonly #connections = noCounts();
  readonly #states = Object.fromEntries(EDGE_STATES.map((state) => [state, 0])) as Record<EdgeState, number>;

  add(edge: Pick<Edge, "family" | "counts" | "observations" | "state">): void {
    add(edge.family === "http" ? this.#requests : this.#connections, seenCounts(edge));
    this.#states[edge.state] += 1;
  }

  /** every state once, in the order of the state table */
  totals(workloads: number, workloadsWithoutProxy: number): TotalsView {
    const edges = EDGE_STATES.map((state) => ({ state, edges: this.#states[state] }));
    return { requests: { ...this.#requests }, connections: { ...this.#connections }, edges, workloads, workloadsWithoutProxy };
  }
}
