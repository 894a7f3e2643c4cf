import { describe, expect, it } from "vitest";
import type { Container, Labels, MeshJudge, MeshObject, Pod, Verdict } from "#mesh";
import { judgeMesh, serviceHost, workloadId } from "#mesh";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, envoyFilter, mesh, meshConfig, namespace, peerAuthentication, pod, service, sidecar, slice, source, tls, trafficPolicy, workloadEntry, type PodOptions,
} from "../support/mesh.ts";

// Two pods of one workload that differ in one thing: each is told what is true of it, whichever is looked at first.

const OWNER = { kind: "Deployment", name: "pair" };
const app: Container = { name: "app", init: "app", args: [], ports: [], runAsUser: null };
const proxy: Container = { ...app, name: "istio-proxy", args: ["proxy", "sidecar"] };
const init = (...args: readonly string[]): readonly Container[] => [{ ...app, name: "istio-init", init: "init", args }, app, proxy];
const web = service("bar", "pair");
const strict = peerAuthentication("bar", "default", "STRICT");
const traffic = (name: string, value: string): PodOptions => ({ annotations: { [`traffic.sidecar.istio.io/${name}`]: value } });

function one(ns: string, name: string, { labels = {}, ...options }: PodOptions & { readonly labels?: Labels }): Pod {
  return pod(ns, name, { proxy: "sidecar", owner: OWNER, serviceAccountName: "pair", ...options, labels: { app: "pair", ...labels } });
}

function flat(verdict: Verdict<string>): string {
  return verdict.kind === "known" ? verdict.value : "?";
}

/** What is told of an ordinary pod and of the other, in both orders of their names. */
function told(ns: string, [plain, other]: readonly [PodOptions, PodOptions], objects: readonly MeshObject[], of: (judge: MeshJudge, name: string) => string): readonly (readonly string[])[] {
  return [["a", "b"], ["b", "a"]].map(([first = "", second = ""]) => {
    const judge = judgeMesh(mesh([one(ns, first, plain), one(ns, second, other), ...objects]));
    return [of(judge, first), of(judge, second)];
  });
}

interface Row {
  readonly name: string;
  readonly plain?: PodOptions;
  readonly other: PodOptions;
  readonly objects?: readonly MeshObject[];
  readonly port?: number;
  readonly says: readonly [string, string];
}

const canary: readonly MeshObject[] = [controlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" }), meshConfig(), meshConfig({ name: "istio-canary", revision: "canary", rootNamespace: "root-canary" }), peerAuthentication("root-canary", "default", "STRICT")];
const withPort = (name: string, containerPort: number): PodOptions => ({ containers: [{ ...app, ports: [{ name, containerPort, protocol: "TCP" }] }, proxy] });
const byName = service("bar", "pair", { ports: [{ port: 80, name: "http", targetPort: "web" }] });

const servers: readonly Row[] = [
  { name: "an excluded port", other: traffic("excludeInboundPorts", "8080"), objects: [strict], says: ["STRICT", "UNCAPTURED"] },
  { name: "included ports", other: traffic("includeInboundPorts", "9090"), objects: [strict], says: ["STRICT", "UNCAPTURED"] },
  { name: "a label that a policy selects", other: { labels: { version: "v2" } }, objects: [peerAuthentication("bar", "v2", "DISABLE", { selector: { version: "v2" } })], says: ["PERMISSIVE", "DISABLE"] },
  { name: "the host's network", other: { hostNetwork: true }, objects: [strict], says: ["STRICT", "NONE"] },
  { name: "no proxy", other: { containers: [app] }, objects: [strict], says: ["STRICT", "NONE"] },
  { name: "another initialisation", plain: { containers: init("-d", "9090") }, other: { containers: init("-d", "8080") }, objects: [strict], says: ["STRICT", "UNCAPTURED"] },
  { name: "an argument more", plain: { containers: init("-d") }, other: { containers: init("-d", "8080") }, objects: [strict], says: ["STRICT", "UNCAPTURED"] },
  { name: "another status port", other: { annotations: { "status.sidecar.istio.io/port": "8080" } }, objects: [strict], says: ["STRICT", "UNCAPTURED"] },
  { name: "interception off", other: { annotations: { "sidecar.istio.io/interceptionMode": "NONE" } }, objects: [strict], says: ["STRICT", "UNCAPTURED"] },
  { name: "another revision, annotated", other: { annotations: { "istio.io/rev": "canary" } }, objects: canary, says: ["PERMISSIVE", "STRICT"] },
  { name: "another revision, by its status", other: { annotations: { "sidecar.istio.io/status": '{"containers":["istio-proxy"],"revision":"canary"}' } }, objects: canary, says: ["PERMISSIVE", "STRICT"] },
  { name: "another revision, by its label", other: { labels: { "istio.io/rev": "canary" } }, objects: canary, says: ["PERMISSIVE", "STRICT"] },
  { name: "a namespace's revision beats the pod's label", other: { labels: { "istio.io/rev": "default" } }, objects: [...canary, namespace("bar", { "istio.io/rev": "canary" })], says: ["STRICT", "STRICT"] },
  { name: "another node, where a policy selects by it", plain: { nodeName: "one" }, other: { nodeName: "two" }, objects: [peerAuthentication("bar", "node", "STRICT", { selector: { "kubernetes.io/hostname": "two" } })], says: ["PERMISSIVE", "STRICT"] },
  { name: "a label for the node, which counts first", plain: { nodeName: "two", labels: { "kubernetes.io/hostname": "one" } }, other: { nodeName: "two" }, objects: [peerAuthentication("bar", "node", "STRICT", { selector: { "kubernetes.io/hostname": "two" } })], says: ["PERMISSIVE", "STRICT"] },
  { name: "what bypasses ztunnel", plain: { proxy: "ambient" }, other: { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "true" } }, objects: [ambientControlPlane(), strict], says: ["STRICT", "UNCAPTURED"] },
];

describe("servers of one workload", () => {
  it.each(servers)("differ by $name", ({ plain = {}, other, objects = [], port = 8080, says }) => {
    expect(told("bar", [plain, other], [web, ...objects], (judge, name) => flat(judge.serverMode({ namespace: "bar", name }, port)))).toEqual([says, says]);
  });

  it("have the ports that their own containers name", () => {
    const ports = (judge: MeshJudge, name: string) => judge.ports({ namespace: "bar", name }).map(({ targetPort }) => targetPort).join();
    expect(told("bar", [withPort("web", 9000), withPort("web", 9001)], [byName], ports)).toEqual([["9000", "9001"], ["9000", "9001"]]);
    expect(told("bar", [withPort("web", 9000), withPort("other", 9000)], [byName], ports)).toEqual([["9000", ""], ["9000", ""]]);
    expect(told("bar", [withPort("web", 9000), { containers: [app, proxy] }], [byName], ports)).toEqual([["9000", ""], ["9000", ""]]);
  });

  it("are told with all their ports, those that are alike once", () => {
    const all = judgeMesh(mesh([one("bar", "a", withPort("web", 9000)), one("bar", "b", withPort("web", 9000)), one("bar", "c", withPort("web", 9001)), byName]));
    expect(all.workloadPorts(workloadId("bar", "pair")).map(({ targetPort }) => targetPort)).toEqual([9000, 9001]);
  });
});

const APP = [pod("bar", "server", { proxy: "sidecar" }), service("bar", "server", { clusterIPs: ["10.96.0.9"] })];
const HOST = serviceHost("server.bar.svc.cluster.local");
const rule = (workloadSelector: Labels) => destinationRule("foo", "own", HOST, { workloadSelector, trafficPolicy: trafficPolicy(tls("DISABLE")) });
const unmarked = [pod("bar", "server", { proxy: "sidecar", labels: { "security.istio.io/tlsMode": "disabled", "topology.istio.io/network": "two" } }), service("bar", "server")];

const clients: readonly Row[] = [
  { name: "an excluded port", other: traffic("excludeOutboundPorts", "80"), says: ["AUTO_MTLS", "BYPASS"] },
  { name: "an excluded range", other: traffic("excludeOutboundIPRanges", "10.96.0.0/12"), says: ["AUTO_MTLS", "BYPASS"] },
  { name: "included ranges", other: traffic("includeOutboundIPRanges", "10.1.0.0/16"), says: ["AUTO_MTLS", "BYPASS"] },
  { name: "included ports beside them", plain: { annotations: { ...traffic("includeOutboundIPRanges", "10.1.0.0/16").annotations, ...traffic("includeOutboundPorts", "80").annotations } }, other: traffic("includeOutboundIPRanges", "10.1.0.0/16"), says: ["AUTO_MTLS", "BYPASS"] },
  { name: "its user", other: { containers: [{ ...app, runAsUser: 1337 }, proxy] }, says: ["AUTO_MTLS", "BYPASS"] },
  { name: "certificates from files", other: { annotations: { "proxy.istio.io/config": "TLS_CLIENT_CERT_CHAIN: x" } }, says: ["AUTO_MTLS", "?"] },
  { name: "a label that a DestinationRule selects", other: { labels: { version: "v2" } }, objects: [rule({ version: "v2" })], says: ["AUTO_MTLS", "DR_DISABLE"] },
  { name: "a label that a Sidecar selects", other: { labels: { version: "v2" } }, objects: [sidecar("foo", "v2", { workloadSelector: { version: "v2" }, egress: egress("./*") })], says: ["AUTO_MTLS", "PASSTHROUGH"] },
  { name: "its plane", other: { proxy: "ambient" }, objects: [ambientControlPlane()], says: ["AUTO_MTLS", "ZT_PLAINTEXT"] },
];

function sends(judge: MeshJudge, name: string): string {
  return flat(judge.connection({ client: { namespace: "foo", name }, server: { namespace: "bar", name: "server" }, port: 80, via: { type: "service", host: HOST } }).clientMode);
}

describe("clients of one workload", () => {
  it.each(clients)("differ by $name", ({ plain = {}, other, objects = [], says }) => {
    expect(told("foo", [plain, other], [...APP, ...objects], sends)).toEqual([says, says]);
  });

  it("differ by their network", () => {
    expect(told("foo", [{ labels: { "topology.istio.io/network": "two" } }, { labels: { "topology.istio.io/network": "one" } }], unmarked, sends)).toEqual([["AUTO_PLAINTEXT", "?"], ["AUTO_PLAINTEXT", "?"]]);
  });

  it("differ by their account", () => {
    const only = authorizationPolicy("bar", "only", { rules: [authorizationRule({ from: [source({ principals: ["*/sa/pair"] })] })] });
    const authorized = (judge: MeshJudge, name: string) => flat(judge.connection({ client: { namespace: "foo", name }, server: { namespace: "bar", name: "server" }, port: 80, via: { type: "service", host: HOST } }).authorization);
    expect(told("foo", [{}, { serviceAccountName: "other" }], [...APP, only], authorized)).toEqual([["allow", "deny"], ["allow", "deny"]]);
  });
});

describe("ways to a workload", () => {
  const client = pod("foo", "client", { proxy: "sidecar" });
  const host = serviceHost("pair.bar.svc.cluster.local");
  const raw = (mode: string) => envoyFilter("bar", mode, { workloadSelector: { version: mode }, patches: [{ applyTo: "CLUSTER", context: "SIDECAR_INBOUND", touchesTransport: true }] });
  const versions = (...names: readonly string[]) => names.map((version, at) => one("bar", `p${at}`, { labels: { version } }));
  const ways = (...objects: readonly MeshObject[]) =>
    judgeMesh(mesh([client, ...objects])).paths(workloadId("foo", "client"), workloadId("bar", "pair"), host, "http").map(({ port, targetPort, pairs, verdict }) => `${port} ${targetPort} x${pairs} ${verdict.serverMode.kind === "known" ? verdict.serverMode.value : "?"}`);

  it("are one where the answers are the same, with all their pairs", () => {
    expect(ways(...versions("v1", "v2", "v2"), web, peerAuthentication("qux", "x", "STRICT", { selector: { version: "v2" } }))).toEqual(["80 8080 x3 PERMISSIVE"]);
  });

  it("are apart where the answers are not", () => {
    expect(ways(...versions("v1", "v2", "v2"), web, peerAuthentication("bar", "x", "STRICT", { selector: { version: "v2" } }))).toEqual(["80 8080 x1 PERMISSIVE", "80 8080 x2 STRICT"]);
    expect(ways(...versions("v1", "v2", "v1"), web, peerAuthentication("bar", "x", "STRICT", { selector: { version: "v2" } }))).toEqual(["80 8080 x2 PERMISSIVE", "80 8080 x1 STRICT"]);
  });

  it("are apart by their ports", () => {
    expect(ways(one("bar", "a", withPort("web", 9000)), one("bar", "b", withPort("web", 9001)), byName, { ...slice(byName, [one("bar", "a", withPort("web", 9000))]), name: "s1" }, { ...slice(byName, [one("bar", "b", withPort("web", 9001))]), name: "s2" })).toEqual(["80 9000 x1 PERMISSIVE", "80 9001 x1 PERMISSIVE"]);
    expect(ways(...versions("v1"), service("bar", "pair", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "http-b", targetPort: 8080 }] }))).toEqual(["80 8080 x1 PERMISSIVE", "81 8080 x1 PERMISSIVE"]);
  });

  it("are apart where what is known differs, and where different things are missing", () => {
    expect(ways(...versions("v1", "v2"), web, raw("v2"))).toEqual(["80 8080 x1 PERMISSIVE", "80 8080 x1 ?"]);
    expect(ways(...versions("v1", "v2"), web, raw("v1"), raw("v2"))).toEqual(["80 8080 x1 ?", "80 8080 x1 ?"]);
    expect(ways(...versions("v1", "v2"), web, { ...raw("v1"), workloadSelector: null }, peerAuthentication("qux", "x", "STRICT", { selector: { version: "v2" } }))).toEqual(["80 8080 x2 ?"]);
  });
});

describe("a workload", () => {
  it("is told with its owner and instances, by name", () => {
    const { workloads } = judgeMesh(mesh([one("bar", "b", {}), one("bar", "a", { hostNetwork: true, nodeName: "n", ready: false, ips: ["10.5.5.5"] }), workloadEntry("bar", "machine", { address: "10.5.5.6", serviceAccount: "vm" }), workloadEntry("bar", "nowhere", { address: "" })]));
    expect([...workloads.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, ownerKind, instances }) => [id, ownerKind, instances.map(({ ref, kind, dataPlaneMode, addresses, nodeName, hostNetwork, ready, serviceAccountName }) => [ref.name, kind, dataPlaneMode, addresses.length, nodeName, hostNetwork, ready, serviceAccountName])])).toEqual([
      ["bar/machine", "WorkloadEntry", [["machine", "WorkloadEntry", "sidecar", 1, null, false, true, "vm"]]],
      ["bar/nowhere", "WorkloadEntry", [["nowhere", "WorkloadEntry", "none", 0, null, false, true, ""]]],
      ["bar/pair", "Deployment", [["a", "Pod", "none", 1, "n", true, false, "pair"], ["b", "Pod", "sidecar", 1, null, false, true, "pair"]]],
    ]);
  });

  it("is found by address, whoever has it", () => {
    const judge = judgeMesh(mesh([one("bar", "b", { ips: ["10.5.5.5", "10.5.5.7"] }), one("foo", "a", { ips: ["10.5.5.5"] }), workloadEntry("bar", "machine", { address: "10.5.5.6" })]));
    expect(["10.5.5.5", "10.5.5.6", "10.5.5.7", "10.5.5.8"].map((address) => judge.instancesByAddress(address).map(({ ref }) => `${ref.namespace}/${ref.name}`))).toEqual([["bar/b", "foo/a"], ["bar/machine"], ["bar/b"], []]);
  });
});
