import type { CountsView, EdgeView, MeshView, Rectangle } from "#view";
import { curveBetween, parallels } from "./curve.ts";
import type { Curve } from "./curve.ts";
import { edgeLine } from "./edgeLine.ts";
import type { EdgeLine } from "./edgeLine.ts";
import type { EdgeState } from "./graphProps.ts";

/** Edges of one state between the same two boxes as one line. */
export interface Bundle {
  readonly id: string;
  /** ids of boxes, or of groups of parties that stand beside one */
  readonly client: string;
  readonly server: string;
  readonly line: EdgeLine;
  readonly curve: Curve;
  readonly edges: number;
}

export interface Bundled {
  readonly between: readonly Bundle[];
  /** edges inside a box, by box and state: they are counted there, as no line can show them */
  readonly inside: ReadonlyMap<string, ReadonlyMap<EdgeState, number>>;
}

interface Sum {
  readonly client: string;
  readonly server: string;
  readonly state: EdgeState;
  counts: CountsView;
  configured: EdgeView["configured"];
  edges: number;
}

interface Standing {
  /** boxes and groups of parties */
  readonly places: readonly (Rectangle & { readonly id: string })[];
  /** by node */
  readonly homes: ReadonlyMap<string, string>;
  /** ids of the edges that are drawn */
  readonly shown: ReadonlySet<string>;
}

export function bundleEdges(view: MeshView, { places, homes, shown }: Standing): Bundled {
  const placesById = new Map(places.map((place) => [place.id, place]));
  const sums = new Map<string, Sum>();
  const inside = new Map<string, Map<EdgeState, number>>();
  for (const edge of view.edges) {
    const [client, server] = [homes.get(edge.client), homes.get(edge.server)];
    if (client === undefined || server === undefined || !shown.has(edge.id)) continue;
    if (client === server) count(inside, client, edge.state);
    else add(sums, { client, server, edge });
  }
  const ends = [...sums].map(([id, sum]) => ({ id, client: sum.client, server: sum.server }));
  const among = parallels(ends);
  const between = ends.flatMap((end): Bundle[] => {
    const [from, to, parallel, sum] = [placesById.get(end.client), placesById.get(end.server), among.get(end.id), sums.get(end.id)];
    if (from === undefined || to === undefined || parallel === undefined || sum === undefined) return [];
    return [{ ...end, edges: sum.edges, line: edgeLine(sum, view.window.seconds), curve: curveBetween(from, to, parallel) }];
  });
  return { between, inside };
}

function count(into: Map<string, Map<EdgeState, number>>, box: string, state: EdgeState): void {
  const states = into.get(box) ?? new Map<EdgeState, number>();
  states.set(state, (states.get(state) ?? 0) + 1);
  into.set(box, states);
}

function add(into: Map<string, Sum>, { client, server, edge }: { readonly client: string; readonly server: string; readonly edge: EdgeView }): void {
  const key = [client, server, edge.state].join("\n");
  const sum = into.get(key);
  if (sum === undefined) {
    into.set(key, { client, server, state: edge.state, counts: edge.counts, configured: edge.configured, edges: 1 });
    return;
  }
  sum.edges += 1;
  sum.configured = [...new Set([...sum.configured, ...edge.configured])];
  sum.counts = {
    mtls: sum.counts.mtls + edge.counts.mtls,
    plaintext: sum.counts.plaintext + edge.counts.plaintext,
    tls: sum.counts.tls + edge.counts.tls,
    unclear: sum.counts.unclear + edge.counts.unclear,
    refused: sum.counts.refused + edge.counts.refused,
  };
}
