import type { MeshVerdicts, ObjectRef, Workload } from "#mesh";
import { beforeThat } from "./captureFix.ts";
import { endpointFix, injectionsIn, joinFix } from "./injection.ts";
import { listText } from "./quantity.ts";
import { objectName } from "./reason.ts";
import { decider, decisive, dialledService, joinedBecause, servingInstance } from "./scene.ts";
import type { FixClause, Scene } from "./scene.ts";

const TLS_MODE = "security.istio.io/tlsMode";
const TUNNEL = "networking.istio.io/tunnel";

/** Ztunnel and waypoints know the tunnel alone: a sidecar does not help them, unless it takes the tunnel. */
export function needsTunnel({ clientWorkload, path }: Scene): boolean {
  const { clientMode } = path.verdict;
  const sends = clientMode.kind === "known" ? clientMode.value : null;
  return sends === "ZT_PLAINTEXT" || sends === "HBONE" || clientWorkload?.instances.some(({ dataPlaneMode }) => dataPlaneMode === "waypoint") === true;
}

function canBeEnrolled(workload: Workload): boolean {
  return workload.instances.every(({ kind, hostNetwork }) => kind === "Pod" && !hostNetwork);
}

/** Clients know a machine with a proxy by its serviceAccount. */
function ofMachines(workload: Workload | undefined): string {
  const entries = (workload?.instances ?? []).filter(({ kind }) => kind === "WorkloadEntry").map(({ ref }) => `WorkloadEntry ${ref.namespace}/${ref.name}`);
  return entries.length === 0 ? "" : `, and set the serviceAccount of ${listText(entries)}, by which clients know that it has one`;
}

/** A server without a proxy into the mesh, in the way that serves this client. */
export const joinServer: FixClause = (scene, verdicts) => {
  const { server, serverWorkload: workload } = scene;
  const injections = injectionsIn(verdicts);
  const joins = `${joinFix({ name: server, workload, otherwise: null }, injections)}${ofMachines(workload)}`;
  if (workload === undefined || !needsTunnel(scene) || !canBeEnrolled(workload) || injections.of(workload).isAmbient) return joins;
  return `label the pods of ${server} istio.io/dataplane-mode=ambient: a sidecar would take no tunnel from ${scene.client} unless it is made for one`;
};

/** What lets a sidecar take the tunnel. */
export function takeTunnel(scene: Scene): string {
  const { server, serverWorkload } = scene;
  if (servingInstance(scene)?.dataPlaneMode === "grpc-proxyless") return `enrol ${server} in ambient in place of its gRPC agent, which takes no tunnel`;
  const entry = serverWorkload?.instances.find(({ kind }) => kind === "WorkloadEntry");
  if (entry !== undefined) return `run the proxy of ${server} with ISTIO_META_ENABLE_HBONE=true, and label WorkloadEntry ${entry.ref.namespace}/${entry.ref.name} ${TUNNEL}=http`;
  return `set ISTIO_META_ENABLE_HBONE=true in the proxies of ${server} and restart it: its pods then carry the label ${TUNNEL}=http, which alone opens no tunnel; or take its sidecar away and enrol it in ambient`;
}

function gatewayName(scene: Scene): string {
  const object = joinedBecause(scene).findLast((step) => step.object?.kind === "Gateway")?.object ?? null;
  return object === null ? "its Gateway" : objectName(object);
}

/** A gateway takes what its servers are for, and takes part in no auto mTLS. */
export function takeAtGateway(scene: Scene): string {
  if (needsTunnel(scene)) return `let what ${scene.client} sends be TLS of its own, to a server of ${gatewayName(scene)} with tls.mode SIMPLE: no tunnel ends at a gateway`;
  return `give ${gatewayName(scene)} a server with tls.mode ISTIO_MUTUAL on a port of its own, and ${scene.edge.host ?? "the host"} a DestinationRule with tls.mode ISTIO_MUTUAL for that port: either alone is refused`;
}

function isHeadless(scene: Scene, { snapshot: { configuration } }: MeshVerdicts): boolean {
  const service = dialledService(scene);
  return service !== null && configuration.objects.Service.some(({ namespace, name, clusterIPs }) => namespace === service.namespace && name === service.name && clusterIPs.includes("None"));
}

/** An ambient pod is reached through the tunnel alone: whatever a DestinationRule says, and no label helps. */
export const sendTunnel: FixClause = (scene, verdicts) => {
  const { client, server } = scene;
  if (servingInstance(scene)?.labels[TLS_MODE] === "istio") return `take the label ${TLS_MODE} off the pods of ${server}, so that proxies use its tunnel`;
  if (isHeadless(scene, verdicts)) return `let ${client} dial a Service of ${server} that has an address: ${server} is in ambient, and proxies reach no tunnel behind a headless Service`;
  return `let the istiod of ${client} send tunnels (PILOT_ENABLE_AMBIENT=true, PILOT_ENABLE_SENDING_HBONE not false), since ${server} is in ambient; the label ${TLS_MODE}=istio on its pods would make proxies send what ztunnel cannot end`;
};

/** `mend`, where the server is not in ambient. */
export function unlessAmbient(mend: FixClause): FixClause {
  return (scene, verdicts) => (servingInstance(scene)?.dataPlaneMode === "ambient" ? sendTunnel : mend)(scene, verdicts);
}

function ofEntry(object: ObjectRef): string {
  switch (object.kind) {
    case "ServiceEntry":
      return `label its endpoint in ${objectName(object)} ${TLS_MODE}: istio`;
    case "WorkloadEntry":
      return `set the label ${TLS_MODE} of ${objectName(object)} to istio`;
    default:
      return `let ${objectName(object)} name the pod (targetRef), since an address alone is taken for one without a proxy`;
  }
}

function advertiseSidecar(scene: Scene): string {
  const object = decisive(scene)?.object ?? null;
  if (object !== null && object.kind !== "Pod") return `${ofEntry(object)}${beforeThat(scene)}`;
  return `label the pods of ${scene.server} ${TLS_MODE}=istio, ${decider(scene, "all")} first: they run a proxy and do not say so${beforeThat(scene)}`;
}

/** Says of a server with a proxy that it takes mTLS: proxies of clients go by that alone. */
export const advertise: FixClause = (scene, verdicts) => {
  switch (servingInstance(scene)?.dataPlaneMode) {
    case "ambient":
    case "waypoint":
      return sendTunnel(scene, verdicts);
    case "gateway":
      return takeAtGateway(scene);
    case "none":
      return joinServer(scene, verdicts);
    case "grpc-proxyless":
      return `label the pods of ${scene.server} ${TLS_MODE}=istio: gRPC without a proxy then takes nothing but mTLS`;
    case "sidecar":
    case undefined:
      return advertiseSidecar(scene);
  }
};

/** Behind a headless Service the endpoints that do not say so count for all. */
export const advertiseAll: FixClause = (scene, verdicts) => {
  const object = decisive(scene)?.object ?? null;
  const own = object === null ? "give the pod without a proxy one" : endpointFix(object, injectionsIn(verdicts));
  return `${own}; behind a headless Service one endpoint that offers no mTLS turns it off for all`;
};

/** What a label promises and no proxy keeps, and `more` that makes clients send mTLS: taken back until there is one. */
export function promiseLess(scene: Scene, verdicts: MeshVerdicts, more: string | null): string {
  const label = servingInstance(scene)?.labels[TLS_MODE] === undefined ? [] : [`take the label ${TLS_MODE} off its pods, so that clients send it what it can take`];
  const until = [...label, ...(more === null ? [] : [more])];
  return `${joinServer(scene, verdicts)}${until.length === 0 ? "" : `; until then ${until.join(", and ")}`}`;
}

/** A ServiceEntry outside the mesh that leads into it. */
export function internalEntry(scene: Scene): string {
  const entry = decisive(scene)?.object ?? null;
  const home = serverNamespace(scene);
  const dial = `let ${scene.client} dial the Service of ${scene.server} by name and port`;
  if (entry === null || home === undefined) return dial;
  const inside = `set location: MESH_INTERNAL in ${objectName(entry)}, and give those of its endpoints that run a proxy their serviceAccount`;
  return entry.namespace === home ? inside : `${dial}: in ${objectName(entry)} a serviceAccount would be one of namespace ${entry.namespace}, and a server of namespace ${home} would be refused`;
}

function serverNamespace({ serverWorkload }: Scene): string | undefined {
  return serverWorkload?.instances[0]?.ref.namespace;
}
