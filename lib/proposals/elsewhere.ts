import type { Configuration, Edge, Gap, MeshJudge, MeshVerdicts, ServiceEntry } from "#mesh";
import { isEmptySelector, memoised, namespaceOfHost } from "#mesh";
import { inScope } from "./coverage.ts";
import { listed } from "./listed.ts";
import type { ProposalScope } from "./proposal.ts";
import { unplacedIn } from "./unplaced.ts";

/** Where an edge leads that ends at no workload that is known. */
type Elsewhere =
  /** nothing there obeys a PeerAuthentication, and clients do not ask one about it; or refused by the client's own proxy */
  | "outside"
  /** a proxy passed it on as it was, and does not say where to */
  | "passed on"
  /** a host or an address of the mesh, or one that may be: no report names the workload */
  | "in the mesh";

function leadsInto({ location, workloadSelector, endpoints }: ServiceEntry, judge: MeshJudge): boolean {
  return location === "MESH_INTERNAL" || !isEmptySelector(workloadSelector) || endpoints.some(({ address }) => judge.instancesByAddress(address).length > 0);
}

function entryTest({ objects }: Configuration, judge: MeshJudge): (host: string) => boolean {
  const hosts = objects.ServiceEntry.filter((entry) => leadsInto(entry, judge)).flatMap((entry) => entry.hosts.map((host) => host.toLowerCase()));
  return memoised((host: string) => hosts.some((own) => own === host || (own.startsWith("*.") && host.endsWith(own.slice(1)))));
}

function elsewhereTest({ snapshot: { configuration }, judge }: Pick<MeshVerdicts, "snapshot" | "judge">): (edge: Edge) => Elsewhere | null {
  const isEntry = entryTest(configuration, judge);
  return (edge) => {
    switch (edge.server.kind) {
      case "workload":
        return null;
      case "node":
        return "outside";
      case "address":
        return judge.instancesByAddress(edge.server.address).length > 0 ? "in the mesh" : "outside";
      case "unidentified":
        return "in the mesh";
      case "external":
        return unplacedIn(edge) === null ? ofHost(edge.server.host.toLowerCase(), isEntry) : null;
    }
  };
}

function ofHost(host: string, isEntry: (host: string) => boolean): Elsewhere {
  if (host === "passthroughcluster") return "passed on";
  if (host === "blackholecluster") return "outside";
  // a name without a dot may be any Service's
  return !host.includes(".") || namespaceOfHost(host) !== null || isEntry(host) ? "in the mesh" : "outside";
}

function edgesTo(verdicts: MeshVerdicts, wanted: Elsewhere): readonly Edge[] {
  const elsewhere = elsewhereTest(verdicts);
  return verdicts.edges.filter((edge) => elsewhere(edge) === wanted);
}

/** What clients of a scope send outside the mesh: a change of PeerAuthentications does nothing to it. @see rule PRE-32 */
export function outgoingOf(verdicts: MeshVerdicts, scope: ProposalScope): readonly Edge[] {
  return edgesTo(verdicts, "outside").filter(({ client }) => {
    const workload = client.kind === "workload" ? verdicts.judge.workloads.get(client.id) : undefined;
    return workload !== undefined && inScope(scope, workload);
  });
}

function mayBeIn(scope: ProposalScope, { server, host }: Edge): boolean {
  const namespace = server.kind === "external" ? namespaceOfHost(host ?? server.host) : null;
  return scope.kind === "mesh" || namespace === null || namespace === scope.namespace;
}

function connections(edges: readonly Edge[]): string {
  return `${edges.length} ${edges.length === 1 ? "connection" : "connections"}`;
}

/** Edges that may end in a scope, for all that is known. @see rule PRE-32 */
export function elsewhereDoubts(verdicts: MeshVerdicts, scope: ProposalScope): readonly Gap[] {
  const passedOn = edgesTo(verdicts, "passed on");
  const unnamed = edgesTo(verdicts, "in the mesh").filter((edge) => mayBeIn(scope, edge));
  const servers = [...new Set(unnamed.map(({ server }) => (server.kind === "external" ? server.host : server.kind === "address" ? server.address : "nobody knows")))].sort();
  return [
    ...(passedOn.length === 0 ? [] : [{ wanted: `where ${connections(passedOn)} ${passedOn.length === 1 ? "leads that a client's proxy passed on as it was" : "lead that clients' proxies passed on as they were"} (PassthroughCluster)`, because: "their reports name no address: what went to a pod here is judged only where that pod's own proxy reported it" }]),
    ...(unnamed.length === 0 ? [] : [{ wanted: `what becomes of ${connections(unnamed)} to ${listed(servers)}`, because: "only clients told of them, and no report names the workload that takes them" }]),
  ];
}
