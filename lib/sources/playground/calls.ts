import { judgeMesh, serviceHost, type Configuration, type ConnectionVerdict, type MeshJudge, type ProtocolFamily, type Service, type ServicePort } from "#mesh";
import { Cast, familyOf, named, type NamedService, type Peer } from "./cast.ts";
import { outcomeOf, type Ends, type Outcome } from "./outcome.ts";
import type { Flow, Scene } from "./scene.ts";

/** One kind of connection of a flow, between one pair of pods, and what becomes of it. */
export interface Call extends Outcome {
  readonly client: Peer;
  /** null for a host outside the cluster */
  readonly server: Peer | null;
  /** the Service dialled, null when dialled by address */
  readonly dialled: NamedService | null;
  /** the `Host` header: all that the client's proxy has where it finds no Service */
  readonly authority: string;
  readonly targetPort: number;
  /** the Service that declares the target port at the server */
  readonly declaredBy: NamedService | null;
  /** what the client's proxy and the server's take it for */
  readonly clientFamily: ProtocolFamily;
  readonly serverFamily: ProtocolFamily;
  /** the server's proxy stands in front of the port */
  readonly captured: boolean;
  readonly applicationTls: boolean;
  readonly waypoint: Peer | null;
}

/** The calls of one flow under one configuration: each pair of pods gets an equal share. */
export interface FlowCalls {
  readonly flow: Flow;
  readonly calls: readonly Call[];
}

/** Where a flow goes: to a port of a Service, or to an address whose port a Service may declare. */
interface Target {
  readonly service: Service | null;
  readonly port: ServicePort | null;
  readonly byAddress: boolean;
}

interface Judging {
  readonly judge: MeshJudge;
  readonly cast: Cast;
}

function targetOf(flow: Flow, cast: Cast): Target {
  const service = cast.service(flow.to);
  const byAddress = flow.byAddress === true;
  const port = service?.ports.find((declared) => (byAddress ? declared.targetPort : declared.port) === flow.port) ?? null;
  if (!byAddress && port === null) throw new Error(`no Service ${flow.to} has the port ${flow.port} that ${flow.from} calls`);
  return { service, port, byAddress };
}

function verdictOf(flow: Flow, ends: Ends, { judge, target }: { readonly judge: MeshJudge; readonly target: Target }): ConnectionVerdict {
  const dialled = target.byAddress || target.service === null ? null : serviceHost(named(target.service).host);
  return judge.connection({
    client: { namespace: ends.client.namespace, name: ends.client.pod },
    server: { namespace: ends.server.namespace, name: ends.server.pod },
    port: flow.port,
    via: dialled === null ? { type: "podIP", ip: ends.server.address } : { type: "service", host: dialled },
  });
}

/** A proxy that the engine says nothing of stands in front of every port. */
function isCaptured({ serverMode }: ConnectionVerdict, server: Peer): boolean {
  if (server.plane === "none") return false;
  return serverMode.kind === "unknown" || (serverMode.value !== "UNCAPTURED" && serverMode.value !== "NONE");
}

function families(flow: Flow, outcome: Outcome, { target, cast }: { readonly target: Target; readonly cast: Cast }): Pick<Call, "clientFamily" | "serverFamily"> {
  if (flow.applicationTls === true) return { clientFamily: "tcp", serverFamily: "tcp" };
  // a port that no Service declares is sniffed, and what the scenes send there is HTTP
  const declared = target.port === null ? "http" : familyOf(target.port.name);
  const passedThrough = outcome.clientMode === "PASSTHROUGH" && !cast.readsAsHttp(flow.port);
  return { clientFamily: passedThrough ? "tcp" : declared, serverFamily: outcome.carried === "tls" ? "tcp" : declared };
}

function authorityOf(flow: Flow, { service, byAddress }: Target, server: Peer): string {
  const host = byAddress || service === null ? server.address : `${service.name}.${service.namespace}`;
  return flow.port === 80 ? host : `${host}:${flow.port}`;
}

function callOf(flow: Flow, ends: Ends, { judge, cast }: Judging): Call | null {
  const target = targetOf(flow, cast);
  const verdict = verdictOf(flow, ends, { judge, target });
  const outcome = outcomeOf(verdict, flow, ends);
  if (outcome === null) return null;
  const service = target.service === null ? null : named(target.service);
  const tunnelled = outcome.carried === "HBONE" && ends.client.plane === "ambient" && !target.byAddress;
  return {
    ...ends,
    ...outcome,
    ...families(flow, outcome, { target, cast }),
    dialled: target.byAddress ? null : service,
    authority: authorityOf(flow, target, ends.server),
    targetPort: target.byAddress ? flow.port : Number(target.port?.targetPort),
    declaredBy: target.port === null ? null : service,
    captured: isCaptured(verdict, ends.server),
    applicationTls: flow.applicationTls === true,
    waypoint: tunnelled ? cast.waypoint(target.service) : null,
  };
}

/** A ServiceEntry's host has no workload to judge: the client's proxy passes on what the application sends. */
function externalCall(flow: Flow, client: Peer): Call {
  const host = flow.to.slice("external:".length);
  return {
    client, server: null, clientMode: "AUTO_PLAINTEXT", carried: "plaintext", result: "accepted", dialled: { host, name: host, headless: false }, authority: host,
    targetPort: flow.port, declaredBy: null, clientFamily: "tcp", serverFamily: "tcp", captured: false, applicationTls: flow.applicationTls === true, waypoint: null,
  };
}

/** What happens to every flow of a scene under a configuration, by the engine's judgement of each pair of pods. */
export function callsOf(scene: Scene, configuration: Configuration): readonly FlowCalls[] {
  const judging = { judge: judgeMesh(configuration), cast: new Cast(scene, configuration) };
  return scene.flows.map((flow) => {
    const clients = judging.cast.peers(flow.from);
    if (flow.to.startsWith("external:")) return { flow, calls: clients.map((client) => externalCall(flow, client)) };
    const pairs = clients.flatMap((client) => judging.cast.peers(flow.to).map((server) => ({ client, server })));
    return { flow, calls: pairs.map((ends) => callOf(flow, ends, judging)).filter((call) => call !== null) };
  });
}
