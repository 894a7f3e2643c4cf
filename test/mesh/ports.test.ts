import { describe, expect, it } from "vitest";
import type { Container, Labels, MeshObject, Pod, UnreadObject } from "#mesh";
import { judgeMesh, workloadId } from "#mesh";
import { describeChains, type Whole } from "../support/judging.ts";
import { mesh, peerAuthentication, pod, second, service, unread } from "../support/mesh.ts";

// Which ports a proxy guards, what leaves a pod past it, and every policy that is about a workload.

const TRAFFIC = "metadata.annotations.traffic.sidecar.istio.io";
const app: Container = { name: "app", init: "app", args: [], ports: [], runAsUser: null };
const proxy: Container = { ...app, name: "istio-proxy", args: ["proxy", "sidecar"] };
const init = (name: string, ...args: readonly string[]): Container => ({ ...app, name, init: "init", args });
const annotations = (written: Labels): Labels => Object.fromEntries(Object.entries(written).map(([name, value]) => [`traffic.sidecar.istio.io/${name}`, value]));
const web = service("bar", "server", { clusterIPs: ["10.96.0.7"] });
const plain = pod("foo", "client");
const strict = peerAuthentication("bar", "default", "STRICT");

function guarded(name: string, options: Parameters<typeof pod>[2], mode: string, ...lines: readonly string[]): Whole {
  return { name, objects: [plain, pod("bar", "server", { proxy: "sidecar", ...options }), web, strict], says: { serverMode: [mode, ...lines] } };
}

const containers = (...inits: readonly Container[]): readonly Container[] => [...inits, app, proxy];

describeChains("ports that are redirected", [
  guarded("[CAP-4] all, by default", {}, "STRICT", "CAP-4 Pod bar/server"),
  guarded("[CAP-2] but those that are left out, with blanks and gaps", { annotations: annotations({ excludeInboundPorts: " 9000 ,, 8080," }) }, "UNCAPTURED", `CAP-2 Pod bar/server ${TRAFFIC}/excludeInboundPorts =  9000 ,, 8080,`),
  guarded("[CAP-4] an empty list leaves out none", { annotations: annotations({ excludeInboundPorts: "" }) }, "STRICT"),
  guarded("[CAP-3] those that are named only", { annotations: annotations({ includeInboundPorts: "9000" }) }, "UNCAPTURED", `CAP-3 Pod bar/server ${TRAFFIC}/includeInboundPorts = 9000`),
  guarded("[CAP-4] this one is", { annotations: annotations({ includeInboundPorts: "9000,8080" }) }, "STRICT", `CAP-4 Pod bar/server ${TRAFFIC}/includeInboundPorts = 9000,8080`),
  guarded("[CAP-2] by the arguments of istio-init", { containers: containers(init("istio-init", "istio-iptables", "-d", "15090,8080")) }, "UNCAPTURED", "CAP-2 Pod bar/server spec.initContainers.istio-init.args -d = 15090,8080"),
  guarded("[CAP-3] by those of istio-validation", { containers: containers(init("istio-validation", "-b", "9000")) }, "UNCAPTURED", "CAP-3 Pod bar/server spec.initContainers.istio-validation.args -b = 9000"),
  guarded("[CAP-4] not by those of another", { containers: containers(init("other", "-d", "8080")) }, "STRICT"),
  guarded("[CAP-4] nor of one that is not an init container", { containers: [{ ...app, name: "istio-init", args: ["-d", "8080"] }, app, proxy] }, "STRICT"),
  guarded("[CAP-4] nor where the flag has no value", { containers: containers(init("istio-init", "8080", "-d")) }, "STRICT"),
  guarded("[CAP-4] nor a value without its flag", { containers: containers(init("istio-init", "8080", "9000")) }, "STRICT"),
  { ...guarded("[CAP-1] the status port is the proxy's", {}, "UNCAPTURED", "CAP-1 Pod bar/server = 15020"), asked: { port: 15_020, via: "podIP" } },
  { ...guarded("[CAP-1] where it is told another, that one is", { annotations: { "status.sidecar.istio.io/port": "16000" } }, "UNCAPTURED", "CAP-1 Pod bar/server = 16000"), asked: { port: 16_000, via: "podIP" } },
  { ...guarded("[CAP-4] and its old number is nobody's", { annotations: { "status.sidecar.istio.io/port": "16000" } }, "STRICT"), asked: { port: 15_020, via: "podIP" } },
  { ...guarded("[CAP-1] a port that is no number moves nothing", { annotations: { "status.sidecar.istio.io/port": "0" } }, "UNCAPTURED"), asked: { port: 15_020, via: "podIP" } },
  guarded("[CAP-5] interception is off", { annotations: { "sidecar.istio.io/interceptionMode": "NONE" } }, "UNCAPTURED", "CAP-5 Pod bar/server metadata.annotations.sidecar.istio.io/interceptionMode = NONE"),
]);

const server = pod("bar", "server", { proxy: "sidecar" });

function leaving(name: string, options: Parameters<typeof pod>[2], mode: string, ...lines: readonly string[]): Whole {
  return { name, objects: [pod("foo", "client", { proxy: "sidecar", ...options }), server, web], says: { clientMode: [mode, ...lines] } };
}

const told = (written: Labels) => ({ annotations: annotations(written) });
const ran = (...args: readonly string[]) => ({ containers: containers(init("istio-init", ...args)) });

describeChains("what leaves past the proxy", [
  leaving("[CAP-6] a port that is left out", told({ excludeOutboundPorts: "443,80" }), "BYPASS", `CAP-6 Pod foo/client ${TRAFFIC}/excludeOutboundPorts = 443,80`),
  leaving("[CAP-6] by an argument", ran("-o", "80"), "BYPASS", "CAP-6 Pod foo/client spec.initContainers.istio-init.args -o = 80"),
  leaving("[CAP-7] a range that is left out, of several", told({ excludeOutboundIPRanges: "192.168.0.0/16,10.96.0.0/24" }), "BYPASS", `CAP-7 Pod foo/client ${TRAFFIC}/excludeOutboundIPRanges = 192.168.0.0/16,10.96.0.0/24`),
  leaving("[CAP-7] by an argument", ran("-x", "10.96.0.0/24"), "BYPASS", "CAP-7 Pod foo/client spec.initContainers.istio-init.args -x = 10.96.0.0/24"),
  leaving("[CAP-8] outside what is named", told({ includeOutboundIPRanges: "10.200.0.0/16,10.201.0.0/16" }), "BYPASS", `CAP-8 Pod foo/client ${TRAFFIC}/includeOutboundIPRanges = 10.200.0.0/16,10.201.0.0/16`),
  leaving("[CAP-8] by an argument", ran("-i", "10.200.0.0/16"), "BYPASS", "CAP-8 Pod foo/client spec.initContainers.istio-init.args -i = 10.200.0.0/16"),
  leaving("[CAP-9] inside one of them", told({ includeOutboundIPRanges: "10.200.0.0/16,10.96.0.0/12" }), "AUTO_MTLS", `CAP-9 Pod foo/client ${TRAFFIC}/includeOutboundIPRanges = 10.200.0.0/16,10.96.0.0/12`),
  leaving("[CAP-9] everything, among others", told({ includeOutboundIPRanges: "10.200.0.0/16,*" }), "AUTO_MTLS"),
  leaving("[CAP-9] everything", told({ includeOutboundIPRanges: "*", excludeOutboundPorts: "443" }), "AUTO_MTLS"),
  leaving("[CAP-9] a port that is named beats the ranges", told({ includeOutboundIPRanges: "10.200.0.0/16", includeOutboundPorts: "443,80" }), "AUTO_MTLS", `CAP-9 Pod foo/client ${TRAFFIC}/includeOutboundPorts = 443,80`),
  leaving("[CAP-9] by an argument", ran("-i", "10.200.0.0/16", "-q", "80"), "AUTO_MTLS", "CAP-9 Pod foo/client spec.initContainers.istio-init.args -q = 80"),
  leaving("[CAP-9] every port", told({ includeOutboundIPRanges: "10.200.0.0/16", includeOutboundPorts: "443,*" }), "AUTO_MTLS"),
  leaving("[CAP-8] another port does not", told({ includeOutboundIPRanges: "10.200.0.0/16", includeOutboundPorts: "443" }), "BYPASS"),
  leaving("[AUTO-1] empty lists say nothing", told({ excludeOutboundPorts: "", excludeOutboundIPRanges: "", includeOutboundPorts: "" }), "AUTO_MTLS"),
  leaving("[CAP-12] a sidecar-like init container that runs as the proxy", { containers: [{ ...app, name: "helper", init: "native-sidecar", runAsUser: 1337 }, { ...proxy, init: "native-sidecar" }] }, "BYPASS", "CAP-12 Pod foo/client spec.initContainers.helper.securityContext.runAsUser = 1337"),
  leaving(
    "[CAP-12] two of three",
    { containers: [{ ...app, name: "a", runAsUser: 1337 }, { ...app, name: "b", runAsUser: 1337 }, { ...app, name: "c" }, proxy] },
    "unknown",
    "? the container that dials: what `a`, `b` of `Pod` `foo/client` sends as the proxy's user passes it by, what the others send does not",
  ),
  leaving("[CAP-6] where the port is left out it does not matter who dials", { ...told({ excludeOutboundPorts: "80" }), containers: [{ ...app, name: "a", runAsUser: 1337 }, { ...app, name: "c" }, proxy] }, "BYPASS", `CAP-6 Pod foo/client ${TRAFFIC}/excludeOutboundPorts = 80`),
]);

describe("several addresses of one name", () => {
  it("[CAP-7] is a gap where the redirection tells them apart", () => {
    const client = pod("foo", "client", { proxy: "sidecar", annotations: annotations({ excludeOutboundIPRanges: "10.96.0.0/24" }) });
    const two = service("bar", "server", { clusterIPs: ["10.96.0.7", "10.97.0.7"] });
    const both = service("bar", "server", { clusterIPs: ["10.96.0.7", "10.96.0.8"] });
    const mode = (one: MeshObject) => {
      const configuration = mesh([client, server, one]);
      return judgeMesh(configuration).connection({ client: { namespace: "foo", name: "client" }, server: { namespace: "bar", name: "server" }, port: 80, via: { type: "service", host: "server.bar.svc.cluster.local" as never } }).clientMode;
    };
    expect(mode(two)).toEqual({ kind: "unknown", gaps: [{ wanted: "the address that the client dials", because: "the name resolves to several, and the proxy is told to leave some of them alone" }] });
    expect(mode(both)).toMatchObject({ kind: "known", value: "BYPASS" });
  });
});

describe("policies about a workload", () => {
  const APP = { app: "server" };
  const all = [
    peerAuthentication("bar", "a", "STRICT", { selector: APP, createdAtMs: second(1) }), peerAuthentication("bar", "b", null, { selector: APP, createdAtMs: second(2) }),
    peerAuthentication("bar", "c", "PERMISSIVE", { createdAtMs: second(1) }), peerAuthentication("bar", "d", "STRICT", { createdAtMs: second(2) }),
    peerAuthentication("istio-system", "e", "DISABLE", { createdAtMs: second(1) }), peerAuthentication("istio-system", "f", "STRICT", { createdAtMs: second(2) }), peerAuthentication("istio-system", "g", "STRICT", { selector: APP }),
  ];
  const told = (one: Pod, ...policies: readonly MeshObject[]) =>
    judgeMesh(mesh([one, ...policies])).policies(workloadId(one.namespace, one.name)).map(({ object, scope, mode, standing, rule }) => [object.name, scope, mode, standing, rule]);

  it("[PA-2, PA-3, PA-6, PA-7] the strongest first, then those that do not exist for it", () => {
    expect(told(server, ...all)).toEqual([
      ["a", "workload", "STRICT", "in force", null], ["c", "namespace", "PERMISSIVE", "overridden", "PA-3"], ["e", "mesh", "DISABLE", "overridden", "PA-2"], ["b", "workload", "UNSET", "ignored", "PA-6"],
      ["d", "namespace", "STRICT", "ignored", "PA-6"], ["f", "mesh", "STRICT", "ignored", "PA-6"], ["g", "workload", "STRICT", "ignored", "PA-7"],
    ]);
  });

  it("[PA-5] what says nothing overrides nothing", () => {
    const silent = peerAuthentication("bar", "w", "UNSET", { selector: APP });
    expect(told(server, silent, peerAuthentication("bar", "n", null), peerAuthentication("istio-system", "m", "STRICT"))).toEqual([["w", "workload", "UNSET", "overridden", "PA-5"], ["n", "namespace", "UNSET", "overridden", "PA-5"], ["m", "mesh", "STRICT", "in force", null]]);
    expect(told(server, { ...silent, portLevelMtls: { 8080: "STRICT" } })).toEqual([["w", "workload", "UNSET", "in force", "PA-5"]]);
    expect(told(server, peerAuthentication("bar", "n", null, { portLevelMtls: { 8080: "STRICT" } }))).toEqual([["n", "namespace", "UNSET", "overridden", "PA-5"]]);
  });

  it("[PA-6] of the root namespace its own policies are the mesh's", () => {
    expect(told(pod("istio-system", "server", { proxy: "sidecar" }), ...all)).toEqual([["e", "mesh", "DISABLE", "in force", null], ["f", "mesh", "STRICT", "ignored", "PA-6"], ["g", "workload", "STRICT", "ignored", "PA-7"]]);
  });

  it("[PLANE-1, GW-1] without a proxy, and at a gateway, all are without effect", () => {
    expect(told(pod("bar", "server"), strict)).toEqual([["default", "namespace", "STRICT", "ignored", "PLANE-1"]]);
    expect(told(pod("bar", "server", { proxy: "gateway" }), strict)).toEqual([["default", "namespace", "STRICT", "ignored", "GW-1"]]);
    expect(told(pod("bar", "server", { proxy: "ambient" }), strict)).toEqual([["default", "namespace", "STRICT", "in force", null]]);
  });
});

describe("ports of an instance", () => {
  const ports = (one: Pod, ...objects: readonly MeshObject[]) =>
    judgeMesh(mesh([one, ...objects])).ports({ namespace: one.namespace, name: one.name }).map(({ targetPort, protocol, services, serverMode }) => [targetPort, protocol, services.map(({ host, port, name }) => `${host}:${port} ${name ?? "-"}`), serverMode.kind === "known" ? serverMode.value : "?"]);
  const policy = peerAuthentication("bar", "server", "STRICT", { selector: { app: "server" }, portLevelMtls: { 9999: "PERMISSIVE", 8080: "DISABLE", 7000: "PERMISSIVE", "x": "STRICT" } });
  const many = service("bar", "server", { ports: [{ port: 82, name: "http-b", targetPort: 10_000 }, { port: 81, name: "tcp", targetPort: 9090 }, { port: 80, targetPort: 8080 }] });

  it("those of Services by number, then those that only a policy names", () => {
    expect(ports(server, many, policy)).toEqual([
      [8080, "AUTO", ["server.bar.svc.cluster.local:80 -"], "DISABLE"], [9090, "TCP", ["server.bar.svc.cluster.local:81 tcp"], "STRICT"], [10_000, "HTTP", ["server.bar.svc.cluster.local:82 http-b"], "STRICT"],
      [7000, "AUTO", [], "PERMISSIVE"], [9999, "AUTO", [], "PERMISSIVE"],
    ]);
  });

  it("without a proxy a policy names none; of nothing there are none", () => {
    expect(ports(pod("bar", "server"), web, policy)).toEqual([[8080, "HTTP", ["server.bar.svc.cluster.local:80 http"], "NONE"]]);
    expect(judgeMesh(mesh([server])).ports({ namespace: "bar", name: "gone" })).toEqual([]);
  });
});

describe("what was not read", () => {
  const told = (...all: readonly UnreadObject[]) => judgeMesh(mesh([], { unread: all })).gaps.map(({ wanted, because }) => `${wanted}: ${because}`);

  it("is told by kind, namespace, name and field, each once", () => {
    expect(told(unread("Pod"))).toEqual(["`Pod` objects: forbidden"]);
    expect(told(unread("Pod", { namespace: "bar" }))).toEqual(["`Pod` objects in namespace `bar`: forbidden"]);
    expect(told(unread("Pod", { exceptNamespaces: ["bar", "foo"] }))).toEqual(["`Pod` objects outside `bar`, `foo`: forbidden"]);
    expect(told(unread("Pod", { namespace: "bar", name: "x" }))).toEqual(["`Pod` `bar/x`: forbidden"]);
    expect(told(unread("Namespace", { name: "x" }))).toEqual(["`Namespace` `/x`: forbidden"]);
    expect(told(unread("Pod", { namespace: "bar", name: "x", field: "spec", because: "odd" }))).toEqual(["field `spec` of `Pod` `bar/x`: odd"]);
    expect(told(unread("Pod"), unread("Pod"), unread("Sidecar"))).toEqual(["`Pod` objects: forbidden", "`Sidecar` objects: forbidden"]);
  });
});
