import {
  judgeMesh, serviceHost, type ClientMode, type Configuration, type ConnectionQuestion, type ConnectionVerdict, type MeshJudge, type Pod, type ProtocolFamily, type Service,
  type Via,
} from "#mesh";
import { planeOf, splitId } from "./pods.ts";
import type { Flow, Happening, Plane, Scene } from "./scene.ts";

/** One end of a call, with what its proxy knows of itself. */
export interface Peer {
  readonly namespace: string;
  readonly workload: string;
  readonly plane: Plane;
  readonly pod: string;
  readonly address: string;
  readonly hostNetwork: boolean;
  readonly principal: string;
}

export interface NamedService {
  readonly host: string;
  readonly name: string;
  readonly headless: boolean;
}

/** What travels between the two ends; `HBONE` is mTLS in a tunnel of ztunnel's kind. */
export type Carried = "mTLS" | "HBONE" | "tls" | "plaintext";

/** One kind of connection of a flow, between one pair of pods, and what becomes of it. */
export interface Call {
  readonly client: Peer;
  /** null for a host outside the cluster */
  readonly server: Peer | null;
  /** the Service dialled, null when dialled by address */
  readonly dialled: NamedService | null;
  /** `Host` header where the client's proxy has nothing else to name the destination by */
  readonly authority: string;
  readonly targetPort: number;
  /** the Service that declares the target port at the server */
  readonly declaredBy: NamedService | null;
  /** what the client's proxy and the server's take it for */
  readonly clientFamily: ProtocolFamily;
  readonly serverFamily: ProtocolFamily;
  readonly clientMode: ClientMode;
  readonly carried: Carried;
  readonly result: "accepted" | "refused" | "denied";
  /** the server's proxy stands in front of the port */
  readonly captured: boolean;
  readonly applicationTls: string | null;
  readonly waypoint: Peer | null;
}

/** The calls of one flow under one configuration: each pair of pods gets an equal share. */
export interface FlowCalls {
  readonly flow: Flow;
  readonly calls: readonly Call[];
}

const HTTP_PORT = /^(http|http2|grpc|grpc-web)(-|$)/;
const PLAINTEXT_MODES: readonly ClientMode[] = ["NONE", "BYPASS", "PASSTHROUGH", "BLACKHOLE", "AUTO_PLAINTEXT", "DR_DISABLE", "DR_DROPPED", "ZT_PLAINTEXT"];

function familyOf(portName: string | null): ProtocolFamily {
  return portName !== null && HTTP_PORT.test(portName) ? "http" : "tcp";
}

function named(service: Service): NamedService {
  return { host: `${service.name}.${service.namespace}.svc.cluster.local`, name: service.name, headless: service.clusterIPs.includes("None") };
}

/** What of a configuration the calls are made from; policies do not change it. */
class Cast {
  readonly #configuration: Configuration;
  readonly #scene: Scene;

  constructor(scene: Scene, configuration: Configuration) {
    this.#scene = scene;
    this.#configuration = configuration;
  }

  peers(id: string): readonly Peer[] {
    const [namespace, name] = splitId(id);
    const workload = this.#scene.workloads.find((candidate) => candidate.id === id);
    if (workload === undefined) throw new Error(`scene "${this.#scene.id}" has a flow of "${id}", but no such workload`);
    const pods = this.#configuration.objects.Pod.filter((pod) => pod.namespace === namespace && pod.owner.name === name);
    return pods.map((pod, ordinal) => peerOf(pod, planeOf(workload, ordinal)));
  }

  service(id: string): Service | null {
    const [namespace, name] = splitId(id);
    return this.#configuration.objects.Service.find((service) => service.namespace === namespace && service.name === name) ?? null;
  }

  waypoint(service: Service | null): Peer | null {
    const name = service?.labels["istio.io/use-waypoint"];
    return service === null || name === undefined ? null : (this.peers(`${service.namespace}/${name}`)[0] ?? null);
  }

  /** some HTTP Service uses this port number: a sidecar then reads what is sent there as HTTP, whatever the address */
  readsAsHttp(port: number): boolean {
    return this.#configuration.objects.Service.some((service) => service.ports.some((declared) => declared.port === port && familyOf(declared.name) === "http"));
  }
}

function peerOf(pod: Pod, plane: Plane): Peer {
  return {
    namespace: pod.namespace, workload: pod.owner.name, plane, pod: pod.name, address: pod.ips[0] ?? "", hostNetwork: pod.hostNetwork,
    principal: `spiffe://cluster.local/ns/${pod.namespace}/sa/${pod.serviceAccountName}`,
  };
}

interface Outcome {
  readonly clientMode: ClientMode;
  readonly carried: Carried;
  readonly result: Call["result"];
}

function clientModeUnjudged(flow: Flow, client: Peer, happens: Happening): ClientMode {
  if (client.plane === "none") return "NONE";
  if (client.plane === "ambient") return happens === "mTLS" ? "HBONE" : "ZT_PLAINTEXT";
  if (happens === "mTLS" || happens === "denied") return "AUTO_MTLS";
  return flow.byAddress === true ? "PASSTHROUGH" : "AUTO_PLAINTEXT";
}

function sent(clientMode: ClientMode, client: Peer, server: Peer): Carried {
  if (PLAINTEXT_MODES.includes(clientMode)) return "plaintext";
  if (clientMode === "DR_SIMPLE" || clientMode === "DR_MUTUAL") return "tls";
  return clientMode === "HBONE" || client.plane === "ambient" || server.plane === "ambient" ? "HBONE" : "mTLS";
}

function told(happens: Happening, clientMode: ClientMode, ends: { readonly client: Peer; readonly server: Peer }): Outcome {
  const result = happens === "refused" || happens === "denied" ? happens : "accepted";
  const carried = happens === "plaintext" ? "plaintext" : sent(clientMode, ends.client, ends.server);
  return { clientMode, carried, result };
}

/** The engine's verdict as an event; where the engine is silent, the scene's word; where both are, nothing happens. */
function outcomeOf(verdict: ConnectionVerdict, flow: Flow, ends: { readonly client: Peer; readonly server: Peer }): Outcome | null {
  const judgedMode = verdict.clientMode.kind === "known" ? verdict.clientMode.value : null;
  const scripted = flow.despite?.happens;
  if (scripted !== undefined) return told(scripted, judgedMode ?? clientModeUnjudged(flow, ends.client, scripted), ends);
  if (verdict.transport.kind === "unknown") {
    return flow.unjudged === undefined ? null : told(flow.unjudged, judgedMode ?? clientModeUnjudged(flow, ends.client, flow.unjudged), ends);
  }
  const transport = verdict.transport.value;
  const clientMode = judgedMode ?? clientModeUnjudged(flow, ends.client, transport === "mTLS" ? "mTLS" : "plaintext");
  if (transport === "blocked") return { clientMode, carried: sent(clientMode, ends.client, ends.server), result: "refused" };
  const denied = verdict.authorization.kind === "known" ? verdict.authorization.value === "deny" : flow.unjudged === "denied";
  const carried = transport === "mTLS" ? sent(clientMode, ends.client, ends.server) : transport;
  return { clientMode, carried, result: denied ? "denied" : "accepted" };
}

function questionOf(flow: Flow, ends: { readonly client: Peer; readonly server: Peer }, service: Service | null): ConnectionQuestion {
  const via: Via = flow.byAddress === true || service === null ? { type: "podIP", ip: ends.server.address } : { type: "service", host: serviceHost(named(service).host) };
  return {
    client: { namespace: ends.client.namespace, name: ends.client.pod }, server: { namespace: ends.server.namespace, name: ends.server.pod },
    port: flow.port, via,
  };
}

function captured(verdict: ConnectionVerdict, server: Peer): boolean {
  if (server.plane === "none") return false;
  return verdict.serverMode.kind === "unknown" || (verdict.serverMode.value !== "UNCAPTURED" && verdict.serverMode.value !== "NONE");
}

function callOf(flow: Flow, ends: { readonly client: Peer; readonly server: Peer }, by: { readonly judge: MeshJudge; readonly cast: Cast }): Call | null {
  const service = by.cast.service(flow.to);
  const verdict = by.judge.connection(questionOf(flow, ends, service));
  const outcome = outcomeOf(verdict, flow, ends);
  if (outcome === null) return null;
  const byAddress = flow.byAddress === true || service === null;
  const port = service?.ports.find((declared) => (byAddress ? declared.targetPort : declared.port) === flow.port) ?? null;
  const declared = familyOf(port?.name ?? "http");
  const dialledFamily = by.cast.readsAsHttp(flow.port) ? "http" : "tcp";
  const tls = flow.applicationTls !== undefined || outcome.carried === "tls";
  const host = byAddress ? ends.server.address : `${service.name}.${service.namespace}`;
  return {
    ...ends, ...outcome,
    dialled: byAddress ? null : named(service),
    authority: flow.port === 80 ? host : `${host}:${flow.port}`,
    targetPort: byAddress ? flow.port : Number(port?.targetPort ?? flow.port),
    declaredBy: port === null || service === null ? null : named(service),
    clientFamily: flow.applicationTls !== undefined ? "tcp" : outcome.clientMode === "PASSTHROUGH" ? dialledFamily : declared,
    serverFamily: tls ? "tcp" : declared,
    captured: captured(verdict, ends.server),
    applicationTls: flow.applicationTls ?? null,
    waypoint: outcome.carried === "HBONE" && ends.client.plane === "ambient" && !byAddress ? by.cast.waypoint(service) : null,
  };
}

function externalCall(flow: Flow, client: Peer): Call {
  const host = flow.to.slice("external:".length);
  return {
    client, server: null, dialled: { host, name: host, headless: false }, authority: host, targetPort: flow.port, declaredBy: null, clientFamily: "tcp", serverFamily: "tcp",
    clientMode: "AUTO_PLAINTEXT", carried: "plaintext", result: "accepted", captured: false, applicationTls: flow.applicationTls ?? null, waypoint: null,
  };
}

/** What happens to every flow of a scene under a configuration, by the engine's judgement of each pair of pods. */
export function callsOf(scene: Scene, configuration: Configuration): readonly FlowCalls[] {
  const by = { judge: judgeMesh(configuration), cast: new Cast(scene, configuration) };
  return scene.flows.map((flow) => {
    const clients = by.cast.peers(flow.from);
    if (flow.to.startsWith("external:")) return { flow, calls: clients.map((client) => externalCall(flow, client)) };
    const pairs = clients.flatMap((client) => by.cast.peers(flow.to).map((server) => ({ client, server })));
    return { flow, calls: pairs.map((ends) => callOf(flow, ends, by)).filter((call) => call !== null) };
  });
}
