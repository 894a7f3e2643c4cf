import type { Answer, ClientMode, ConfiguredPath, Edge, MeshJudge, MeshVerdicts, Observation, ServerMode, Transport } from "#mesh";
import { memoised } from "#mesh";
import { concernsOf } from "./concerns.ts";
import type { EdgeDetailView, EvidenceView, PathView } from "./detailView.ts";
import { edgeEnds, namesAt, sameEdges, type EdgeEnds, type EdgeNames } from "./ends.ts";
import type { DisagreementView, EdgeView } from "./meshView.ts";
import { seenCounts } from "./seenCounts.ts";
import { causeClause, explanation } from "./sentences/cause.ts";
import { disagreementClause } from "./sentences/disagreement.ts";
import { edgeSentence } from "./sentences/edge.ts";
import { evidenceSentence } from "./sentences/evidence.ts";
import { sentence } from "./sentences/quantity.ts";
import { gapView, verdictView } from "./sentences/reason.ts";
import { wayVerdict } from "./sentences/way.ts";
import { unreportedPlaintext } from "./unreportedPlaintext.ts";
import { raiseSentence, senderSentence } from "./sentences/sender.ts";

type Word = Transport | ServerMode | ClientMode | "unknown";

function wordOf<T extends string>(answer: Answer<T>): T | "unknown" {
  return answer.kind === "known" ? answer.value : "unknown";
}

/** A list of one. Nearly all that is said of edges is one of a few words: each edge with lists of its own would be the most of a large picture. */
const alone = memoised((word: Word): readonly Word[] => [word]);

function distinct<T extends Exclude<Word, "unknown">>(configured: readonly ConfiguredPath[], verdict: (path: ConfiguredPath) => Answer<T>): readonly (T | "unknown")[] {
  const words = new Set<T | "unknown">();
  for (const path of configured) words.add(wordOf(verdict(path)));
  const [first, ...others] = words;
  return first !== undefined && others.length === 0 ? (alone(first) as readonly (typeof first)[]) : [...words];
}

function disagreementView(edge: Edge): DisagreementView | null {
  const { disagreement } = edge;
  const text = disagreementClause(edge);
  return disagreement === null || text === null ? null : { text, transports: disagreement.transports, isDenied: disagreement.isDenied };
}

// Field by field: an object that is spread into another takes half as much memory again.
function viewOf(edge: Edge, { id, client, server }: EdgeNames, judge: MeshJudge): EdgeView {
  const { configured } = edge;
  return {
    id,
    client,
    server,
    host: edge.host,
    family: edge.family,
    state: edge.state,
    counts: seenCounts(edge),
    unreportedPlaintext: unreportedPlaintext(edge),
    bytes: edge.bytes,
    extrapolated: edge.extrapolated,
    lastSeenMs: edge.lastSeenMs,
    lastPlaintextMs: edge.lastPlaintextMs,
    lastSeenAfterMs: edge.lastSeenAfterMs ?? null,
    lastPlaintextAfterMs: edge.lastPlaintextAfterMs ?? null,
    confidence: edge.sender.confidence,
    configured: distinct<Transport>(configured, ({ verdict }) => verdict.transport),
    accepts: distinct<ServerMode>(configured, ({ verdict }) => verdict.serverMode),
    sends: distinct<ClientMode>(configured, ({ verdict }) => verdict.clientMode),
    sentence: edgeSentence(edge, judge),
    disagreement: disagreementView(edge),
    concerns: concernsOf(edge),
  };
}

/** The edges of one picture as they are drawn, in its order; every page that shows one shows the same object. */
export interface EdgeViews {
  readonly views: readonly EdgeView[];
  readonly ends: EdgeEnds;
  /** positions by id; made when one is looked for */
  positions: ReadonlyMap<string, number> | null;
}

const drawn = new WeakMap<MeshVerdicts, EdgeViews>();

interface Before {
  readonly edges: readonly Edge[];
  readonly drawn: EdgeViews;
}

/** How the picture before was drawn, where it showed the same edges: one that no change reached is the same object, and every sentence about it is the same. */
function drawnBefore({ edges }: MeshVerdicts, before: MeshVerdicts | null): Before | null {
  const known = before === null ? undefined : drawn.get(before);
  return before === null || known === undefined || !sameEdges(before.edges, edges) ? null : { edges: before.edges, drawn: known };
}

function draw({ edges, judge }: MeshVerdicts, before: Before | null): EdgeViews {
  const ends = before?.drawn.ends ?? edgeEnds(edges);
  const views = edges.map((edge, at) => (before?.edges[at] === edge ? before.drawn.views[at] : undefined) ?? viewOf(edge, namesAt(ends, at), judge));
  return { views, ends, positions: null };
}

/** @param before the picture before: what did not change is taken from it, as it was drawn */
export function edgeViews(verdicts: MeshVerdicts, before: MeshVerdicts | null = null): EdgeViews {
  const kept = drawn.get(verdicts);
  if (kept !== undefined) return kept;
  const made = draw(verdicts, drawnBefore(verdicts, before));
  drawn.set(verdicts, made);
  return made;
}

function positionOf(memo: EdgeViews, id: string): number {
  memo.positions ??= new Map(memo.views.map((view, position) => [view.id, position]));
  return memo.positions.get(id) ?? -1;
}

/** Some edges of a picture, drawn. One of an older picture is drawn as it was then. */
export function viewsOf(edges: readonly Edge[], verdicts: MeshVerdicts): readonly EdgeView[] {
  const { views } = edgeViews(verdicts);
  const wanted = new Set(edges);
  const found = new Map<Edge, EdgeView>();
  verdicts.edges.forEach((edge, position) => {
    const view = wanted.has(edge) ? views[position] : undefined;
    if (view !== undefined) found.set(edge, view);
  });
  return edges.map((edge) => found.get(edge) ?? viewOf(edge, namesAt(edgeEnds([edge]), 0), verdicts.judge));
}

function pathView(path: ConfiguredPath, edge: Edge, judge: MeshJudge): PathView {
  const { port, portName, targetPort, pairs, clientInstance, serverInstance } = path;
  const verdict = wayVerdict(edge, path, judge);
  return {
    port, portName, targetPort, pairs, clientInstance, serverInstance,
    accepts: verdictView(verdict.serverMode),
    sends: verdictView(verdict.clientMode),
    transport: verdictView(verdict.transport),
    authorization: verdictView(verdict.authorization),
  };
}

function evidenceView(observation: Observation, edge: Edge): EvidenceView {
  const { rule, counts, count, lastSeenMs } = observation;
  return { text: evidenceSentence(observation, edge), rule, counts, count, lastSeenMs };
}

/**
 * One edge with everything that is known of it: each way it can go, each report, who sends it, why, and what to do.
 *
 * @returns `undefined` where the picture holds no edge of this id
 */
export function presentEdge(verdicts: MeshVerdicts, id: string): EdgeDetailView | undefined {
  const all = edgeViews(verdicts);
  const position = positionOf(all, id);
  const [edge, view] = [verdicts.edges[position], all.views[position]];
  if (edge === undefined || view === undefined) return undefined;
  const { sender } = edge;
  const explained = explanation(edge, verdicts.judge);
  return {
    edge: view,
    paths: edge.configured.map((path) => pathView(path, edge, verdicts.judge)),
    evidence: edge.observations.map((observation) => evidenceView(observation, edge)),
    sender: {
      confidence: sender.confidence,
      sentence: senderSentence(edge, verdicts.judge),
      principals: sender.principals,
      addresses: sender.addresses,
      candidates: sender.candidates,
      raise: raiseSentence(edge),
    },
    queries: verdicts.snapshot.telemetry.queries,
    cause: explained === null ? null : sentence(causeClause(explained)),
    fix: explained === null ? null : sentence(explained.fix(verdicts)),
    gaps: edge.gaps.map(gapView),
  };
}
