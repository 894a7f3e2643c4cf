import type { Edge, MeshVerdicts } from "#mesh";
import { viewsOf } from "./edge.ts";
import type { AttentionView, NamespaceView } from "./meshView.ts";
import { edgeName } from "./sentences/edge.ts";
import { countText, plural, trafficText } from "./sentences/quantity.ts";
import { confidenceClause } from "./sentences/sender.ts";

/** More of one kind than this is no list that anyone reads; the rest is counted. */
const OF_A_KIND = 20;

interface Concern {
  readonly kind: Exclude<AttentionView["kind"], "ready" | "gap">;
  readonly test: (edge: Edge) => boolean;
  readonly atMs: (edge: Edge) => number | null;
  readonly weight: (edge: Edge) => number;
  readonly sentence: (edge: Edge) => string;
  readonly rest: string;
}

const CONCERNS: readonly Concern[] = [
  {
    kind: "plaintext",
    test: ({ counts }) => counts.plaintext > 0,
    atMs: ({ lastPlaintextMs, lastSeenMs }) => lastPlaintextMs ?? lastSeenMs,
    weight: ({ counts }) => counts.plaintext,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, edge.counts.plaintext, "plaintext")}, ${confidenceClause(edge)}.`,
    rest: "that carried plaintext",
  },
  {
    kind: "refused",
    test: ({ counts }) => counts.refused > 0,
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: ({ counts }) => counts.refused,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, edge.counts.refused, "refused")}, ${confidenceClause(edge)}.`,
    rest: "with refusals",
  },
  {
    kind: "expected blocked",
    test: ({ state }) => state === "expected blocked",
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: () => 0,
    sentence: (edge) => `${edgeName(edge)}: seen before, silent in the window, and it would be blocked now.`,
    rest: "that would be blocked now",
  },
  {
    kind: "disagreement",
    test: ({ disagreement }) => disagreement !== null,
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: () => 0,
    sentence: (edge) => `${edgeName(edge)}: ${edge.disagreement ?? "does otherwise than configured"}.`,
    rest: "that do otherwise than configured",
  },
];

/** Most traffic first, in powers of two, so that a refresh moves next to nothing. */
function weightiestFirst(concern: Concern, edges: readonly Edge[]): readonly Edge[] {
  const magnitude = (edge: Edge): number => Math.floor(Math.log2(1 + concern.weight(edge)));
  return edges.filter(concern.test).sort((left, right) => magnitude(right) - magnitude(left) || (left.key < right.key ? -1 : 1));
}

function concerned(concern: Concern, verdicts: MeshVerdicts): readonly AttentionView[] {
  const edges = weightiestFirst(concern, verdicts.edges);
  const listed = edges.slice(0, OF_A_KIND);
  const views = viewsOf(listed, verdicts);
  const shown = listed.map((edge, position): AttentionView => ({
    kind: concern.kind,
    sentence: concern.sentence(edge),
    atMs: concern.atMs(edge),
    edge: views[position]?.id ?? null,
    node: views[position]?.server ?? null,
    namespace: null,
  }));
  const hidden = edges.length - shown.length;
  if (hidden === 0) return shown;
  return [...shown, { kind: concern.kind, sentence: `${countText(hidden)} more ${hidden === 1 ? "connection" : "connections"} ${concern.rest}.`, atMs: null, edge: null, node: null, namespace: null }];
}

function readyNamespaces(namespaces: readonly NamespaceView[]): readonly AttentionView[] {
  const ready = namespaces.filter(({ readiness }) => readiness.kind === "ready");
  return ready.map(({ name, workloads }) => ({ kind: "ready", sentence: `${name}: ready for STRICT, ${plural(workloads, "workload")}.`, atMs: null, edge: null, node: null, namespace: name }));
}

/** What needs a person, most urgent first: plaintext, refusals, what would be refused, contradictions, then good news. */
export function attention(verdicts: MeshVerdicts, namespaces: readonly NamespaceView[]): readonly AttentionView[] {
  return [...CONCERNS.flatMap((concern) => concerned(concern, verdicts)), ...readyNamespaces(namespaces)];
}
