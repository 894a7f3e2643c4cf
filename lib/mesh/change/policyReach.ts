import type { MeshChange } from "./change.ts";
import type { Engine } from "../engine.ts";
import { memoised } from "../order.ts";
import { Gathering } from "./reach.ts";
import type { MeshObject } from "../snapshot.ts";
import { touch } from "./touch.ts";
import type { EdgeIdentity } from "../traffic/configured.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "../vocabulary.ts";
import { namespaceOfHost, workloadIdParts } from "../vocabulary.ts";

/** Whether a workload is one that a Service leads to. */
type LeadsTo = (host: ServiceHost, server: WorkloadId, family: ProtocolFamily) => boolean;

type Alters = (edge: EdgeIdentity) => boolean;

function objectsOf({ add, remove, update }: MeshChange): readonly MeshObject[] {
  return [...add, ...remove, ...update.flat()];
}

/** Workloads of other namespaces to which services lead that the policies are for: clients ask the policy of the namespace that owns the host. */
function foreignServers({ hosts, worlds }: Gathering): ReadonlySet<WorkloadId> {
  const endpoints = worlds.flatMap(({ view: { everything: registry } }) => {
    const services = registry.outward.filter(({ host }) => hosts.has(host));
    return services.flatMap((service) => service.ports.flatMap((port) => registry.endpoints.of(service, port)));
  });
  return new Set(endpoints.flatMap(({ instance }) => (instance === null ? [] : [instance.told.workload])));
}

/** Under which of the hosts they are dialled; whoever dials an address may mean any of them. */
function foreignTest(gathering: Gathering): (server: WorkloadId, host: ServiceHost | null) => boolean {
  const foreign = foreignServers(gathering);
  if (foreign.size > 0) gathering.close();
  return (server, host) => foreign.has(server) && (host === null || gathering.everything || gathering.hosts.has(host));
}

/** A server that no report names: one of the namespace, or one of those selected that the Service leads to. */
function unnamedTest({ servers, workloads }: Gathering, leadsTo: LeadsTo): Alters {
  const byNamespace = Map.groupBy(workloads, (id) => workloadIdParts(id).namespace);
  return ({ host, family }) => {
    const namespace = host === null ? null : namespaceOfHost(host);
    if (host === null || namespace === null) return false;
    return servers.has(namespace) || (byNamespace.get(namespace) ?? []).some((id) => leadsTo(host, id, family));
  };
}

/**
 * Says of edges whether a change of PeerAuthentications can alter what configuration says of them. Such a policy is about servers: what their clients
 * do elsewhere stays as it is. Any other kind reaches everything.
 */
export function alteredBy(engine: Engine, change: MeshChange, leadsTo: LeadsTo): Alters {
  const objects = objectsOf(change);
  const gathering = new Gathering([{ engine, view: engine.overview }]);
  for (const object of objects) touch(object, gathering);
  if (gathering.everything || objects.some(({ kind }) => kind !== "PeerAuthentication")) return () => true;
  const { servers, workloads } = gathering;
  const isServer = memoised((id: WorkloadId) => workloads.has(id) || servers.has(workloadIdParts(id).namespace));
  const isForeign = foreignTest(gathering);
  const isUnnamed = unnamedTest(gathering, leadsTo);
  return (edge) => (edge.server.kind === "workload" ? isServer(edge.server.id) || isForeign(edge.server.id, edge.host) : isUnnamed(edge));
}
