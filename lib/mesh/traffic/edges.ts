import { Derivations } from "../derivations.ts";
import type { MeshJudge } from "../judge.ts";
import type { Reach } from "../reach.ts";
import type { MeshSnapshot } from "../snapshot.ts";
import type { WorkloadId } from "../vocabulary.ts";
import { workloadIdParts } from "../vocabulary.ts";
import { Directory } from "./directory.ts";
import { hostsDeclaredTls } from "./declaredTls.ts";
import type { Drafts, EdgeDraft, ResolvedRefusal } from "./draft.ts";
import { Drafting, type Entry } from "./drafting.ts";
import type { Edge, Party } from "./edge.ts";
import { edgeOf, type Context } from "./observedEdge.ts";
import { draftRefusals } from "./refusal.ts";

/** Edges, and what they were made from: enough to make only those anew that a change of the configuration reaches. */
export interface Observed {
  /** by key, ascending */
  readonly edges: readonly Edge[];
  readonly drafting: Drafting;
  /** one for each of the drafting's entries; `null` where rows came to nothing */
  readonly drawn: readonly (Edge | null)[];
  /** edges that lines tell of */
  readonly refused: Drafts;
  readonly context: Context;
  readonly derived: Derivations;
}

interface Before {
  readonly observed: Observed;
  readonly reach: Reach;
}

function isPartyIn(party: Party, namespaces: ReadonlySet<string>, workloads: ReadonlySet<WorkloadId>): boolean {
  if (party.kind !== "workload") return false;
  return workloads.has(party.id) || (namespaces.size > 0 && namespaces.has(workloadIdParts(party.id).namespace));
}

/** An address that was dialled may be any service's. */
function isReached({ client, server, host }: EdgeDraft, reach: Reach): boolean {
  if (reach.everything || host === null || reach.hosts.has(host)) return true;
  return isPartyIn(server.party, reach.servers, reach.workloads) || isPartyIn(client.party, reach.clients, reach.workloads);
}

/** Positions of edges that are to be made anew. */
function reachedBy({ drafting: { entries } }: Observed, reach: Reach): readonly number[] {
  const reached: number[] = [];
  for (const [at, { draft }] of entries.entries()) if (isReached(draft, reach)) reached.push(at);
  return reached;
}

function make({ draft, past }: Entry, drafting: Drafting, context: Context): Edge | null {
  const { drafts, before, pairs, pastPairs } = drafting;
  return edgeOf({ draft, pairs, drafts }, past === null ? null : { draft: past, pairs: pastPairs, drafts: before }, context);
}

interface Drawing {
  readonly drafting: Drafting;
  readonly refused: Drafts;
  readonly context: Context;
}

function sameLines(before: readonly ResolvedRefusal[], after: readonly ResolvedRefusal[]): boolean {
  return before.length === after.length && before.every(({ row, candidates }, at) => row === after[at]?.row && candidates.join() === after[at].candidates.join());
}

/** Keys of edges of which lines tell something else than before. */
function otherLines(before: Drafts, after: Drafts): readonly string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.filter((key) => !sameLines(before.get(key)?.refusals ?? [], after.get(key)?.refusals ?? []));
}

function draw({ drafting, refused, context }: Drawing, before: Before | null): readonly (Edge | null)[] {
  const { entries } = drafting;
  const anew = (entry: Entry): Edge | null => make({ ...entry, draft: refused.get(entry.draft.key) ?? entry.draft }, drafting, context);
  if (before === null || before.observed.drafting !== drafting || before.reach.everything) return entries.map(anew);
  const { observed, reach } = before;
  const drawn = [...observed.drawn];
  const lines = otherLines(observed.refused, refused).map((key) => drafting.find(key)).filter((at) => at >= 0);
  for (const at of new Set([...reachedBy(observed, reach), ...lines])) {
    const entry = entries[at];
    if (entry !== undefined) drawn[at] = anew(entry);
  }
  return drawn;
}

/** Edges that lines alone tell of. */
function drawnByLines({ drafting, refused, context }: Drawing): readonly Edge[] {
  const alone = [...refused.values()].filter(({ key }) => drafting.find(key) < 0);
  return alone.flatMap((draft) => make({ draft, past: null }, drafting, context) ?? []);
}

function isEdge(edge: Edge | null): edge is Edge {
  return edge !== null;
}

function inOrder(drawn: readonly (Edge | null)[], others: readonly Edge[]): readonly Edge[] {
  const edges = drawn.every(isEdge) ? drawn : drawn.filter(isEdge);
  return others.length === 0 ? edges : [...edges, ...others].sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** Rows, and what the mesh says of the names in them: as before, where they are the same and it says the same. */
function drafted({ telemetry }: MeshSnapshot, judge: MeshJudge, before: Observed | null): { readonly drafting: Drafting; readonly directory: Directory } {
  const kept = before?.drafting.telemetry === telemetry ? before.context.directory.of(judge) : null;
  if (before !== null && kept !== null) return { drafting: before.drafting, directory: kept };
  const directory = new Directory(judge);
  return { drafting: new Drafting(telemetry, directory), directory };
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
  derived.close();
  const { drafting, directory } = drafted(snapshot, judge, known);
  const drawing = { drafting, refused: draftRefusals(drafting, snapshot, judge), context: { judge, directory, declaredTls } };
  const drawn = draw(drawing, before);
  return { ...drawing, derived, drawn, edges: inOrder(drawn, drawnByLines(drawing)) };
}

/**
 * Every edge for which traffic or an attempt was observed in the window or the look-back, with its state.
 *
 * Equal input gives equal output, whatever the order of rows.
 * @see rules EDGE-1 to EDGE-13, OBS-1 to OBS-22, SND-1 to SND-6
 */
export function observeEdges(snapshot: MeshSnapshot, judge: MeshJudge): readonly Edge[] {
  return observe(snapshot, judge, null).edges;
}
