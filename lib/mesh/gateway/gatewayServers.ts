import { declarations } from "../server/declaredPorts.ts";
import type { Instance } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { byAge, label, selects } from "../order.ts";
import { protocolNamed } from "../joining/protocol.ts";
import type { IstioGateway, KubernetesGateway } from "../snapshot.ts";
import type { Gap, ObjectRef } from "../verdict.ts";

/** What one of a gateway's Gateways asks of it on a port. */
export interface GatewayServer {
  /** `null` for a KubernetesGateway: what leads on from it are routes of other kinds */
  readonly gateway: IstioGateway | null;
  readonly port: number;
  readonly protocol: string;
  readonly tlsMode: string | null;
  /** by which it competes with others */
  readonly hosts: readonly string[];
  /** that TLS asks for, `*` for any; `null` where they were not read */
  readonly names: readonly string[] | null;
  /** the address that it listens at; `null`: all of the pod's */
  readonly bind: string | null;
  readonly by: ObjectRef;
  readonly field: string;
  readonly value: string;
}

export function isHttp({ protocol }: GatewayServer): boolean {
  return protocolNamed(protocol).class === "HTTP";
}

/** TLS settings of an HTTP server only say that requests are sent elsewhere. */
export function isPlain(server: GatewayServer): boolean {
  return server.tlsMode === null || isHttp(server);
}

/** A host without the namespace that it may be for. */
export function hostPart(host: string): string {
  return host.slice(host.indexOf("/") + 1);
}

/** `./host` is of the Gateway's namespace, and of any namespace is the host alone. */
function inFull(host: string, namespace: string): string {
  if (host.startsWith("./")) return `${namespace}${host.slice(1)}`;
  return host.startsWith("*/") ? host.slice(2) : host;
}

function written(protocol: string, tlsMode: string | null): string {
  return tlsMode === null ? protocol : `${protocol} ${tlsMode}`;
}

function ofIstio(gateway: IstioGateway): readonly GatewayServer[] {
  return gateway.servers.map(({ port, protocol, tlsMode, hosts, bind = null }, at) => ({
    gateway, port, protocol, tlsMode, hosts: hosts.map((host) => inFull(host, gateway.namespace)), names: hosts.map(hostPart), bind, by: gateway, field: `spec.servers[${at}]`, value: written(protocol, tlsMode),
  }));
}

function hostnames(hostname: string | null | undefined): readonly string[] | null {
  return hostname === undefined ? null : [hostname ?? "*"];
}

/** Istiod makes a Gateway of each listener, and no two of them are for one `hostname`. */
function ofKubernetes(gateway: KubernetesGateway): readonly GatewayServer[] {
  return gateway.listeners.map(({ name, port, protocol, tlsMode, hostname }, at) => ({
    gateway: null, port, protocol, tlsMode, hosts: [`${gateway.namespace}/${name}`], names: hostnames(hostname), bind: null, by: gateway, field: `spec.listeners[${at}]`, value: written(protocol, tlsMode),
  }));
}

const GATEWAY_NAME_LABEL = "gateway.networking.k8s.io/gateway-name";

/** A server's port is one of the gateway's Services first, and then listens on its target port; else it is taken literally. */
function listensOn(view: IstiodView, instance: Instance, { port: serverPort }: GatewayServer): number {
  const declared = declarations(view, instance).find(({ port, targetPort }) => port.number === serverPort && targetPort !== undefined);
  return declared?.targetPort ?? serverPort;
}

/** Everything that Gateways ask of a gateway pod, the oldest Gateway's first. */
function allServers(view: IstiodView, instance: Instance): readonly GatewayServer[] {
  const { Gateway, KubernetesGateway } = view.configuration.objects;
  const { labels } = instance.told;
  const name = label(labels, GATEWAY_NAME_LABEL);
  const chosen = [
    ...Gateway.filter(({ selector }) => selects(selector, labels)),
    ...KubernetesGateway.filter((gateway) => gateway.name === name && gateway.namespace === instance.class.namespace),
  ];
  return chosen.sort(byAge).flatMap((gateway) => (gateway.kind === "Gateway" ? ofIstio(gateway) : ofKubernetes(gateway)));
}

/** The servers that Gateways ask of a gateway pod on one of its ports. */
export function gatewayServers(view: IstiodView, instance: Instance, targetPort: number): readonly GatewayServer[] {
  return allServers(view, instance).filter((server) => listensOn(view, instance, server) === targetPort);
}

/** The target ports that Gateways ask of a gateway pod. */
export function gatewayTargetPorts(view: IstiodView, instance: Instance): readonly number[] {
  return [...new Set(allServers(view, instance).map((server) => listensOn(view, instance, server)))];
}

const EVERYWHERE: ReadonlySet<string> = new Set(["", "0.0.0.0", "::"]);

/** Servers of a port by where they listen. */
export interface Bound {
  readonly here: readonly GatewayServer[];
  /** at an address that is none of the pod's */
  readonly elsewhere: readonly GatewayServer[];
  /** where servers of several addresses meet, or one of a pod's addresses only is listened at */
  readonly gaps: readonly Gap[];
}

/** Which servers of a port take what is dialled at the pod. */
export function bound(servers: readonly GatewayServer[], { told: { addresses } }: Instance): Bound {
  const isAt = ({ bind }: GatewayServer): boolean => bind === null || EVERYWHERE.has(bind) || addresses.includes(bind);
  const [here, elsewhere] = [servers.filter(isAt), servers.filter((server) => !isAt(server))];
  const some = here.find(({ bind }) => bind !== null && addresses.includes(bind));
  const isMixed = here.length > 1 && new Set(servers.map(({ bind }) => bind)).size > 1;
  const by = isMixed || (some !== undefined && addresses.length > 1) ? servers.find(({ bind }) => bind !== null)?.by : undefined;
  if (by === undefined) return { here, elsewhere, gaps: [] };
  return { here, elsewhere, gaps: [{ wanted: "which servers of the gateway listen at the address that is dialled", because: `\`bind\` of \`${by.kind}\` \`${by.namespace}/${by.name}\` tells them apart` }] };
}

/** A server that another leaves no room. */
export interface Dropped {
  readonly server: GatewayServer;
  readonly rival: GatewayServer;
}

/** The servers of one port after istiod's merging: those that stay, and those that were dropped for another. */
export interface Merged {
  readonly standing: readonly GatewayServer[];
  readonly dropped: readonly Dropped[];
}

/** Servers on one port as Istio merges them: nothing joins plaintext but HTTP joins HTTP, and of TLS for one host there is one. */
export function merged(servers: readonly GatewayServer[]): Merged {
  const holders = new Map<string, GatewayServer>();
  const holderOf = ({ tlsMode, hosts }: GatewayServer): GatewayServer | undefined => (tlsMode === null ? undefined : hosts.map((host) => holders.get(host)).find((one) => one !== undefined));
  const standing: GatewayServer[] = [];
  const dropped: Dropped[] = [];
  for (const server of servers) {
    const plain = standing.find(isPlain);
    const holder = holderOf(server);
    // the hosts of one that does not join are taken all the same
    if (server.tlsMode !== null && holder === undefined) for (const host of server.hosts) holders.set(host, server);
    const rival = holder ?? (plain === undefined || (isHttp(server) && isHttp(plain)) ? undefined : plain);
    if (rival === undefined) standing.push(server);
    else dropped.push({ server, rival });
  }
  return { standing, dropped };
}
