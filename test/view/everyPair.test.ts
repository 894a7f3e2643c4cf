import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject } from "#mesh";
import { presentEdge, presentMesh } from "#view";
import { ambientControlPlane, destinationRule, egress, gateway, mesh, meshConfig, namespace, peerAuthentication, pod, service, sidecar, tls, trafficPolicy, type PodOptions } from "../support/mesh.ts";
import { clientRow } from "../support/telemetry.ts";

// Every way to send what is not mesh mTLS, or is refused, to every kind of server: what comes of it (semantics A.3, A.8, B.10, C.6), and what is advised.

const AT_MS = Date.UTC(2026, 5, 1);

function client(options: PodOptions, ...others: readonly MeshObject[]): readonly MeshObject[] {
  return [pod("foo", "sleep", options), ...others];
}

function told(...says: Parameters<typeof tls>): MeshObject {
  return destinationRule("bar", "d", "httpbin", { trafficPolicy: trafficPolicy(tls(...says)) });
}

const NARROW = { egress: egress("./*") };

const CLIENTS = {
  "no proxy": client({}),
  "past its proxy": client({ proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } }),
  "passed on": client({ proxy: "sidecar" }, sidecar("foo", "narrow", NARROW)),
  dropped: client({ proxy: "sidecar" }, sidecar("foo", "narrow", { ...NARROW, outboundTrafficPolicyMode: "REGISTRY_ONLY" })),
  "auto mTLS": client({ proxy: "sidecar" }),
  "auto mTLS off": client({ proxy: "sidecar" }, meshConfig({ enableAutoMtls: false })),
  DISABLE: client({ proxy: "sidecar" }, told("DISABLE")),
  SIMPLE: client({ proxy: "sidecar" }, told("SIMPLE")),
  MUTUAL: client({ proxy: "sidecar" }, told("MUTUAL", { clientCertificate: "/c", privateKey: "/k" })),
  "not deliverable": client({ proxy: "sidecar" }, told("SIMPLE", { credentialName: "certs" })),
  ISTIO_MUTUAL: client({ proxy: "sidecar" }, told("ISTIO_MUTUAL")),
  ambient: client({ proxy: "ambient" }, ambientControlPlane()),
  waypoint: client({ proxy: "waypoint" }, ambientControlPlane()),
  "gRPC agent": client({ proxy: "grpc-agent" }),
} as const;

function server(options: PodOptions, ...others: readonly MeshObject[]): readonly MeshObject[] {
  return [pod("bar", "httpbin", options), ...others];
}

const TAKES_MTLS = gateway("bar", "gate", { selector: { app: "httpbin" }, servers: [{ port: 80, protocol: "HTTPS", hosts: ["*"], tlsMode: "ISTIO_MUTUAL" }] });
const STRICT = peerAuthentication("bar", "default", "STRICT");

const SERVERS = {
  STRICT: server({ proxy: "sidecar" }, STRICT),
  PERMISSIVE: server({ proxy: "sidecar" }),
  DISABLE: server({ proxy: "sidecar" }, peerAuthentication("bar", "own", null, { selector: { app: "httpbin" }, portLevelMtls: { 8080: "DISABLE" } })),
  bare: server({}),
  labelled: server({ labels: { "security.istio.io/tlsMode": "istio" } }),
  uncaptured: server({ proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }),
  gateway: server({ proxy: "gateway" }, gateway("bar", "gate", { selector: { app: "httpbin" }, servers: [{ port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null }] })),
  ambient: server({ proxy: "ambient" }),
  "ambient STRICT": server({ proxy: "ambient" }, STRICT),
  "gRPC agent": server({ proxy: "grpc-agent" }),
} as const;

// The parts of which advice consists.
const INTO = "label the pods of foo/sleep sidecar.istio.io/inject=true, then restart foo/sleep; or label namespace foo istio-injection=enabled";
const INJECT = "label the pods of bar/httpbin sidecar.istio.io/inject=true, then restart bar/httpbin; or label namespace bar istio-injection=enabled";
const OUTSIDE = "; or, if it has to stay outside, ";
const PORT = " port 8080 PERMISSIVE for it with a portLevelMtls entry";
const CAPTURE_CALL = "take port 80 out of traffic.sidecar.istio.io/excludeOutboundPorts of the pods of foo/sleep: all that they send there then passes their proxy";
const CAPTURE = "take port 8080 out of traffic.sidecar.istio.io/excludeInboundPorts of the pods of bar/httpbin: policies then count there, and STRICT refuses who calls it in plaintext";
const IMPORT = "add bar/httpbin.bar.svc.cluster.local to the egress hosts of Sidecar foo/narrow";
const OPEN = "set spec.portLevelMtls.8080.mode of PeerAuthentication bar/own to PERMISSIVE";
const AUTO = "set enableAutoMtls to true in the mesh config, which is for every proxy that it serves";
const REMOVE = "remove spec.trafficPolicy.tls from DestinationRule bar/d";
const DECIDES = `${REMOVE}, and auto mTLS decides for each endpoint`;
const WITHOUT = `${DECIDES}; where bar/httpbin ends that TLS itself, it must then take it without`;
const FILES = `${DECIDES}; if TLS of the application's own is meant, name certificate files instead of credentialName`;
const AT_GATEWAY = "give Gateway bar/gate a server with tls.mode ISTIO_MUTUAL on a port of its own, and httpbin.bar.svc.cluster.local a DestinationRule with tls.mode ISTIO_MUTUAL for that port: either alone is refused";
/** What never reaches it is not asked which of its Gateways would take it. */
const AT_SOME_GATEWAY = AT_GATEWAY.replace("Gateway bar/gate", "its Gateway");
const OTHER_SERVER = "give the Gateway a server with tls.mode ISTIO_MUTUAL, or set what the client sends by a DestinationRule";
const OWN_TLS = "let what foo/sleep sends be TLS of its own, to a server of Gateway bar/gate with tls.mode SIMPLE: no tunnel ends at a gateway";
const UNLABEL = "; until then take the label security.istio.io/tlsMode off its pods, so that clients send it what it can take";
const TO_BARE = `${REMOVE}, and auto mTLS sends plaintext to what has no proxy`;
const TUNNEL = "let the istiod of foo/sleep send tunnels (PILOT_ENABLE_AMBIENT=true, PILOT_ENABLE_SENDING_HBONE not false), since bar/httpbin is in ambient; the label security.istio.io/tlsMode=istio on its pods would make proxies send what ztunnel cannot end";
const TAKE_TUNNEL = "set ISTIO_META_ENABLE_HBONE=true in the proxies of bar/httpbin and restart it: its pods then carry the label networking.istio.io/tunnel=http, which alone opens no tunnel; or take its sidecar away and enrol it in ambient";
const ENROL = "label the pods of bar/httpbin istio.io/dataplane-mode=ambient: a sidecar would take no tunnel from foo/sleep unless it is made for one";
const NO_AGENT = "enrol bar/httpbin in ambient in place of its gRPC agent, which takes no tunnel";
const TELL = "give httpbin.bar.svc.cluster.local a DestinationRule with tls.mode ISTIO_MUTUAL and a workloadSelector for foo/sleep, in its namespace, which sends mTLS to every endpoint of it, with a proxy or without: gRPC without a proxy has no auto mTLS";
const OWN_PROXY = "give foo/sleep a proxy in place of its gRPC agent, which knows no tunnel: bar/httpbin is in ambient and takes nothing else";

type Cell = readonly [transport: "plaintext" | "blocked" | "tls", fix: string];
const MTLS = "mTLS";

type Server = keyof typeof SERVERS;

function all(cell: Cell): Readonly<Record<Server, Cell>> {
  return { STRICT: cell, PERMISSIVE: cell, DISABLE: cell, bare: cell, labelled: cell, uncaptured: cell, gateway: cell, ambient: cell, "ambient STRICT": cell, "gRPC agent": cell };
}

/** TLS that no proxy of the mesh ends. */
const OTHER_TLS: Readonly<Record<Server, Cell>> = {
  STRICT: ["blocked", WITHOUT],
  PERMISSIVE: ["blocked", WITHOUT],
  DISABLE: ["blocked", `${OPEN}; then ${WITHOUT}`],
  bare: ["tls", `${INJECT}; together with that ${WITHOUT}`],
  labelled: ["tls", `${INJECT}; together with that ${WITHOUT}`],
  uncaptured: ["tls", `${CAPTURE}; together with that ${WITHOUT}`],
  gateway: ["blocked", OTHER_SERVER],
  ambient: ["tls", TUNNEL],
  "ambient STRICT": ["blocked", TUNNEL],
  "gRPC agent": ["blocked", WITHOUT],
};

/** Who knows the tunnel alone: policies of ports and what captures them do not count for it. */
const TUNNEL_ONLY: Readonly<Record<Server, Cell | typeof MTLS>> = {
  STRICT: ["blocked", TAKE_TUNNEL],
  PERMISSIVE: ["plaintext", TAKE_TUNNEL],
  DISABLE: ["plaintext", TAKE_TUNNEL],
  bare: ["plaintext", ENROL],
  labelled: ["plaintext", ENROL],
  uncaptured: ["plaintext", TAKE_TUNNEL],
  gateway: ["plaintext", OWN_TLS],
  ambient: MTLS,
  "ambient STRICT": MTLS,
  "gRPC agent": ["blocked", NO_AGENT],
};

const TABLE: Readonly<Record<keyof typeof CLIENTS, Readonly<Record<Server, Cell | typeof MTLS>>>> = {
  "no proxy": {
    STRICT: ["blocked", `${INTO}${OUTSIDE}set${PORT}`],
    PERMISSIVE: ["plaintext", `${INTO}${OUTSIDE}keep${PORT}`],
    DISABLE: ["plaintext", `${OPEN}; then ${INTO}${OUTSIDE}keep${PORT}`],
    bare: ["plaintext", `${INTO}; and ${INJECT}`],
    labelled: ["plaintext", `${INTO}; and ${INJECT}`],
    uncaptured: ["plaintext", `${INTO}; and ${CAPTURE}`],
    gateway: ["plaintext", `${INTO}; and ${AT_GATEWAY}`],
    ambient: ["plaintext", `${INTO}${OUTSIDE}keep${PORT}`],
    "ambient STRICT": ["blocked", `${INTO}${OUTSIDE}set${PORT}`],
    "gRPC agent": ["blocked", INTO],
  },
  "past its proxy": {
    STRICT: ["blocked", CAPTURE_CALL],
    PERMISSIVE: ["plaintext", CAPTURE_CALL],
    DISABLE: ["plaintext", `${OPEN}; then ${CAPTURE_CALL}`],
    bare: ["plaintext", `${CAPTURE_CALL}; and ${INJECT}`],
    labelled: ["plaintext", `${CAPTURE_CALL}; and ${INJECT}`],
    uncaptured: ["plaintext", `${CAPTURE_CALL}; and ${CAPTURE}`],
    gateway: ["plaintext", `${CAPTURE_CALL}; and ${AT_GATEWAY}`],
    ambient: ["plaintext", CAPTURE_CALL],
    "ambient STRICT": ["blocked", CAPTURE_CALL],
    "gRPC agent": ["blocked", CAPTURE_CALL],
  },
  "passed on": {
    STRICT: ["blocked", IMPORT],
    PERMISSIVE: ["plaintext", IMPORT],
    DISABLE: ["plaintext", `${OPEN}; then ${IMPORT}`],
    bare: ["plaintext", `${INJECT}; then ${IMPORT}`],
    labelled: ["plaintext", `${INJECT}; then ${IMPORT}`],
    uncaptured: ["plaintext", `${CAPTURE}; then ${IMPORT}`],
    gateway: ["plaintext", `${IMPORT}; and ${AT_GATEWAY}`],
    ambient: ["plaintext", IMPORT],
    "ambient STRICT": ["blocked", IMPORT],
    "gRPC agent": ["blocked", IMPORT],
  },
  dropped: {
    ...all(["blocked", IMPORT]),
    DISABLE: ["blocked", `${OPEN}; then ${IMPORT}`],
    bare: ["blocked", `${INJECT}; then ${IMPORT}`],
    labelled: ["blocked", `${INJECT}; then ${IMPORT}`],
    uncaptured: ["blocked", `${CAPTURE}; then ${IMPORT}`],
    gateway: ["blocked", `${IMPORT}; and ${AT_SOME_GATEWAY}`],
  },
  "auto mTLS": {
    STRICT: MTLS,
    PERMISSIVE: MTLS,
    DISABLE: ["plaintext", `${OPEN}, wait until plaintext fades, then set STRICT`],
    bare: ["plaintext", INJECT],
    labelled: ["blocked", `${INJECT}${UNLABEL}`],
    uncaptured: ["blocked", `${CAPTURE}; or, to leave it past the proxy, set DISABLE for port 8080 in portLevelMtls of a PeerAuthentication that selects bar/httpbin, and clients send it plaintext`],
    gateway: ["plaintext", AT_GATEWAY],
    ambient: ["plaintext", TUNNEL],
    "ambient STRICT": ["blocked", TUNNEL],
    "gRPC agent": MTLS,
  },
  "auto mTLS off": {
    STRICT: ["blocked", AUTO],
    PERMISSIVE: ["plaintext", AUTO],
    DISABLE: ["plaintext", `${OPEN}; then ${AUTO}`],
    bare: ["plaintext", `${INJECT}; then ${AUTO}`],
    labelled: ["plaintext", `${INJECT}; then ${AUTO}`],
    uncaptured: ["plaintext", `${CAPTURE}; then ${AUTO}`],
    gateway: ["plaintext", AT_GATEWAY],
    ambient: ["plaintext", TUNNEL],
    "ambient STRICT": ["blocked", TUNNEL],
    "gRPC agent": ["blocked", AUTO],
  },
  DISABLE: {
    STRICT: ["blocked", DECIDES],
    PERMISSIVE: ["plaintext", DECIDES],
    DISABLE: ["plaintext", `${OPEN}; then ${DECIDES}`],
    bare: ["plaintext", `${INJECT}; then ${DECIDES}`],
    labelled: ["plaintext", `${INJECT}; then ${DECIDES}`],
    uncaptured: ["plaintext", `${CAPTURE}; then ${DECIDES}`],
    gateway: ["plaintext", AT_GATEWAY],
    ambient: ["plaintext", TUNNEL],
    "ambient STRICT": ["blocked", TUNNEL],
    "gRPC agent": ["blocked", DECIDES],
  },
  SIMPLE: OTHER_TLS,
  MUTUAL: OTHER_TLS,
  "not deliverable": {
    STRICT: ["blocked", FILES],
    PERMISSIVE: ["plaintext", FILES],
    DISABLE: ["plaintext", `${OPEN}; then ${FILES}`],
    bare: ["plaintext", `${INJECT}; then ${FILES}`],
    labelled: ["plaintext", `${INJECT}; then ${FILES}`],
    uncaptured: ["plaintext", `${CAPTURE}; then ${FILES}`],
    gateway: ["plaintext", AT_GATEWAY],
    ambient: ["plaintext", TUNNEL],
    "ambient STRICT": ["blocked", TUNNEL],
    "gRPC agent": ["blocked", FILES],
  },
  ISTIO_MUTUAL: {
    STRICT: MTLS,
    PERMISSIVE: MTLS,
    DISABLE: ["blocked", OPEN],
    bare: ["blocked", `${INJECT}; until then ${TO_BARE}`],
    labelled: ["blocked", `${INJECT}${UNLABEL}, and ${TO_BARE}`],
    uncaptured: ["blocked", `${CAPTURE}; or, to leave it past the proxy, give port 80 an entry in portLevelSettings of DestinationRule bar/d with tls.mode DISABLE, which takes the place of its whole trafficPolicy there`],
    gateway: ["blocked", OTHER_SERVER],
    ambient: ["blocked", TUNNEL],
    "ambient STRICT": ["blocked", TUNNEL],
    "gRPC agent": MTLS,
  },
  ambient: TUNNEL_ONLY,
  waypoint: TUNNEL_ONLY,
  "gRPC agent": {
    STRICT: ["blocked", TELL],
    PERMISSIVE: ["plaintext", TELL],
    DISABLE: ["plaintext", `${OPEN}; then ${TELL}`],
    bare: ["plaintext", `${INJECT}; then ${TELL}`],
    labelled: ["plaintext", `${INJECT}; then ${TELL}`],
    uncaptured: ["plaintext", `${CAPTURE}; then ${TELL}`],
    gateway: ["plaintext", AT_GATEWAY],
    ambient: ["plaintext", OWN_PROXY],
    "ambient STRICT": ["blocked", OWN_PROXY],
    "gRPC agent": ["blocked", TELL],
  },
};

/** What each part of advice makes of the client or of the server. */
const DONE: readonly (readonly [part: string, end: "client" | "server", becomes: (objects: readonly MeshObject[]) => readonly MeshObject[]])[] = [
  [INTO, "client", () => CLIENTS["auto mTLS"]],
  [CAPTURE_CALL, "client", () => CLIENTS["auto mTLS"]],
  [IMPORT, "client", () => CLIENTS["auto mTLS"]],
  [DECIDES, "client", () => CLIENTS["auto mTLS"]],
  [AUTO, "client", () => CLIENTS["auto mTLS"]],
  [TELL, "client", (objects) => [...objects, destinationRule("foo", "own", "httpbin.bar.svc.cluster.local", { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")), workloadSelector: { app: "sleep" } })]],
  [OWN_PROXY, "client", () => CLIENTS["auto mTLS"]],
  [TUNNEL, "client", (objects) => [...objects, ambientControlPlane()]],
  [INJECT, "server", () => SERVERS.PERMISSIVE],
  [OPEN, "server", ([first]) => [...(first === undefined ? [] : [first]), peerAuthentication("bar", "own", null, { selector: { app: "httpbin" }, portLevelMtls: { 8080: "PERMISSIVE" } })]],
  [CAPTURE, "server", () => SERVERS.PERMISSIVE],
  [TAKE_TUNNEL, "server", (objects) => objects.map((one) => ("labels" in one && one.kind === "Pod" ? { ...one, labels: { ...one.labels, "networking.istio.io/tunnel": "http" } } : one))],
  [ENROL, "server", () => SERVERS.ambient],
  [NO_AGENT, "server", () => SERVERS.ambient],
  [OTHER_SERVER, "server", () => [pod("bar", "httpbin", { proxy: "gateway" }), TAKES_MTLS]],
  [AT_GATEWAY, "server", () => [pod("bar", "httpbin", { proxy: "gateway" }), TAKES_MTLS]],
  [AT_SOME_GATEWAY, "server", () => [pod("bar", "httpbin", { proxy: "gateway" }), TAKES_MTLS]],
  [AT_SOME_GATEWAY, "client", (objects) => [...objects, told("ISTIO_MUTUAL")]],
  [AT_GATEWAY, "client", (objects) => [...objects.filter(({ kind }) => kind !== "DestinationRule"), told("ISTIO_MUTUAL")]],
];

function done(fix: string, end: "client" | "server", objects: readonly MeshObject[]): readonly MeshObject[] {
  return DONE.filter(([part, of]) => of === end && fix.includes(part)).reduce((before, [, , becomes]) => becomes(before), objects);
}

/** The application sends TLS of its own. */
const NOT_MESH_MTLS: ReadonlySet<string> = new Set([OWN_TLS]);

interface Advice {
  readonly transports: readonly string[];
  readonly fix: string | null | undefined;
}

/** What is said of a call that was seen before the window. */
function advice(from: readonly MeshObject[], to: readonly MeshObject[], portName: string): Advice {
  const configuration = mesh([namespace("foo"), namespace("bar"), ...from, ...to, service("bar", "httpbin", { ports: [{ port: 80, name: portName, targetPort: 8080 }] })]);
  const call = clientRow({ server: { namespace: "bar", workload: "httpbin", principal: null }, serviceHost: "httpbin.bar.svc.cluster.local", lastSeenMs: AT_MS - 1_000_000 });
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [], lookBackRows: [call], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration, telemetry });
  const [edge] = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] }).edges;
  return { transports: edge?.configured ?? [], fix: presentEdge(verdicts, edge?.id ?? "")?.fix };
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function columns(sends: keyof typeof CLIENTS): readonly (readonly [Server, Cell | typeof MTLS])[] {
  return Object.entries(TABLE[sends]) as unknown as readonly (readonly [Server, Cell | typeof MTLS])[];
}

describe.each(Object.keys(CLIENTS) as readonly (keyof typeof CLIENTS)[])("client: %s", (sends) => {
  it.each(columns(sends))("server: %s", (accepts, cell) => {
    const { transports, fix } = advice(CLIENTS[sends], SERVERS[accepts], sends === "gRPC agent" ? "grpc" : "http");
    expect([transports, fix]).toEqual(cell === MTLS ? [[MTLS], null] : [[cell[0]], capitalised(cell[1])]);
  });

  it.each(columns(sends).flatMap(([accepts, cell]) => (cell === MTLS || NOT_MESH_MTLS.has(cell[1]) || (cell[1] === OTHER_SERVER && sends !== "ISTIO_MUTUAL") ? [] : [[accepts, cell[1]] as const])))("server: %s, and the advice was followed", (accepts, fix) => {
    const [from, to] = [done(fix, "client", CLIENTS[sends]), done(fix, "server", SERVERS[accepts])];
    const isAmbient = to.some((one) => one.kind === "Pod" && one.annotations["ambient.istio.io/redirection"] === "enabled");
    const istiod = isAmbient && !from.some(({ kind }) => kind === "ControlPlane") ? [ambientControlPlane()] : [];
    expect(advice([...from, ...istiod], to, sends === "gRPC agent" ? "grpc" : "http").transports).toEqual([MTLS]);
  });
});
