import { describe, expect, it } from "vitest";
import type { Pod } from "#mesh";
import { judgeMesh } from "#mesh";
import { byHost, describeRules, flattened, question } from "../support/judging.ts";
import { mesh, meshConfig, peerAuthentication, pod, service, sidecar } from "../support/mesh.ts";

const STRICT = peerAuthentication("istio-system", "default", "STRICT");
const web = service("bar", "server");
const plainClient = pod("foo", "client");
const traffic = (what: string, value: string): Record<string, string> => ({ [`traffic.sidecar.istio.io/${what}`]: value });

function inbound(annotations: Record<string, string>) {
  return [plainClient, pod("bar", "server", { proxy: "sidecar", annotations }), web, STRICT];
}

function outbound(annotations: Record<string, string>) {
  return [pod("foo", "client", { proxy: "sidecar", annotations }), pod("bar", "server", { proxy: "sidecar", ips: ["10.200.0.7"] }), service("bar", "server", { clusterIPs: ["10.96.0.9"] }), STRICT];
}

describeRules("capture, inbound", [
  ...[15_020, 15_021, 15_090, 15_008].map((port) => ({ rule: "CAP-1" as const, name: `port ${port} is the proxy's own`, objects: inbound({}), asked: { port, via: "podIP" as const }, expect: { serverMode: "UNCAPTURED", transport: "plaintext" } })),
  { rule: "CAP-1", name: "the status port moves with the mesh's configuration", objects: [...inbound({}), meshConfig({ statusPort: 15_777 })], asked: { port: 15_777, via: "podIP" }, expect: { serverMode: "UNCAPTURED" } },
  { rule: "CAP-4", name: "and leaves its old number to everybody", objects: [...inbound({}), meshConfig({ statusPort: 15_777 })], asked: { port: 15_020, via: "podIP" }, expect: { serverMode: "STRICT" } },
  { rule: "CAP-2", name: "an excluded port has no mode", objects: inbound(traffic("excludeInboundPorts", "9000, 8080")), expect: { serverMode: "UNCAPTURED", transport: "plaintext" } },
  {
    rule: "CAP-2",
    name: "mesh clients still send mTLS there, and break",
    objects: [pod("foo", "client", { proxy: "sidecar" }), ...inbound(traffic("excludeInboundPorts", "8080")).slice(1)],
    expect: { clientMode: "AUTO_MTLS", serverMode: "UNCAPTURED", transport: "blocked" },
  },
  { rule: "CAP-3", name: "a port that is not included has no mode", objects: inbound(traffic("includeInboundPorts", "9000")), expect: { serverMode: "UNCAPTURED" } },
  { rule: "CAP-3", name: "an empty list includes nothing", objects: inbound(traffic("includeInboundPorts", "")), expect: { serverMode: "UNCAPTURED" } },
  { rule: "CAP-4", name: "the exclude list is not read where ports are included", objects: inbound({ ...traffic("includeInboundPorts", "8080"), ...traffic("excludeInboundPorts", "8080") }), expect: { serverMode: "STRICT" } },
  {
    rule: "CAP-2",
    name: "the arguments that ran count, not the annotation",
    objects: [
      plainClient,
      pod("bar", "server", {
        proxy: "sidecar",
        annotations: traffic("excludeInboundPorts", "9000"),
        containers: [
          { name: "istio-init", init: "init", args: ["istio-iptables", "-b", "*", "-d", "15090,15021,15020,8080"], ports: [], runAsUser: null },
          ...pod("bar", "server", { proxy: "sidecar" }).containers,
        ],
      }),
      web,
      STRICT,
    ],
    expect: { serverMode: "UNCAPTURED" },
  },
  { rule: "CAP-4", name: "everything else is captured, a native sidecar's too", objects: [plainClient, pod("bar", "server", { proxy: "native-sidecar" }), web, STRICT], expect: { serverMode: "STRICT", transport: "blocked" } },
  { rule: "CAP-13", name: "the interface of the pod's own address is left alone", objects: inbound(traffic("excludeInterfaces", "net1,eth0")), expect: { serverMode: "UNCAPTURED", transport: "plaintext" } },
  { rule: "CAP-13", name: "as each whose name begins so", objects: inbound(traffic("excludeInterfaces", "eth+")), expect: { serverMode: "UNCAPTURED" } },
  { rule: "CAP-4", name: "another interface is not the one of the pod's address", objects: inbound(traffic("excludeInterfaces", "net1, eth01")), expect: { serverMode: "STRICT", transport: "blocked" } },
  { rule: "CAP-5", name: "interception NONE captures nothing", objects: inbound({ "sidecar.istio.io/interceptionMode": "NONE" }), expect: { serverMode: "UNCAPTURED" } },
]);

describe("capture, inbound, in other ways", () => {
  it("interception NONE with a Sidecar that names the port has a listener after all", () => {
    const objects = [...inbound({ "sidecar.istio.io/interceptionMode": "NONE" }), sidecar("bar", "ports", { ingress: [{ port: 8080, protocol: "HTTP", captureMode: "NONE", tlsMode: null }] })];
    const configuration = mesh(objects);
    expect(flattened(judgeMesh(configuration).connection(question(configuration)))).toMatchObject({ serverMode: "STRICT", transport: "blocked" });
  });
});

const app = { name: "app", init: "app", args: [], ports: [], runAsUser: null } as const;
const proxy = { ...app, name: "istio-proxy", args: ["proxy", "sidecar"] };
const init = { ...app, name: "istio-init", init: "init", args: ["istio-iptables", "-u", "2000"] } as const;

function users(...containers: Pod["containers"]) {
  return [pod("foo", "client", { proxy: "sidecar", containers }), ...outbound({}).slice(1)];
}

const udp = service("bar", "server", { ports: [{ port: 53, name: "dns", protocol: "UDP", targetPort: 53 }] });

describeRules("capture, outbound", [
  { rule: "CAP-6", name: "an excluded port leaves in plaintext", objects: outbound(traffic("excludeOutboundPorts", "80")), expect: { clientMode: "BYPASS", transport: "blocked" } },
  { rule: "CAP-7", name: "an excluded range leaves in plaintext", objects: outbound(traffic("excludeOutboundIPRanges", "10.96.0.0/24")), expect: { clientMode: "BYPASS", transport: "blocked" } },
  { rule: "CAP-8", name: "an address outside the included ranges leaves in plaintext", objects: outbound(traffic("includeOutboundIPRanges", "10.200.0.0/16")), expect: { clientMode: "BYPASS" } },
  { rule: "CAP-9", name: "an address inside them is captured", objects: outbound(traffic("includeOutboundIPRanges", "10.96.0.0/12")), expect: { clientMode: "AUTO_MTLS", transport: "mTLS" } },
  { rule: "CAP-9", name: "an included port is captured outside the included ranges", objects: outbound({ ...traffic("includeOutboundIPRanges", "10.200.0.0/16"), ...traffic("includeOutboundPorts", "80") }), expect: { clientMode: "AUTO_MTLS" } },
  { rule: "CAP-13", name: "what leaves by it is plaintext", objects: outbound(traffic("excludeInterfaces", "eth0")), expect: { clientMode: "BYPASS", transport: "blocked" } },
  { rule: "CAP-5", name: "interception NONE captures nothing that leaves", objects: outbound({ "sidecar.istio.io/interceptionMode": "NONE" }), expect: { clientMode: "BYPASS" } },
  { rule: "CAP-12", name: "the proxy's user leaves in plaintext", objects: users({ ...app, runAsUser: 1337 }, proxy), expect: { clientMode: "BYPASS", transport: "blocked" } },
  { rule: "CAP-12", name: "of a native sidecar as well", objects: users({ ...app, runAsUser: 1337 }, { ...proxy, init: "native-sidecar" }), expect: { clientMode: "BYPASS" } },
  { rule: "CAP-12", name: "the user that the redirection was told", objects: users(init, { ...app, runAsUser: 2000 }, proxy), expect: { clientMode: "BYPASS" } },
  { rule: "CAP-10", name: "UDP passes every proxy by", objects: [pod("foo", "client", { proxy: "sidecar" }), pod("bar", "server", { proxy: "sidecar" }), udp, STRICT], asked: { port: 53 }, expect: { clientMode: "BYPASS", serverMode: "UNCAPTURED", transport: "plaintext" } },
  { rule: "CAP-10", name: "ztunnel's too", objects: [pod("foo", "client", { proxy: "ambient" }), pod("bar", "server", { proxy: "ambient" }), udp, STRICT], asked: { port: 53 }, expect: { clientMode: "BYPASS", transport: "plaintext" } },
  {
    rule: "CAP-11",
    name: "a pod that dials its own address never leaves it",
    objects: [pod("bar", "server", { proxy: "sidecar" }), web, STRICT],
    asked: { client: "bar/server", via: "podIP" },
    expect: { clientMode: "BYPASS", serverMode: "UNCAPTURED", transport: "plaintext" },
  },
  {
    rule: "AUTO-1",
    name: "by its own Service it goes through both proxies",
    objects: [pod("bar", "server", { proxy: "sidecar" }), web, STRICT],
    asked: { client: "bar/server", via: byHost("server.bar.svc.cluster.local") },
    expect: { clientMode: "AUTO_MTLS", serverMode: "STRICT", transport: "mTLS" },
  },
]);

describe("capture, outbound, by user", () => {
  const asked = (...containers: Pod["containers"]) => {
    const configuration = mesh(users(...containers));
    return judgeMesh(configuration).connection(question(configuration));
  };

  it("[CAP-12] of several containers, which one dials is not known", () => {
    const { clientMode, transport } = asked({ ...app, runAsUser: 1337 }, { ...app, name: "other" }, proxy);
    expect(clientMode).toMatchObject({ kind: "unknown", gaps: [{ wanted: "the container that dials", because: "what `app` of `Pod` `foo/client` sends as the proxy's user passes it by, what the others send does not" }] });
    expect(transport.kind).toBe("unknown");
  });

  it("[CAP-12] another user than the redirection spares is captured", () => {
    expect(flattened(asked(init, { ...app, runAsUser: 1337 }, { ...proxy, runAsUser: 2000 }))).toMatchObject({ clientMode: "AUTO_MTLS", transport: "mTLS" });
  });

  it("[CAP-12] init containers have ended before anything is dialled", () => {
    expect(flattened(asked({ ...init, runAsUser: 1337, args: [] }, app, proxy))).toMatchObject({ clientMode: "AUTO_MTLS" });
  });
});
