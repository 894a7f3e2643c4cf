import { Derivations } from "../change/derivations.ts";
import type { MeshJudge } from "../judge.ts";
import { insertedByKey } from "../order.ts";
import type { Reach } from "../change/reach.ts";
import type { Configuration, MeshSnapshot } from "../snapshot.ts";
import type { Gap } from "../verdict.ts";
import { configuredFor, type ConfiguredAnswer } from "./configured.ts";
import { Directory } from "./directory.ts";
import { hostsDeclaredTls } from "./declaredTls.ts";
import type { EdgeDraft, ResolvedRefusal } from "./draft.ts";
import { Drafting } from "./drafting.ts";
import type { Edge } from "./edge.ts";
import { edgeOf, type Context } from "./observedEdge.ts";
import { isReached } from "./reachIndex.ts";
import type { LineEnds, Refused } from "./refusal.ts";
import { draftRefusals } from "./refusal.ts";
import type { RefusalRow } from "./telemetry.ts";
import type { TrustDomains } from "./trustDomains.ts";
import { trustDomainsOf, trustDomainsText } from "./trustDomains.ts";

/** Edges, and what they were made from: enough to make only those anew that a change of the configuration reaches. */
export interface Observed {
  /** by key, ascending */
  readonly edges: readonly Edge[];
  readonly drafting: Drafting;
  /** one for each of the drafts; `null` where rows came to nothing */
  readonly drawn: readonly (Edge | null)[];
  /** what configuration says of each of them */
  readonly answers: readonly ConfiguredAnswer[];
  /** edges that lines alone tell of */
  readonly alone: ReadonlyMap<EdgeDraft, Edge>;
  /** of these edges, in their order */
  readonly gaps: readonly Gap[];
  /** edges that lines tell of */
  readonly refused: Refused;
  readonly context: Context;
  readonly derived: Derivations;
}

interface Before {
  readonly observed: Observed;
  readonly reach: Reach;
}

interface Making {
  readonly draft: EdgeDraft;
  readonly configured: ConfiguredAnswer;
  /** as it was, where all but what configuration says of it is the same */
  readonly known: Edge | null;
}

function make({ draft, configured, known }: Making, { drafting, context }: Drawing): Edge | null {
  const { window, lookBack } = drafting;
  const { past } = draft;
  const told = { now: { draft, span: window }, past: past === null ? null : { draft: past, span: lookBack }, configured };
  return edgeOf(told, context, known);
}

interface Drawing {
  readonly drafting: Drafting;
  readonly refused: Refused;
  readonly context: Context;
}

function sameLines(before: readonly ResolvedRefusal[], after: readonly ResolvedRefusal[]): boolean {
  return before.length === after.length && before.every(({ row, candidates }, at) => row === after[at]?.row && candidates.join() === after[at].candidates.join());
}

/** Keys of edges of which lines tell something else than before. */
function otherLines(before: Refused, after: Refused): readonly string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.filter((key) => !sameLines(before.get(key)?.refusals ?? [], after.get(key)?.refusals ?? []));
}

type Drawn = Pick<Observed, "drawn" | "answers" | "gaps">;

function gapsOf(drawn: readonly (Edge | null)[]): readonly Gap[] {
  const gaps: Gap[] = [];
  for (const edge of drawn) if (edge !== null && edge.gaps.length > 0) gaps.push(...edge.gaps);
  return gaps;
}

function hasGaps(edge: Edge | null | undefined): boolean {
  return edge !== null && edge !== undefined && edge.gaps.length > 0;
}

/** Positions of edges that are to be made anew. */
function reachedBy({ drafting, refused }: Drawing, { observed, reach }: Before): Set<number> {
  const reached = drafting.reach.reachedBy(reach);
  for (const key of otherLines(observed.refused, refused)) {
    const at = drafting.find(key);
    if (at >= 0) reached.add(at);
  }
  return reached;
}

/** How edges were, for those that are made anew from the same rows and lines in a mesh of the same workloads. The rows being the same, so are the names in them. */
function knownEdges({ refused, context }: Drawing, before: Observed | null): (draft: EdgeDraft, at: number) => Edge | null {
  const was = before?.context;
  const isSameMesh = was?.declaredTls === context.declaredTls && was.judge.workloads === context.judge.workloads;
  if (before === null || !isSameMesh) return () => null;
  return ({ key }, at) => (before.refused.get(key) === refused.get(key) ? (before.drawn[at] ?? null) : null);
}

/** What configuration said of edges, where the same judge was asked. These are asked for by key, ascending, as they were drafted. */
function knownAnswers({ context }: Drawing, before: Observed | null): (draft: EdgeDraft) => ConfiguredAnswer | null {
  if (before === null || before.context.judge !== context.judge) return () => null;
  const { drafting: { drafts }, answers } = before;
  let at = 0;
  return ({ key }) => {
    while (at < drafts.length && (drafts[at] as EdgeDraft).key < key) at += 1;
    return drafts[at]?.key === key ? (answers[at] ?? null) : null;
  };
}

type Anew = (draft: EdgeDraft, at: number, configured: ConfiguredAnswer) => Edge | null;

/** Edges as they were, but for those that a change reaches. */
function redraw(drawing: Drawing, { observed, reach }: Before, anew: Anew): Drawn {
  const [drawn, answers] = [[...observed.drawn], [...observed.answers]];
  let touchesGaps = false;
  for (const at of reachedBy(drawing, { observed, reach })) {
    const draft = drawing.drafting.drafts[at];
    if (draft === undefined) continue;
    const configured = configuredFor(drawing.context.judge, draft);
    const edge = anew(draft, at, configured);
    touchesGaps ||= hasGaps(drawn[at]) || hasGaps(edge);
    drawn[at] = edge;
    answers[at] = configured;
  }
  return { drawn, answers, gaps: touchesGaps ? gapsOf(drawn) : observed.gaps };
}

/** Drafts with the lines that belong to them: those that lines tell of, which are few, take the place of their drafts. */
function withLines({ drafting, refused }: Drawing): readonly EdgeDraft[] {
  const drafts = [...drafting.drafts];
  for (const draft of refused.values()) {
    const at = drafting.find(draft.key);
    if (at >= 0) drafts[at] = draft;
  }
  return drafts;
}

function draw(drawing: Drawing, before: Before | null): Drawn {
  const { drafting, refused, context: { judge } } = drawing;
  const sameRows = before?.observed.drafting === drafting ? before : null;
  const known = knownEdges(drawing, sameRows?.observed ?? null);
  const anew: Anew = (draft, at, configured) => make({ draft, configured, known: known(draft, at) }, drawing);
  if (sameRows !== null && !sameRows.reach.everything) return redraw(drawing, sameRows, (draft, at, configured) => anew(refused.get(draft.key) ?? draft, at, configured));
  const answered = knownAnswers(drawing, before?.observed ?? null);
  const [drawn, answers]: [(Edge | null)[], ConfiguredAnswer[]] = [[], []];
  withLines(drawing).forEach((draft, at) => {
    const configured = answered(draft) ?? configuredFor(judge, draft);
    answers.push(configured);
    drawn.push(anew(draft, at, configured));
  });
  return { drawn, answers, gaps: gapsOf(drawn) };
}

/** As it was, where the same lines tell the same of it. */
function toldBefore({ refused, alone }: Observed, draft: EdgeDraft): Edge | undefined {
  const was = refused.get(draft.key);
  return was !== undefined && sameLines(was.refusals, draft.refusals) ? alone.get(was) : undefined;
}

/** Edges that lines alone tell of. */
function drawnByLines(drawing: Drawing, before: Before | null): ReadonlyMap<EdgeDraft, Edge> {
  const { drafting, refused } = drawing;
  const kept = before?.observed.drafting === drafting && !before.reach.everything ? before : null;
  const drawn = new Map<EdgeDraft, Edge>();
  for (const draft of refused.values()) {
    if (drafting.find(draft.key) >= 0) continue;
    const known = kept === null || isReached(kept.reach, { client: draft.client.party, server: draft.server.party, host: draft.host }) ? undefined : toldBefore(kept.observed, draft);
    const edge = known ?? make({ draft, configured: configuredFor(drawing.context.judge, draft), known: null }, drawing);
    if (edge !== null) drawn.set(draft, edge);
  }
  return drawn;
}

function inOrder(drawn: readonly (Edge | null)[], others: Iterable<Edge>): readonly Edge[] {
  const edges = drawn.includes(null) ? drawn.filter((edge) => edge !== null) : (drawn as readonly Edge[]);
  return insertedByKey(edges, [...others]);
}

/** Rows, and what the mesh says of the names in them: as before, where they are the same and it says the same. */
function drafted({ telemetry }: MeshSnapshot, { judge, domains }: { readonly judge: MeshJudge; readonly domains: TrustDomains | null }, before: Observed | null): { readonly drafting: Drafting; readonly directory: Directory } {
  const kept = before?.drafting.telemetry === telemetry ? before.context.directory.of(judge, domains) : null;
  if (before !== null && kept !== null) return { drafting: before.drafting, directory: kept };
  const directory = new Directory(judge, domains);
  return { drafting: new Drafting(telemetry, directory), directory };
}

/** Beside the instances themselves: what says which ports they have, and of which hosts these are. */
function portsGoBy({ objects, clusterDomain }: Configuration): readonly unknown[] {
  const { Service, ServiceEntry, EndpointSlice, Sidecar, Namespace, MeshConfig, ControlPlane } = objects;
  return [Service, ServiceEntry, EndpointSlice, Sidecar, Namespace, MeshConfig, ControlPlane, clusterDomain];
}

/**
 * What was observed, and with `before` only what a change of the configuration reaches made anew: what comes out is the same.
 *
 * Linear in rows and edges; the engine is asked once per edge.
 */
export function observe(snapshot: MeshSnapshot, judge: MeshJudge, before: Before | null): Observed {
  const { configuration } = snapshot;
  const known = before?.observed ?? null;
  const derived = new Derivations(known?.derived ?? null);
  const { objects, clusterDomain } = configuration;
  const declaredTls = derived.of("hosts declared TLS", [objects.Service, objects.ServiceEntry, clusterDomain], () => hostsDeclaredTls(configuration));
  const read = trustDomainsOf(configuration);
  const domains = derived.of("trust domains", [trustDomainsText(read)], () => read);
  const { drafting, directory } = drafted(snapshot, { judge, domains }, known);
  const memo = derived.of("how lines are read", portsGoBy(configuration), () => new WeakMap<RefusalRow, LineEnds>());
  const refused = derived.of("lines", [drafting, judge.workloads, memo], () => draftRefusals(drafting, { judge, memo }));
  derived.close();
  const drawing = { drafting, refused, context: { judge, directory, declaredTls } };
  const { drawn, answers, gaps } = draw(drawing, before);
  const alone = drawnByLines(drawing, before);
  return { ...drawing, derived, drawn, answers, alone, gaps, edges: inOrder(drawn, alone.values()) };
}

/**
 * Every edge for which traffic or an attempt was observed in the window or the look-back, with its state.
 *
 * Equal input gives equal output, whatever the order of rows.
 * @see rules EDGE-1 to EDGE-13, OBS-1 to OBS-26, SND-1 to SND-9
 */
export function observeEdges(snapshot: MeshSnapshot, judge: MeshJudge): readonly Edge[] {
  return observe(snapshot, judge, null).edges;
}
