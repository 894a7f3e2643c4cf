import type { Edge, MeshVerdicts } from "#mesh";
import { CONCERN_KINDS } from "./concerns.ts";
import { edgeViews } from "./edge.ts";
import type { AttentionView, ConcernKind, EdgeView, NamespaceView } from "./meshView.ts";
import { seenCounts } from "./seenCounts.ts";
import { disagreementClause } from "./sentences/disagreement.ts";
import { edgeName } from "./sentences/edge.ts";
import { partyName } from "./sentences/party.ts";
import { countText, plural, trafficText } from "./sentences/quantity.ts";
import { confidenceClause } from "./sentences/sender.ts";
import { unreportedPlaintext } from "./unreportedPlaintext.ts";

/** More of one kind than this is no list that anyone reads; the rest is counted. */
const OF_A_KIND = 20;

interface Concern {
  readonly atMs: (edge: Edge) => number | null;
  readonly weight: (edge: Edge) => number;
  readonly sentence: (edge: Edge) => string;
  readonly rest: string;
}

const CONCERNS: Readonly<Record<ConcernKind, Concern>> = {
  "past STRICT": {
    atMs: ({ lastPlaintextMs, lastSeenMs }) => lastPlaintextMs ?? lastSeenMs,
    weight: (edge) => seenCounts(edge).plaintext,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, seenCounts(edge).plaintext, "plaintext")}, though ${partyName(edge.server, edge.server)} is STRICT.`,
    rest: "that carried plaintext to STRICT servers",
  },
  plaintext: {
    atMs: ({ lastPlaintextMs, lastSeenMs }) => lastPlaintextMs ?? lastSeenMs,
    weight: (edge) => seenCounts(edge).plaintext,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, seenCounts(edge).plaintext, "plaintext")}, ${confidenceClause(edge)}.`,
    rest: "that carried plaintext",
  },
  "unreported plaintext": {
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: unreportedPlaintext,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, unreportedPlaintext(edge))}, unreported and plaintext by configuration.`,
    rest: "with unreported traffic that is plaintext by configuration",
  },
  refused: {
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: ({ counts }) => counts.refused,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, edge.counts.refused, "refused")}, ${confidenceClause(edge)}.`,
    rest: "with refusals",
  },
  "expected blocked": {
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: () => 0,
    sentence: (edge) => `${edgeName(edge)}: seen before, silent in the window, and it would be blocked now.`,
    rest: "that would be blocked now",
  },
  disagreement: {
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: () => 0,
    sentence: (edge) => `${edgeName(edge)}: ${disagreementClause(edge) ?? "does otherwise than configured"}.`,
    rest: "that do otherwise than configured",
  },
};

/** An edge that needs a person, and its place among all. */
interface Concerned {
  readonly edge: Edge;
  readonly position: number;
}

/** Of each kind, in one walk along all edges. */
function concernedEdges(edges: readonly Edge[], views: readonly EdgeView[]): ReadonlyMap<ConcernKind, readonly Concerned[]> {
  const found = new Map<ConcernKind, Concerned[]>(CONCERN_KINDS.map((kind) => [kind, []]));
  edges.forEach((edge, position) => {
    for (const kind of views[position]?.concerns ?? []) found.get(kind)?.push({ edge, position });
  });
  return found;
}

/** Most traffic first, in powers of two, so that a refresh moves next to nothing. Edges come by key. */
function weightiestFirst({ weight }: Concern, concerned: readonly Concerned[]): readonly Concerned[] {
  const magnitude = ({ edge }: Concerned): number => Math.floor(Math.log2(1 + weight(edge)));
  return concerned.toSorted((left, right) => magnitude(right) - magnitude(left) || left.position - right.position);
}

function told(kind: ConcernKind, concerned: readonly Concerned[], views: readonly EdgeView[]): readonly AttentionView[] {
  const concern = CONCERNS[kind];
  const listed = weightiestFirst(concern, concerned).slice(0, OF_A_KIND);
  const shown = listed.map(({ edge, position }): AttentionView => ({
    kind,
    sentence: concern.sentence(edge),
    atMs: concern.atMs(edge),
    edge: views[position]?.id ?? null,
    node: views[position]?.server ?? null,
    namespace: null,
    hidden: 0,
  }));
  const hidden = concerned.length - shown.length;
  if (hidden === 0) return shown;
  return [...shown, { kind, sentence: `${countText(hidden)} more ${hidden === 1 ? "connection" : "connections"} ${concern.rest}.`, atMs: null, edge: null, node: null, namespace: null, hidden }];
}

/** By how much traffic it is, and who was not seen, belongs to it. */
function readyText({ name, workloads, readiness: { sentence } }: NamespaceView): string {
  return `${name}, ${plural(workloads, "workload")}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

function readyNamespaces(namespaces: readonly NamespaceView[]): readonly AttentionView[] {
  const ready = namespaces.filter(({ readiness }) => readiness.kind === "ready");
  return ready.map((line) => ({ kind: "ready", sentence: readyText(line), atMs: null, edge: null, node: null, namespace: line.name, hidden: 0 }));
}

/** What needs a person, most urgent first, then good news. */
export function attention(verdicts: MeshVerdicts, namespaces: readonly NamespaceView[]): readonly AttentionView[] {
  const { views } = edgeViews(verdicts);
  const concerns = [...concernedEdges(verdicts.edges, views)].flatMap(([kind, concerned]) => told(kind, concerned, views));
  return [...concerns, ...readyNamespaces(namespaces)];
}
