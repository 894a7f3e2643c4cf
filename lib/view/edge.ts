import type { ClientMode, ConfiguredPath, Edge, MeshVerdicts, Observation, ServerMode, Transport, Verdict } from "#mesh";
import type { EdgeDetailView, EvidenceView, PathView } from "./detailView.ts";
import { edgeIds, nodeId } from "./identify.ts";
import type { EdgeView } from "./meshView.ts";
import { causeClause, explanation } from "./sentences/cause.ts";
import { edgeSentence } from "./sentences/edge.ts";
import { evidenceSentence } from "./sentences/evidence.ts";
import { sentence } from "./sentences/quantity.ts";
import { gapView, verdictView } from "./sentences/reason.ts";
import { raiseSentence, senderSentence } from "./sentences/sender.ts";

function distinct<T extends string>(configured: readonly ConfiguredPath[], verdict: (path: ConfiguredPath) => Verdict<T>): readonly (T | "unknown")[] {
  const values = new Set<T | "unknown">();
  for (const path of configured) {
    const answer = verdict(path);
    values.add(answer.kind === "known" ? answer.value : "unknown");
  }
  return [...values];
}

function viewOf(edge: Edge, id: string, verdicts: MeshVerdicts): EdgeView {
  const { configured } = edge;
  return {
    id,
    client: nodeId(edge.client, edge.server),
    server: nodeId(edge.server, edge.server),
    host: edge.host,
    family: edge.family,
    state: edge.state,
    counts: edge.counts,
    bytes: edge.bytes,
    extrapolated: edge.extrapolated,
    lastSeenMs: edge.lastSeenMs,
    lastPlaintextMs: edge.lastPlaintextMs,
    confidence: edge.sender.confidence,
    configured: distinct<Transport>(configured, ({ verdict }) => verdict.transport),
    accepts: distinct<ServerMode>(configured, ({ verdict }) => verdict.serverMode),
    sends: distinct<ClientMode>(configured, ({ verdict }) => verdict.clientMode),
    sentence: edgeSentence(edge, verdicts.judge),
    disagreement: edge.disagreement,
  };
}

const views = new WeakMap<Edge, EdgeView>();

/** An edge as graph, table and lists draw it. Every list of one picture holds the same object. */
export function edgeView(edge: Edge, verdicts: MeshVerdicts): EdgeView {
  const view = views.get(edge) ?? viewOf(edge, edgeIds(verdicts).byEdge.get(edge) ?? "", verdicts);
  views.set(edge, view);
  return view;
}

function pathView(path: ConfiguredPath): PathView {
  const { port, portName, targetPort, pairs, clientInstance, serverInstance, verdict } = path;
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
  const edge = edgeIds(verdicts).byId.get(id);
  if (edge === undefined) return undefined;
  const { sender } = edge;
  const explained = explanation(edge, verdicts.judge);
  return {
    edge: edgeView(edge, verdicts),
    paths: edge.configured.map(pathView),
    evidence: edge.observations.map((observation) => evidenceView(observation, edge)),
    sender: {
      confidence: sender.confidence,
      sentence: senderSentence(edge),
      principals: sender.principals,
      addresses: sender.addresses,
      candidates: sender.candidates,
      raise: raiseSentence(sender.confidence),
    },
    queries: verdicts.snapshot.telemetry.queries,
    cause: explained === null ? null : sentence(causeClause(explained)),
    fix: explained === null ? null : sentence(explained.fix),
    gaps: edge.gaps.map(gapView),
  };
}
