import type { Edge, MeshChange, MeshObject, MeshVerdicts, Workload, WorkloadId } from "#mesh";
import { applyChange, isEmptySelector, judgeMesh, keptWith, memoised, workloadIdParts } from "#mesh";
import { refusedApiServerCalls } from "./apiServerCalls.ts";
import type { Consequence, ProposalPreview } from "./consequence.ts";
import { ownOf } from "./edit.ts";
import { previewProposal } from "./preview.ts";
import { proposalId } from "./proposal.ts";
import type { NoProposal, Proposal, ProposalScope } from "./proposal.ts";
import { proposalGround, proposeOn } from "./strict.ts";
import type { ProposalGround } from "./strict.ts";
import { unheardServers } from "./unheard.ts";
import { mayTake, unplacedIn } from "./unplaced.ts";
import { objectKey, waysAfter } from "./waysAfter.ts";

/** Previews of many scopes at once, and the scopes for which nothing is proposed. */
export interface Outlook {
  readonly previews: readonly ProposalPreview[];
  readonly others: readonly NoProposal[];
  /** workloads that could be offered too, beyond what anyone reads */
  readonly leftOut: number;
}

/** Of the workloads that are ready alone, those with the most connections. */
const OFFERED_AT_MOST = 200;

/** Changes of scopes that do not overlap, as one; an object that several write the same way is written once. */
function joined(changes: readonly MeshChange[]): MeshChange {
  const unique = <Entry>(entries: readonly Entry[], object: (entry: Entry) => MeshObject): readonly Entry[] => [...new Map(entries.map((entry) => [objectKey(object(entry)), entry])).values()];
  return {
    add: unique(changes.flatMap(({ add }) => add), (object) => object),
    update: unique(changes.flatMap(({ update }) => update), ([from]) => from),
    remove: unique(changes.flatMap(({ remove }) => remove), (object) => object),
  };
}

/**
 * What a proposal would do to every edge that it can reach: the same engine on the changed configuration.
 */
export function preview(verdicts: MeshVerdicts, proposal: Proposal): ProposalPreview {
  const judge = judgeMesh(applyChange(verdicts.snapshot.configuration, proposal.change), verdicts.judge);
  return previewProposal(verdicts, { judge }, proposal);
}

function outlook(ground: ProposalGround, scopes: readonly ProposalScope[]): { readonly proposals: readonly Proposal[]; readonly others: readonly NoProposal[] } {
  const drafted = scopes.map((scope) => proposeOn(ground, scope));
  return { proposals: drafted.filter((one) => one.kind === "proposal"), others: drafted.filter((one) => one.kind === "no proposal") };
}

function namespaces({ verdicts, workloadsByNamespace }: ProposalGround): readonly ProposalScope[] {
  const names = new Set([...verdicts.snapshot.configuration.objects.Namespace.map(({ name }) => name), ...workloadsByNamespace.keys()]);
  return [...names].sort().map((namespace) => ({ kind: "namespace", namespace }));
}

function serverId({ server }: Edge): WorkloadId | undefined {
  return server.kind === "workload" ? server.id : undefined;
}

interface Together {
  /** the id of the proposal that an edge is of */
  readonly owner: (edge: Edge) => string;
  readonly before?: MeshVerdicts | null;
}

/** Scopes that do not overlap are previewed together: one changed configuration, every edge asked once. */
function together(verdicts: MeshVerdicts, proposals: readonly Proposal[], { owner, before = null }: Together): readonly ProposalPreview[] {
  const [first] = proposals;
  if (first === undefined) return [];
  const change = joined(proposals.map((proposal) => proposal.change));
  const ways = waysAfter(verdicts, { name: `${first.scope.kind}s`, change }, before);
  const { consequences } = previewProposal(verdicts, ways, { ...first, change: ways.change });
  ways.settle(verdicts.edges.length);
  const byOwner = Map.groupBy(consequences, ({ edge }) => owner(edge));
  return proposals.map((proposal) => ({ proposal, consequences: byOwner.get(proposal.id) ?? [] }));
}

/** A policy of one workload may select others too: each proposal shows all that its own change reaches. */
function exceptionPreviews(verdicts: MeshVerdicts, proposals: readonly Proposal[]): readonly ProposalPreview[] {
  const all = together(verdicts, proposals, { owner: () => proposals[0]?.id ?? "" })[0]?.consequences ?? [];
  return proposals.map((proposal) => {
    const isReached = verdicts.judge.alteredBy(proposal.change);
    return { proposal, consequences: all.filter(({ edge }) => isReached(edge)) };
  });
}

/** The proposal for the namespace of the server, or for that of the Service where no report names the server. */
function namespaceOwner(): Together["owner"] {
  const idOf = memoised((namespace: string) => proposalId({ kind: "namespace", namespace }));
  const ofServer = memoised((id: WorkloadId) => idOf(workloadIdParts(id).namespace));
  return (edge) => (edge.server.kind === "workload" ? ofServer(edge.server.id) : idOf(unplacedIn(edge) ?? ""));
}

const namespaceOutlooks = keptWith((verdicts: MeshVerdicts, before: MeshVerdicts | null): Outlook => {
  const ground = proposalGround(verdicts);
  const { proposals, others } = outlook(ground, namespaces(ground));
  return { previews: together(verdicts, proposals, { owner: namespaceOwner(), before }), others, leftOut: 0 };
});

/**
 * What STRICT would do in every namespace: the ground of a namespace's readiness.
 * Worked out once per picture; the namespaces are judged together, since none reaches into another's servers.
 *
 * @param before the picture before: what is the same is taken over from its outlook. What comes out is the same, only sooner
 */
export function namespaceOutlook(verdicts: MeshVerdicts, before: MeshVerdicts | null = null): Outlook {
  return namespaceOutlooks(verdicts, before);
}

function workloadScope(id: WorkloadId): ProposalScope {
  return { kind: "workload", ...workloadIdParts(id) };
}

/** Workloads that a namespace's STRICT does not reach, because a policy of their own decides. */
function excepted(ground: ProposalGround): readonly Workload[] {
  const { snapshot, judge } = ground.verdicts;
  const selecting = new Set(snapshot.configuration.objects.PeerAuthentication.filter(({ selector }) => !isEmptySelector(selector)).map(({ namespace }) => namespace));
  const workloads = [...ground.workloadsByNamespace].flatMap(([namespace, all]) => (selecting.has(namespace) ? all : []));
  return workloads.filter(({ id }) => judge.peerModes(workloadScope(id)).some((mode) => ownOf(mode) !== undefined));
}

const BLOCKING: ReadonlySet<Consequence["consequence"]> = new Set(["becomes blocked", "uncertain"]);

type Ready = readonly [id: WorkloadId, consequences: readonly Consequence[]];

/**
 * In a namespace that is not ready, workloads that are: the namespace's preview is theirs, edge by edge.
 * Not those that the API server calls, nor those that were not heard whole themselves, nor those that may have taken what nobody else is known to have.
 *
 * @see rules PRE-27, PRE-30, PRE-31
 */
function readyAlone(verdicts: MeshVerdicts, previews: readonly ProposalPreview[], without: ReadonlySet<WorkloadId>): readonly Ready[] {
  const unheard = new Set(unheardServers(verdicts).map(({ workload }) => workload));
  const waiting = previews.filter(({ proposal, consequences }) => proposal.mode === "STRICT" && consequences.some(({ consequence }) => BLOCKING.has(consequence)));
  const ready = waiting.flatMap((preview) => {
    const called = new Set(refusedApiServerCalls(verdicts, preview).map(({ workload }) => workload));
    const unplaced = preview.consequences.filter(({ edge, consequence }) => edge.server.kind !== "workload" && BLOCKING.has(consequence));
    const isOut = (id: WorkloadId): boolean => [without, unheard, called].some((some) => some.has(id)) || unplaced.some(({ edge }) => mayTake(edge, id, verdicts.judge));
    return [...Map.groupBy(preview.consequences, ({ edge }) => serverId(edge))].flatMap(([id, own]): readonly Ready[] =>
      id === undefined || isOut(id) || own.some(({ consequence }) => BLOCKING.has(consequence)) ? [] : [[id, own]],
    );
  });
  return ready.sort(([left, lefts], [right, rights]) => rights.length - lefts.length || (left < right ? -1 : 1));
}

function offered(ground: ProposalGround, ready: readonly Ready[]): readonly ProposalPreview[] {
  return ready.slice(0, OFFERED_AT_MOST).flatMap(([id, consequences]) => {
    const proposal = proposeOn(ground, workloadScope(id));
    return proposal.kind === "proposal" ? [{ proposal, consequences }] : [];
  });
}

/**
 * Everything that could be made STRICT next: the mesh, each namespace, workloads that policies of their own keep open,
 * and workloads that are ready in a namespace that is not.
 */
export function strictOutlook(verdicts: MeshVerdicts): Outlook {
  const ground = proposalGround(verdicts);
  const wide = namespaceOutlook(verdicts);
  const mesh = outlook(ground, [{ kind: "mesh" }]);
  const exceptions = excepted(ground);
  const own = outlook(ground, exceptions.map(({ id }) => workloadScope(id)));
  const ready = readyAlone(verdicts, wide.previews, new Set(exceptions.map(({ id }) => id)));
  return {
    previews: [...together(verdicts, mesh.proposals, { owner: () => "mesh" }), ...wide.previews, ...exceptionPreviews(verdicts, own.proposals), ...offered(ground, ready)],
    others: [...mesh.others, ...wide.others],
    leftOut: Math.max(0, ready.length - OFFERED_AT_MOST),
  };
}
