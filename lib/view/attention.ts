import type { Edge, MeshVerdicts } from "#mesh";
import { edgeViews } from "./edge.ts";
import type { AttentionView, EdgeView, NamespaceView } from "./meshView.ts";
import { seenCounts } from "./seenCounts.ts";
import { disagreementClause } from "./sentences/disagreement.ts";
import { edgeName } from "./sentences/edge.ts";
import { partyName } from "./sentences/party.ts";
import { isPastStrict } from "./sentences/pastStrict.ts";
import { countText, plural, trafficText } from "./sentences/quantity.ts";
import { confidenceClause } from "./sentences/sender.ts";
import { unreportedPlaintext } from "./unreportedPlaintext.ts";

/** More of one kind than this is no list that anyone reads; the rest is counted. */
const OF_A_KIND = 20;

interface Concern {
  readonly kind: Exclude<AttentionView["kind"], "ready">;
  readonly test: (edge: Edge) => boolean;
  readonly atMs: (edge: Edge) => number | null;
  readonly weight: (edge: Edge) => number;
  readonly sentence: (edge: Edge) => string;
  readonly rest: string;
}

const CONCERNS: readonly Concern[] = [
  {
    kind: "disagreement",
    test: isPastStrict,
    atMs: ({ lastPlaintextMs, lastSeenMs }) => lastPlaintextMs ?? lastSeenMs,
    weight: (edge) => seenCounts(edge).plaintext,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, seenCounts(edge).plaintext, "plaintext")}, though ${partyName(edge.server, edge.server)} is STRICT.`,
    rest: "that carried plaintext to STRICT servers",
  },
  {
    kind: "plaintext",
    test: (edge) => seenCounts(edge).plaintext > 0 && !isPastStrict(edge),
    atMs: ({ lastPlaintextMs, lastSeenMs }) => lastPlaintextMs ?? lastSeenMs,
    weight: (edge) => seenCounts(edge).plaintext,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, seenCounts(edge).plaintext, "plaintext")}, ${confidenceClause(edge)}.`,
    rest: "that carried plaintext",
  },
  {
    kind: "unreported plaintext",
    test: (edge) => unreportedPlaintext(edge) > 0,
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: unreportedPlaintext,
    sentence: (edge) => `${edgeName(edge)}: ${trafficText(edge.family, unreportedPlaintext(edge))}, unreported and plaintext by configuration.`,
    rest: "with unreported traffic that is plaintext by configuration",
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
    test: (edge) => edge.disagreement !== null && !isPastStrict(edge),
    atMs: ({ lastSeenMs }) => lastSeenMs,
    weight: () => 0,
    sentence: (edge) => `${edgeName(edge)}: ${disagreementClause(edge) ?? "does otherwise than configured"}.`,
    rest: "that do otherwise than configured",
  },
];

/** An edge that needs a person, and its place among all. */
interface Concerned {
  readonly edge: Edge;
  readonly position: number;
}

/** Of each concern, in one walk along all edges. */
function concernedEdges(edges: readonly Edge[]): ReadonlyMap<Concern, readonly Concerned[]> {
  const found = new Map<Concern, Concerned[]>(CONCERNS.map((concern) => [concern, []]));
  edges.forEach((edge, position) => {
    for (const concern of CONCERNS) if (concern.test(edge)) found.get(concern)?.push({ edge, position });
  });
  return found;
}

/** Most traffic first, in powers of two, so that a refresh moves next to nothing. Edges come by key. */
function weightiestFirst({ weight }: Concern, concerned: readonly Concerned[]): readonly Concerned[] {
  const magnitude = ({ edge }: Concerned): number => Math.floor(Math.log2(1 + weight(edge)));
  return concerned.toSorted((left, right) => magnitude(right) - magnitude(left) || left.position - right.position);
}

function told(concern: Concern, concerned: readonly Concerned[], views: readonly EdgeView[]): readonly AttentionView[] {
  const listed = weightiestFirst(concern, concerned).slice(0, OF_A_KIND);
  const shown = listed.map(({ edge, position }): AttentionView => ({
    kind: concern.kind,
    sentence: concern.sentence(edge),
    atMs: concern.atMs(edge),
    edge: views[position]?.id ?? null,
    node: views[position]?.server ?? null,
    namespace: null,
    hidden: 0,
  }));
  const hidden = concerned.length - shown.length;
  if (hidden === 0) return shown;
  return [...shown, { kind: concern.kind, sentence: `${countText(hidden)} more ${hidden === 1 ? "connection" : "connections"} ${concern.rest}.`, atMs: null, edge: null, node: null, namespace: null, hidden }];
}

/** By how much traffic it is, and who was not seen, belongs to it. */
function readyText({ name, workloads, readiness: { sentence } }: NamespaceView): string {
  return `${name}, ${plural(workloads, "workload")}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

function readyNamespaces(namespaces: readonly NamespaceView[]): readonly AttentionView[] {
  const ready = namespaces.filter(({ readiness }) => readiness.kind === "ready");
  return ready.map((line) => ({ kind: "ready", sentence: readyText(line), atMs: null, edge: null, node: null, namespace: line.name, hidden: 0 }));
}

/** What needs a person, most urgent first: plaintext past STRICT, other plaintext, what is plaintext by configuration alone, refusals, what would be refused, contradictions, then good news. */
export function attention(verdicts: MeshVerdicts, namespaces: readonly NamespaceView[]): readonly AttentionView[] {
  const { views } = edgeViews(verdicts);
  const concerns = [...concernedEdges(verdicts.edges)].flatMap(([concern, concerned]) => told(concern, concerned, views));
  return [...concerns, ...readyNamespaces(namespaces)];
}
