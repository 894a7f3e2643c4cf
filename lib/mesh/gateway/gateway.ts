import type { Deduction } from "../deduction.ts";
import { surely, Trail } from "../deduction.ts";
import { hasTcpRoute, passedOn } from "./gatewayRoutes.ts";
import type { Dropped, GatewayServer } from "./gatewayServers.ts";
import { bound, gatewayServers, isHttp, isPlain, merged } from "./gatewayServers.ts";
import type { Instance } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import type { Gap, ObjectRef } from "../verdict.ts";

/** What a gateway does with what arrives on a port. `raw`: bytes are forwarded as they come; `http`: plaintext HTTP is expected. */
export interface GatewayListener {
  readonly accepts: "http" | "raw" | "tls" | "istio-mutual" | "passthrough" | "auto-passthrough";
  /** whether it reads requests in what it takes */
  readonly protocol: "HTTP" | "TCP";
  /** which TLS must ask for; none: any is right */
  readonly names: readonly string[];
  /** whether it is there, or for these names, was not read */
  readonly gaps: readonly Gap[];
  readonly by: ObjectRef;
  readonly field: string;
  readonly value: string;
}

const BY_TLS_MODE: ReadonlyMap<string, GatewayListener["accepts"]> = new Map([
  ["PASSTHROUGH", "passthrough"], ["SIMPLE", "tls"], ["MUTUAL", "tls"], ["OPTIONAL_MUTUAL", "tls"], ["AUTO_PASSTHROUGH", "auto-passthrough"], ["ISTIO_MUTUAL", "istio-mutual"],
  // the mode's zero value
  ["", "passthrough"],
]);

function accepts(server: GatewayServer): GatewayListener["accepts"] {
  if (isHttp(server)) return "http";
  return server.tlsMode === null ? "raw" : (BY_TLS_MODE.get(server.tlsMode) ?? "tls");
}

/** What a gateway has on a port. */
export interface GatewayPort {
  readonly listeners: readonly GatewayListener[];
  /** for which nothing leads on, so that they have no listener */
  readonly idle: readonly GatewayServer[];
  /** which others leave no room */
  readonly dropped: readonly Dropped[];
  /** which listen at an address that is none of the pod's */
  readonly elsewhere: readonly GatewayServer[];
}

/** Hosts among which is any ask for none. */
function namesOf(hosts: readonly string[]): readonly string[] {
  return hosts.includes("*") ? [] : hosts;
}

/** A cluster is asked for in any case where mTLS is passed on. */
function asked(accepts: GatewayListener["accepts"], hosts: readonly string[]): readonly string[] {
  return accepts === "auto-passthrough" ? hosts : namesOf(hosts);
}

/** A control plane's view, and the namespace of a gateway pod. */
export interface At {
  readonly view: IstiodView;
  readonly namespace: string;
}

/** Whether it needs somebody to lead on from it: requests are answered by the gateway itself where nobody does. */
function needsRoute({ accepts: does, protocol }: GatewayListener): boolean {
  return protocol === "TCP" && does !== "auto-passthrough" && does !== "passthrough";
}

/** What leads on from a KubernetesGateway's listener are routes, which are not read; it may have no listener without. */
function routed({ value, by: { kind, namespace, name }, field, names }: GatewayServer, listener: GatewayListener): GatewayListener {
  const place = `\`${field}\` of \`${kind}\` \`${namespace}/${name}\``;
  const does = listener.accepts;
  const isLed = listener.protocol === "HTTP" || does === "auto-passthrough";
  const needed = isLed ? [] : [{ wanted: `the TCPRoutes and TLSRoutes that lead on from ${place} (${value})`, because: "routes of the Gateway API are not read" }];
  const unnamed = names === null && does !== "raw" ? [{ wanted: `the hostname of ${place}`, because: "it was not read" }] : [];
  const hosts = names ?? ["*"];
  return { ...listener, names: does === "raw" ? [] : asked(does, hosts), gaps: [...needed, ...unnamed] };
}

function named(at: At, server: GatewayServer, listener: GatewayListener): Deduction<GatewayListener | null> {
  if (listener.accepts !== "passthrough") return surely({ ...listener, names: asked(listener.accepts, server.names ?? []) });
  const found = passedOn({ ...at, server });
  return { ...found, value: found.value.length === 0 ? null : { ...listener, names: namesOf(found.value) } };
}

/** What a server is for by itself; `null` where nothing leads on from it. */
export function listenerOf(at: At, server: GatewayServer): Deduction<GatewayListener | null> {
  const trail = new Trail();
  const { by, field, value } = server;
  const does = accepts(server);
  const isHttps = (does === "tls" || does === "istio-mutual") && server.protocol.toUpperCase() === "HTTPS";
  const listener: GatewayListener = { accepts: does, protocol: does === "http" || isHttps ? "HTTP" : "TCP", names: [], gaps: [], by, field, value };
  if (server.gateway === null) return trail.found(does === "http" ? listener : routed(server, listener));
  if (needsRoute(listener) && !trail.follow(hasTcpRoute({ ...at, server }))) return trail.found(null);
  return isPlain(server) ? trail.found(listener) : trail.found(trail.follow(named(at, server, listener)));
}

/** The listeners of a gateway pod on a target port. */
export function gatewayPort(view: IstiodView, instance: Instance, targetPort: number): Deduction<GatewayPort> {
  const { namespace } = instance.class;
  const trail = new Trail().lacks(view.knowledge.gapsAnywhere("Gateway")).lacks(view.knowledge.gaps("KubernetesGateway", namespace));
  const { here, elsewhere, gaps } = bound(gatewayServers(view, instance, targetPort), instance);
  const { standing, dropped } = merged(here);
  trail.lacks(gaps);
  const found = standing.map((server) => ({ server, listener: trail.follow(listenerOf({ view, namespace }, server)) }));
  return trail.found({ listeners: found.flatMap(({ listener }) => listener ?? []), idle: found.filter(({ listener }) => listener === null).map(({ server }) => server), dropped, elsewhere });
}
