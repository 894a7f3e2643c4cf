import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { presentEdge, presentMesh, presentSenders } from "#view";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, destinationRule, mesh, meshConfig, namespace, peerAuthentication, pod, service, serviceEntry, source, tls, trafficPolicy, workloadEntry, type PodOptions,
} from "../support/mesh.ts";
import { clientRow, row, UNPROVED, ztunnelRow } from "../support/telemetry.ts";

// What is advised, word for word, and what the mesh is once it was done: no fix may leave plaintext, refuse what worked, or open what was closed.

const AT_MS = Date.UTC(2026, 5, 1);
const PLAINTEXT = row({ connectionSecurityPolicy: "none", client: UNPROVED, count: 30 });
const CLIENT = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" })];
const SERVER = pod("foo", "httpbin", { proxy: "sidecar" });
const SERVICE = service("foo", "httpbin");
const QUIET: readonly MeshObject[] = [...CLIENT, SERVER, SERVICE];

function picture(objects: readonly MeshObject[], rows: readonly TrafficRow[] = [PLAINTEXT]): MeshVerdicts {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry });
}

interface Told {
  readonly cause: string;
  readonly admission: string | null;
  readonly fix: string;
}

/** The first thing that is told of the first sender. */
function told(objects: readonly MeshObject[], rows?: readonly TrafficRow[]): Told {
  const [first] = presentSenders(picture(objects, rows)).senders[0]?.explanations ?? [];
  if (first === undefined) throw new Error("nobody sends plaintext");
  return { cause: first.cause, admission: first.edges[0]?.admission ?? null, fix: first.fix };
}

/** What configuration says of the same traffic. */
function transports(objects: readonly MeshObject[], rows?: readonly TrafficRow[]): readonly string[] {
  const paths = picture(objects, rows).edges.flatMap(({ configured }) => configured);
  return [...new Set(paths.map(({ verdict: { transport } }) => (transport.kind === "known" ? transport.value : "unknown")))];
}

/** The same of a call that was seen before the window, of which nobody reported more than that. */
function wouldBe(objects: readonly MeshObject[], call: Partial<TrafficRow> = {}): string | null | undefined {
  const before = clientRow({ client: UNPROVED, lastSeenMs: AT_MS - 1_000_000, ...call });
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [], lookBackRows: [before], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry });
  const [edge] = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] }).edges;
  return presentEdge(verdicts, edge?.id ?? "")?.fix;
}

interface Row {
  readonly title: string;
  readonly objects: readonly MeshObject[];
  readonly rows?: readonly TrafficRow[];
  readonly fix: string;
  /** the objects as the fix wants them; nothing where it wants more than objects */
  readonly done?: readonly MeshObject[];
}

function holds(rows: readonly Row[]): void {
  it.each(rows)("$title", ({ objects, rows: seen, fix, done }) => {
    expect(told(objects, seen).fix).toBe(fix);
    if (done !== undefined) expect(transports(done, seen)).toEqual(["mTLS"]);
  });
}

describe("a PeerAuthentication says DISABLE", () => {
  const own = (mode: "STRICT" | "PERMISSIVE" | "DISABLE" | null, port?: "DISABLE" | "PERMISSIVE" | "STRICT"): MeshObject => peerAuthentication("foo", "own", mode, { selector: { app: "httpbin" }, portLevelMtls: port === undefined ? {} : { 8080: port } });
  const strict = peerAuthentication("foo", "default", "STRICT");
  const port = "Set spec.portLevelMtls.8080.mode of PeerAuthentication foo/own to PERMISSIVE, wait until plaintext fades, then set STRICT.";
  holds([
    { title: "for a port, of a policy without mode: its entry, and no other port is opened", objects: [...QUIET, strict, own(null, "DISABLE")], fix: port, done: [...QUIET, strict, own(null, "PERMISSIVE")] },
    { title: "for a port, of a policy that is STRICT", objects: [...QUIET, own("STRICT", "DISABLE")], fix: port, done: [...QUIET, own("STRICT", "PERMISSIVE")] },
    { title: "for a port, of a policy that is PERMISSIVE already", objects: [...QUIET, own("PERMISSIVE", "DISABLE")], fix: port, done: [...QUIET, own("PERMISSIVE", "PERMISSIVE")] },
    { title: "for one workload", objects: [...QUIET, own("DISABLE")], fix: "Set spec.mtls.mode of PeerAuthentication foo/own to PERMISSIVE, wait until plaintext fades, then set STRICT.", done: [...QUIET, own("PERMISSIVE")] },
    {
      title: "for a namespace", objects: [...QUIET, peerAuthentication("foo", "default", "DISABLE")], done: [...QUIET, peerAuthentication("foo", "default", "PERMISSIVE")],
      fix: "Set spec.mtls.mode of PeerAuthentication foo/default to PERMISSIVE (it is for all of namespace foo), wait until plaintext fades, then set STRICT.",
    },
    {
      title: "for the mesh: the namespace alone is enough", objects: [...QUIET, peerAuthentication("istio-system", "default", "DISABLE")], done: [...QUIET, peerAuthentication("istio-system", "default", "DISABLE"), peerAuthentication("foo", "own", "PERMISSIVE")],
      fix: "Set spec.mtls.mode of PeerAuthentication istio-system/default to PERMISSIVE (it is for the whole mesh), or give namespace foo a PeerAuthentication of its own with PERMISSIVE, wait until plaintext fades, then set STRICT.",
    },
  ]);
});

function sleeping(options: PodOptions): MeshObject {
  return pod("foo", "sleep", { proxy: "sidecar", ...options });
}

function serving(options: PodOptions): MeshObject {
  return pod("foo", "httpbin", { proxy: "sidecar", ...options });
}

describe("a DestinationRule says what is sent", () => {
  const httpbin = (says: Parameters<typeof trafficPolicy>[0], options: Parameters<typeof trafficPolicy>[1] = {}): MeshObject => destinationRule("foo", "httpbin", "httpbin", { trafficPolicy: trafficPolicy(says, options) });
  const everywhere = (ns: string): MeshObject => destinationRule(ns, "default", "*.local", { trafficPolicy: trafficPolicy(tls("DISABLE")) });
  const own = destinationRule("foo", "own", "httpbin");
  const port = (number: number, says: ReturnType<typeof tls> | null) => ({ portLevelSettings: [{ port: number, tls: says, loadBalancerSimple: null, hasLoadBalancer: false }] });
  const bare = [...QUIET, pod("foo", "legacy"), service("foo", "legacy")];
  const past = [...CLIENT, serving({ annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "9000" } }), service("foo", "httpbin", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 9000, name: "tcp", targetPort: 9000 }] })];
  const off = meshConfig({ enableAutoMtls: false });
  holds([
    { title: "DISABLE for the very host", objects: [...QUIET, httpbin(tls("DISABLE"))], fix: "Remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint.", done: [...QUIET, httpbin(null)] },
    { title: "a tls block without mode", objects: [...QUIET, httpbin(tls(null))], fix: "Remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint.", done: [...QUIET, httpbin(null)] },
    {
      title: "DISABLE for every host: never ISTIO_MUTUAL, which foo/legacy could not end", objects: [...bare, everywhere("istio-system")], done: [...bare, everywhere("istio-system"), own],
      fix: "Give Service foo/httpbin a DestinationRule of its own in namespace foo, exported to foo/sleep, without a tls block (nothing is inherited: repeat there what else DestinationRule istio-system/default sets), or remove spec.trafficPolicy.tls from DestinationRule istio-system/default, which is for every host that *.local matches.",
    },
    {
      title: "DISABLE for every host, in the client's namespace", objects: [...QUIET, everywhere("foo")], done: [...QUIET, everywhere("foo"), own],
      fix: "Give Service foo/httpbin a DestinationRule of its own in namespace foo, with the exportTo and workloadSelector of DestinationRule foo/default, without a tls block (nothing is inherited: repeat there what else DestinationRule foo/default sets), or remove spec.trafficPolicy.tls from DestinationRule foo/default, which is for every host that *.local matches.",
    },
    {
      title: "DISABLE for a port below a mode that would count without it", objects: [...QUIET, httpbin(tls("SIMPLE"), port(80, tls("DISABLE")))], done: [...QUIET, httpbin(tls("SIMPLE"), port(80, tls("ISTIO_MUTUAL")))],
      fix: "Set spec.trafficPolicy.portLevelSettings[0].tls.mode of DestinationRule foo/httpbin to ISTIO_MUTUAL, which sends mTLS to every endpoint of it, with a proxy or without; without it SIMPLE of spec.trafficPolicy.tls.mode would count.",
    },
    { title: "DISABLE for a port alone", objects: [...QUIET, httpbin(null, port(80, tls("DISABLE")))], fix: "Remove spec.trafficPolicy.portLevelSettings[0].tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint.", done: [...QUIET, httpbin(null, port(80, null))] },
    {
      title: "nothing for a port, below a mode that takes mTLS from it", objects: [...QUIET, httpbin(tls("SIMPLE"), port(80, null))], done: [...QUIET, httpbin(tls("SIMPLE"), port(80, tls("ISTIO_MUTUAL")))],
      fix: "Give the entry of port 80 in DestinationRule foo/httpbin a tls block with mode ISTIO_MUTUAL, which sends mTLS to every endpoint of it, with a proxy or without; without spec.trafficPolicy.tls auto mTLS would decide, for its other ports as well.",
    },
    {
      title: "DISABLE where auto mTLS is off", objects: [...QUIET, off, httpbin(tls("DISABLE"))], done: [...QUIET, off, httpbin(tls("ISTIO_MUTUAL"))],
      fix: "Set spec.trafficPolicy.tls.mode of DestinationRule foo/httpbin to ISTIO_MUTUAL, which sends mTLS to every endpoint of it, with a proxy or without; auto mTLS is off, so without a tls block it stays plaintext.",
    },
    {
      title: "TLS that istiod cannot deliver", objects: [...QUIET, httpbin(tls("SIMPLE", { credentialName: "certs" }))], done: [...QUIET, httpbin(null)],
      fix: "Remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint; if TLS of the application's own is meant, name certificate files instead of credentialName.",
    },
    {
      title: "DISABLE, and the policy of the server as well", objects: [...QUIET, httpbin(tls("DISABLE")), peerAuthentication("foo", "default", "DISABLE")], done: [...QUIET, peerAuthentication("foo", "default", "PERMISSIVE")],
      fix: "Set spec.mtls.mode of PeerAuthentication foo/default to PERMISSIVE (it is for all of namespace foo); then remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint.",
    },
    {
      title: "DISABLE, and the server has another port that no proxy captures", done: [...past, peerAuthentication("foo", "own", null, { selector: { app: "httpbin" }, portLevelMtls: { 9000: "DISABLE" } })],
      objects: [...past, httpbin(tls("DISABLE"))],
      fix: "Remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint; see first that portLevelMtls says DISABLE for port 9000 of foo/httpbin, which no proxy captures and which would be sent mTLS.",
    },
    { title: "nothing, with auto mTLS off", objects: [...QUIET, off], fix: "Set enableAutoMtls to true in the mesh config, which is for every proxy that it serves.", done: QUIET },
  ]);
});

describe("the client sends past its proxy", () => {
  const annotated = (name: string, value: string): readonly MeshObject[] => [namespace("foo"), sleeping({ annotations: { [name]: value } }), SERVER, SERVICE];
  const asProxy = sleeping({ containers: [{ name: "app", init: "app", args: [], ports: [], runAsUser: 1337 }, { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: null }] });
  holds([
    { title: "a port", objects: annotated("traffic.sidecar.istio.io/excludeOutboundPorts", "80"), fix: "Take port 80 out of traffic.sidecar.istio.io/excludeOutboundPorts of the pods of foo/sleep: all that they send there then passes their proxy.", done: QUIET },
    { title: "everything: there is no exclusion to take off", objects: annotated("sidecar.istio.io/interceptionMode", "NONE"), fix: "Take sidecar.istio.io/interceptionMode: NONE off the pods of foo/sleep: their proxy then has what they receive as well, and their policies count there.", done: QUIET },
    { title: "as the proxy's user: there is no exclusion either", objects: [namespace("foo"), asProxy, SERVER, SERVICE], fix: "Let container app of foo/sleep run as another user than the proxy's (securityContext.runAsUser is 1337).", done: QUIET },
  ]);
});

describe("the server does not say, or not in the client's words, that it takes mTLS", () => {
  const ambient = pod("foo", "httpbin", { proxy: "ambient" });
  const headless = service("foo", "httpbin", { clusterIPs: ["None"] });
  const entry = (options: Parameters<typeof serviceEntry>[3]): MeshObject => serviceEntry("foo", "ext", "httpbin.corp", { ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: 8080 }], resolution: "STATIC", ...options });
  const endpoint = (labels: Readonly<Record<string, string>> = {}, serviceAccount: string | null = null) => [{ address: "10.77.7.7", ports: {}, labels, network: null, serviceAccount }];
  const corp = [row({ ...PLAINTEXT, serviceHost: "httpbin.corp", serviceName: "httpbin.corp" })];
  const at = (ns: string): readonly MeshObject[] => [namespace("foo"), sleeping({}), pod("foo", "httpbin", { proxy: "sidecar", ips: ["10.77.7.7"] }), namespace(ns)];
  holds([
    { title: "its label does not", objects: [...CLIENT, serving({ labels: { "security.istio.io/tlsMode": "disabled" } }), SERVICE], fix: "Label the pods of foo/httpbin security.istio.io/tlsMode=istio, Pod foo/httpbin first: they run a proxy and do not say so.", done: QUIET },
    {
      title: "it is in ambient, and the client's istiod sends no tunnel: no label helps", objects: [...CLIENT, ambient, SERVICE, controlPlane()], rows: [ztunnelRow()], done: [...CLIENT, ambient, SERVICE, ambientControlPlane()],
      fix: "Let the istiod of foo/sleep send tunnels (PILOT_ENABLE_AMBIENT=true, PILOT_ENABLE_SENDING_HBONE not false), since foo/httpbin is in ambient; the label security.istio.io/tlsMode=istio on its pods would make proxies send what ztunnel cannot end.",
    },
    {
      title: "it has no tunnel for an ambient client", objects: [namespace("foo"), pod("foo", "sleep", { proxy: "ambient" }), SERVER, SERVICE, ambientControlPlane()], done: [namespace("foo"), pod("foo", "sleep", { proxy: "ambient" }), serving({ labels: { "networking.istio.io/tunnel": "http" } }), SERVICE, ambientControlPlane()],
      fix: "Set ISTIO_META_ENABLE_HBONE=true in the proxies of foo/httpbin and restart it: its pods then carry the label networking.istio.io/tunnel=http, which alone opens no tunnel; or take its sidecar away and enrol it in ambient.",
    },
    {
      title: "a ServiceEntry tells of its pod as outside the mesh", objects: [...at("foo"), entry({ location: null, endpoints: endpoint() })], rows: corp, done: [...at("foo"), entry({ location: "MESH_INTERNAL", endpoints: endpoint({}, "httpbin") })],
      fix: "Set location: MESH_INTERNAL in ServiceEntry foo/ext, and give those of its endpoints that run a proxy their serviceAccount.",
    },
    {
      title: "a ServiceEntry of the mesh says nothing of its endpoint", objects: [...at("foo"), entry({ location: "MESH_INTERNAL", endpoints: endpoint() })], rows: corp, done: [...at("foo"), entry({ location: "MESH_INTERNAL", endpoints: endpoint({ "security.istio.io/tlsMode": "istio" }) })],
      fix: "Label its endpoint in ServiceEntry foo/ext security.istio.io/tlsMode: istio.",
    },
    { title: "one pod behind a headless Service has no proxy", objects: [...CLIENT, pod("foo", "httpbin-0", { proxy: "sidecar", labels: { app: "httpbin" }, owner: { kind: "StatefulSet", name: "httpbin" } }), pod("foo", "httpbin-1", { labels: { app: "httpbin" }, owner: { kind: "StatefulSet", name: "httpbin" } }), headless], fix: "Label the pods of foo/httpbin sidecar.istio.io/inject=true, then restart foo/httpbin; or label namespace foo istio-injection=enabled; behind a headless Service one endpoint that offers no mTLS turns it off for all." },
  ]);
});

describe("nothing more was reported than that it called", () => {
  const A = "traffic.sidecar.istio.io/";
  const served = (options: PodOptions, ...others: readonly MeshObject[]): readonly MeshObject[] => [...CLIENT, serving(options), SERVICE, ...others];
  const calling = (name: string, value: string): readonly MeshObject[] => [namespace("foo"), sleeping({ annotations: { [`${A}${name}`]: value } }), SERVER, service("foo", "httpbin", { clusterIPs: ["10.96.0.9"] })];
  const init = { name: "istio-init", init: "init", args: ["-o", "80"], ports: [], runAsUser: null } as const;
  const containers = [init, { name: "app", init: "app", args: [], ports: [], runAsUser: null }, { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: null }] as const;
  const headless = service("foo", "httpbin", { clusterIPs: ["None"] });
  const ambient = pod("foo", "httpbin", { proxy: "ambient" });
  const own = (mode: "STRICT" | "DISABLE"): MeshObject => peerAuthentication("foo", "own", mode, { selector: { app: "httpbin" } });
  const disabled = peerAuthentication("foo", "default", "DISABLE");
  const counts = "policies then count there, and STRICT refuses who calls it in plaintext";
  const past = (port: number): string => `; or, to leave it past the proxy, set DISABLE for port ${port} in portLevelMtls of a PeerAuthentication that selects foo/httpbin, and clients send it plaintext.`;
  const tlsMode = (value: string): PodOptions => ({ proxy: "grpc-agent", labels: { "security.istio.io/tlsMode": value } });
  const vm = (labels: Readonly<Record<string, string>>, serviceAccount: string | null): readonly MeshObject[] => [...CLIENT, workloadEntry("foo", "vm", { address: "10.5.0.1", labels: { app: "vm", ...labels }, serviceAccount }), service("foo", "vm")];
  const TO_VM = { server: { namespace: "foo", workload: "vm", principal: null }, serviceHost: "vm.foo.svc.cluster.local" } as const;
  const EXT = { serviceHost: "httpbin.corp", serviceName: "httpbin.corp" } as const;

  const cases: readonly (readonly [title: string, objects: readonly MeshObject[], fix: string, call?: Partial<TrafficRow>])[] = [
    ["[CAP-7]", calling("excludeOutboundIPRanges", "10.96.0.0/12"), `Take the range that holds the address of foo/httpbin out of ${A}excludeOutboundIPRanges of the pods of foo/sleep: all that they send there then passes their proxy.`],
    ["[CAP-8]", calling("includeOutboundIPRanges", "10.200.0.0/16"), `Add the address of foo/httpbin to ${A}includeOutboundIPRanges of the pods of foo/sleep.`],
    ["[CAP-6] by an argument, which nobody can change", [namespace("foo"), sleeping({ containers }), SERVER, SERVICE], `Take port 80 out of ${A}excludeOutboundPorts of the pods of foo/sleep, or of the injector's values where no annotation says it: all that they send there then passes their proxy.`],
    ["[CAP-3]", served({ annotations: { [`${A}includeInboundPorts`]: "9090" } }), `Add port 8080 to ${A}includeInboundPorts of the pods of foo/httpbin: ${counts}${past(8080)}`],
    ["[CAP-5] at the server", served({ annotations: { "sidecar.istio.io/interceptionMode": "NONE" } }), `Take sidecar.istio.io/interceptionMode: NONE off the pods of foo/httpbin: their proxy then has what they send as well, and ${counts}${past(8080)}`],
    ["[CAP-1] a port that cannot be captured", [...CLIENT, SERVER, service("foo", "httpbin", { ports: [{ port: 80, name: "http", targetPort: 15_020 }] })], `Serve it on another port: 15020 of foo/httpbin is left to the proxy itself and never captured${past(15_020)}`],
    ["[CAP-2] the policy in which an entry counts", served({ annotations: { [`${A}excludeInboundPorts`]: "8080" } }, own("STRICT")), `Take port 8080 out of ${A}excludeInboundPorts of the pods of foo/httpbin: ${counts}; or, to leave it past the proxy, set DISABLE for port 8080 in portLevelMtls of PeerAuthentication foo/own, and clients send it plaintext.`],
    ["[AUTO-7] no policy of a port is asked behind a headless Service", [...CLIENT, serving({ annotations: { [`${A}excludeInboundPorts`]: "8080" } }), headless], `Take port 8080 out of ${A}excludeInboundPorts of the pods of foo/httpbin: ${counts}.`],
    ["[AUTO-7] mTLS to a server that is DISABLE", [...CLIENT, SERVER, headless, own("DISABLE")], "Set spec.mtls.mode of PeerAuthentication foo/own to PERMISSIVE."],
    ["[AUTO-4] and the workload's own policy says DISABLE as well", served({}, disabled, own("DISABLE")), "Set spec.mtls.mode of PeerAuthentication foo/own to PERMISSIVE; then set spec.mtls.mode of PeerAuthentication foo/default to PERMISSIVE (it is for all of namespace foo), wait until plaintext fades, then set STRICT."],
    ["[AUTO-4] and the workload's own policy says STRICT", served({}, disabled, own("STRICT")), "Set spec.mtls.mode of PeerAuthentication foo/default to PERMISSIVE (it is for all of namespace foo), wait until plaintext fades, then set STRICT."],
    ["[AUTO-6] an ambient pod behind a headless Service", [...CLIENT, ambient, headless, ambientControlPlane()], "Give the Service an address of its own, since foo/httpbin is in ambient and takes mTLS in a tunnel only; behind a headless Service one endpoint that offers no mTLS turns it off for all."],
    ["[DR-10] an ambient pod behind a headless Service", [...CLIENT, ambient, headless, ambientControlPlane(), destinationRule("foo", "d", "httpbin", { trafficPolicy: trafficPolicy(tls("DISABLE")) })], "Let foo/sleep dial a Service of foo/httpbin that has an address: foo/httpbin is in ambient, and proxies reach no tunnel behind a headless Service."],
    ["[JOIN-2] an ambient pod with a label for proxies", [...CLIENT, pod("foo", "httpbin", { proxy: "ambient", labels: { "security.istio.io/tlsMode": "istio" } }), SERVICE, ambientControlPlane()], "Take the label security.istio.io/tlsMode off the pods of foo/httpbin, so that proxies use its tunnel."],
    ["[GRPC-2] no policy keeps it from mTLS", served(tlsMode("disabled")), "Label the pods of foo/httpbin security.istio.io/tlsMode=istio: gRPC without a proxy then takes nothing but mTLS."],
    ["[AUTO-10] of another namespace: a serviceAccount there is another identity", [namespace("bar"), ...CLIENT, serving({ ips: ["10.88.0.9"] }), serviceEntry("bar", "ext", "httpbin.corp", { location: null, ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: 8080 }], resolution: "STATIC", endpoints: [{ address: "10.88.0.9", ports: {}, labels: {}, network: null, serviceAccount: null }] })], "Let foo/sleep dial the Service of foo/httpbin by name and port: in ServiceEntry bar/ext a serviceAccount would be one of namespace bar, and a server of namespace foo would be refused.", EXT],
    ["[AUTO-2] a machine whose label says no", vm({ "security.istio.io/tlsMode": "disabled" }, "vm"), "Set the label security.istio.io/tlsMode of WorkloadEntry foo/vm to istio.", TO_VM],
    ["[PLANE-1] a machine without a proxy", vm({}, null), "Install Istio's sidecar on the machine of foo/vm, and set the serviceAccount of WorkloadEntry foo/vm, by which clients know that it has one.", TO_VM],
    ["[AP-3] by an identity that plaintext has not", [namespace("foo"), pod("foo", "sleep"), SERVER, SERVICE, authorizationPolicy("foo", "only", { action: "ALLOW", rules: [authorizationRule({ from: [source({ principals: ["cluster.local/ns/foo/sa/other"] })] })] })], "Leave it refused where that is meant; else let AuthorizationPolicy foo/only allow foo/sleep, which has no identity before it sends mTLS."],
    ["[REG-2]", [namespace("bar"), ...CLIENT, pod("bar", "httpbin", { proxy: "sidecar" }), service("bar", "httpbin", { annotations: { "networking.istio.io/exportTo": "." } })], "Export Service bar/httpbin to the namespace of foo/sleep.", { server: { namespace: "bar", workload: "httpbin", principal: null }, serviceHost: "httpbin.bar.svc.cluster.local" }],
  ];
  it.each(cases.map(([title, objects, fix, call = {}]) => ({ title, objects, fix, call })))("$title", ({ objects, fix, call }) => {
    expect(wouldBe(objects, call)).toBe(fix);
  });
});
