import { describe, expect, it } from "vitest";
import { judgeMesh, serviceHost, workloadId } from "#mesh";
import { byHost, describeRules, flattened, question } from "../support/judging.ts";
import { controlPlane, destinationRule, egress, mesh, meshConfig, namespace, peerAuthentication, pod, second, service, serviceEntry, sidecar, slice, tls, trafficPolicy, virtualService } from "../support/mesh.ts";

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const STRICT = peerAuthentication("istio-system", "default", "STRICT");
const hidden = (exportTo: string) => service("bar", "server", { annotations: { "networking.istio.io/exportTo": exportTo } });
const web = service("bar", "server");
const headless = (name: string, options: Parameters<typeof service>[2] = {}) =>
  service("bar", name, { clusterIPs: ["None"], selector: { app: "server" }, ports: [{ port: 8080, name: "tcp", targetPort: 8080 }], ...options });
const alias = service("foo", "alias", { type: "ExternalName", externalName: "server.bar.svc.cluster.local", selector: {}, clusterIPs: [], ports: [] });

describeRules("which services exist for a client", [
  {
    rule: "REG-1",
    name: "an alias of nothing is dialled by what it resolves to",
    objects: [client, server, meshConfig({ discoverySelectors: [{ matchLabels: { mesh: "on" }, matchExpressions: [] }] }), namespace("foo", { mesh: "on" }), namespace("bar"), web, STRICT],
    expect: { clientMode: "PASSTHROUGH", transport: "plaintext" },
  },
  { rule: "REG-2", name: "a service exported to its own namespace only", objects: [client, server, hidden("."), STRICT], expect: { clientMode: "PASSTHROUGH", transport: "blocked" } },
  { rule: "REG-2", name: "to nobody, whatever stands beside `~`", objects: [client, server, hidden("~,foo"), STRICT], expect: { clientMode: "PASSTHROUGH" } },
  { rule: "REG-4", name: "to the client's namespace by name", objects: [client, server, hidden("foo"), STRICT], expect: { clientMode: "AUTO_MTLS", transport: "mTLS" } },
  { rule: "REG-2", name: "the mesh's default list", objects: [client, server, web, meshConfig({ defaultServiceExportTo: ["."] })], expect: { clientMode: "PASSTHROUGH" } },
  { rule: "REG-3", name: "a Sidecar that does not import it", objects: [client, server, web, STRICT, sidecar("foo", "scope", { egress: egress("./*") })], expect: { clientMode: "PASSTHROUGH", transport: "blocked" } },
  { rule: "REG-4", name: "a Sidecar that imports it by name", objects: [client, server, web, STRICT, sidecar("foo", "scope", { egress: egress("bar/server.bar.svc.cluster.local") })], expect: { clientMode: "AUTO_MTLS" } },
  { rule: "REG-4", name: "by `*/*` beside other entries for its namespace", objects: [client, server, web, sidecar("foo", "scope", { egress: egress("*/*", "bar/other.bar.svc.cluster.local") })], expect: { clientMode: "AUTO_MTLS" } },
  { rule: "REG-3", name: "an excluded namespace", objects: [client, server, web, sidecar("foo", "scope", { egress: egress("*/*", "~bar/*") })], expect: { clientMode: "PASSTHROUGH" } },
  { rule: "REG-3", name: "`~/*` imports nothing", objects: [client, server, web, sidecar("foo", "scope", { egress: egress("~/*") })], expect: { clientMode: "PASSTHROUGH" } },
  {
    rule: "REG-3",
    name: "a listener with a port of its own speaks for that port",
    objects: [client, server, web, sidecar("foo", "scope", { egress: [{ hosts: ["bar/*"], port: 9999, captureMode: null }, { hosts: ["./*"], port: null, captureMode: null }] })],
    expect: { clientMode: "PASSTHROUGH" },
  },
  {
    rule: "REG-5",
    name: "a Sidecar's outbound policy replaces the mesh's; without mode it is REGISTRY_ONLY",
    objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*"), outboundTrafficPolicyMode: "" })],
    expect: { clientMode: "BLACKHOLE", transport: "blocked" },
  },
  { rule: "REG-6", name: "REGISTRY_ONLY refuses what matches nothing", objects: [client, server, meshConfig({ outboundTrafficPolicyMode: "REGISTRY_ONLY" })], asked: { via: "podIP" }, expect: { clientMode: "BLACKHOLE", transport: "blocked" } },
  {
    rule: "REG-7",
    name: "the Sidecar that selects the client beats an older one that does not select",
    objects: [client, server, web, sidecar("foo", "all", { egress: egress("*/*") }), sidecar("foo", "mine", { egress: egress("./*"), workloadSelector: { app: "client" }, createdAtMs: second(9) })],
    expect: { clientMode: "PASSTHROUGH" },
  },
  { rule: "REG-8", name: "the older of two without selector", objects: [client, server, web, sidecar("foo", "z", { egress: egress("./*"), createdAtMs: second(1) }), sidecar("foo", "a", { createdAtMs: second(2) })], expect: { clientMode: "PASSTHROUGH" } },
  { rule: "REG-9", name: "the root namespace's where the namespace has none", objects: [client, server, web, sidecar("istio-system", "all", { egress: egress("./*") })], expect: { clientMode: "PASSTHROUGH" } },
  {
    rule: "REG-10",
    name: "a pod's address on a headless Service's port is that Service's",
    objects: [client, server, headless("server"), STRICT],
    asked: { via: "podIP" },
    expect: { clientMode: "AUTO_MTLS", transport: "mTLS" },
  },
  {
    rule: "REG-10",
    name: "the one exported by name takes it from the older public one, under whichever name it was dialled",
    objects: [
      client, server, headless("server"), headless("private", { annotations: { "networking.istio.io/exportTo": "foo" }, createdAtMs: second(9) }),
      destinationRule("foo", "plain", "private.bar.svc.cluster.local", { trafficPolicy: trafficPolicy(tls("DISABLE")) }),
    ],
    asked: { port: 8080 },
    expect: { clientMode: "DR_DISABLE" },
  },
  {
    rule: "REG-11",
    name: "an address that a service entry claims as its own",
    objects: [client, pod("bar", "server", { proxy: "sidecar", ips: ["10.9.9.9"] }), serviceEntry("bar", "entry", "entry.example", { addresses: ["10.9.9.9"], ports: [{ number: 8080, name: "tcp", protocol: "TCP", targetPort: 8080 }], workloadSelector: { app: "server" } })],
    asked: { via: "podIP" },
    expect: { clientMode: "AUTO_MTLS" },
  },
  { rule: "REG-12", name: "a pod's address is no service", objects: [client, server, web, STRICT], asked: { via: "podIP" }, expect: { clientMode: "PASSTHROUGH", transport: "blocked" } },
  {
    rule: "REG-13",
    name: "HTTP to an address goes by its Host header",
    objects: [client, pod("bar", "server", { proxy: "sidecar", ips: ["10.9.9.8"] }), service("bar", "server", { ports: [{ port: 8080, name: "http", targetPort: 8080 }] }), STRICT],
    asked: { port: 8080, via: { type: "podIP", ip: "10.9.9.8", host: "server.bar.svc.cluster.local" } },
    expect: { clientMode: "AUTO_MTLS", transport: "mTLS" },
  },
  { rule: "REG-4", name: "an alias is what it stands for", objects: [client, server, web, alias, STRICT], asked: { via: byHost("alias.foo.svc.cluster.local") }, expect: { clientMode: "AUTO_MTLS", transport: "mTLS" } },
  {
    rule: "REG-14",
    name: "HTTP to an alias that the Sidecar does not import under its name",
    objects: [client, server, web, alias, STRICT, sidecar("foo", "scope", { egress: egress("bar/server.bar.svc.cluster.local") })],
    asked: { via: byHost("alias.foo.svc.cluster.local") },
    expect: { clientMode: "PASSTHROUGH", transport: "blocked" },
  },
  {
    rule: "REG-15",
    name: "HTTP on port 80 to a host that only a VirtualService imports",
    objects: [
      client, server, web, pod("foo", "near", { proxy: "sidecar" }), service("foo", "near"), STRICT,
      sidecar("foo", "scope", { egress: egress("./*") }),
      virtualService("foo", "route", { hosts: ["server.bar.svc.cluster.local"], http: [{ conditional: false, destinations: [{ host: "server.bar.svc.cluster.local", subset: null, port: null }] }] }),
    ],
    expect: { clientMode: "AUTO_MTLS", transport: "mTLS" },
  },
  {
    rule: "REG-16",
    name: "a VirtualService sends to a subset, and the subset's policy counts",
    objects: [
      client, server, web, STRICT,
      virtualService("bar", "route", { hosts: ["server"], http: [{ conditional: false, destinations: [{ host: "server", subset: "v1", port: null }] }] }),
      destinationRule("bar", "subsets", "server", { subsets: [{ name: "v1", labels: { app: "server" }, trafficPolicy: trafficPolicy(tls("DISABLE")) }] }),
    ],
    expect: { clientMode: "DR_DISABLE", transport: "blocked" },
  },
  {
    rule: "REG-17",
    name: "a TCP port named udp does not exist for proxies",
    objects: [client, server, service("bar", "server", { ports: [{ port: 80, name: "udp-thing", targetPort: 8080 }] }), STRICT],
    expect: { clientMode: "PASSTHROUGH", transport: "blocked" },
  },
]);

describe("a way that objects do not tell", () => {
  const split = virtualService("bar", "split", {
    hosts: ["server"],
    http: [{ conditional: false, destinations: [{ host: "server", subset: "v1", port: null }, { host: "server", subset: "v2", port: null }] }],
  });
  const subsets = (v2: string) =>
    destinationRule("bar", "subsets", "server", {
      subsets: [
        { name: "v1", labels: {}, trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) },
        { name: "v2", labels: {}, trafficPolicy: trafficPolicy(tls(v2)) },
      ],
    });

  it("a VirtualService that splits is unknown where its ways differ, and known where they agree", () => {
    const differ = mesh([client, server, web, split, subsets("DISABLE")]);
    const agree = mesh([client, server, web, split, subsets("ISTIO_MUTUAL")]);
    expect(judgeMesh(differ).connection(question(differ)).clientMode).toEqual({ kind: "unknown", gaps: [{ wanted: "which way the request takes", because: "`VirtualService` `bar/split` has several, and they differ" }] });
    expect(flattened(judgeMesh(agree).connection(question(agree))).clientMode).toBe("DR_ISTIO_MUTUAL");
  });

  it("a loop of aliases stands for nothing", () => {
    const loop = ["a", "b"].map((name) => service("foo", name, { type: "ExternalName", externalName: `${name === "a" ? "b" : "a"}.foo.svc.cluster.local`, selector: {}, clusterIPs: [], ports: [] }));
    const configuration = mesh([client, server, web, ...loop]);
    expect(judgeMesh(configuration).connection(question(configuration, { via: byHost("a.foo.svc.cluster.local") })).transport.kind).toBe("unknown");
  });

  it("a server that is no endpoint of the host is a gap", () => {
    const configuration = mesh([client, server, pod("bar", "other", { proxy: "sidecar" }), web]);
    const verdict = judgeMesh(configuration).connection(question(configuration, { server: "bar/other" }));
    expect(verdict.transport).toEqual({ kind: "unknown", gaps: [{ wanted: "the endpoint of `server.bar.svc.cluster.local` port 80 at `bar/other`", because: "no Service or ServiceEntry of that name has it" }] });
  });

  it("a rule that depends on a version asks for it only where it matters", () => {
    const scoped = (hosts: readonly string[]) => mesh([client, server, web, sidecar("foo", "scope", { egress: egress(...hosts) }), controlPlane({ version: null })]);
    const [excluding, plain] = [scoped(["*/*", "~bar/*"]), scoped(["*/*"])];
    expect(judgeMesh(plain).connection(question(plain)).clientMode.kind).toBe("known");
    expect(judgeMesh(excluding).connection(question(excluding)).clientMode).toMatchObject({ kind: "unknown", gaps: [{ wanted: "version of istiod (before 1.31 or since)" }] });
  });

  it("before 1.31 an excluding entry means nothing", () => {
    const configuration = mesh([client, server, web, sidecar("foo", "scope", { egress: egress("*/*", "~bar/*") }), controlPlane({ version: "1.30.3" })]);
    expect(flattened(judgeMesh(configuration).connection(question(configuration))).clientMode).toBe("AUTO_MTLS");
  });
});

describe("paths", () => {
  const pods = [1, 2, 3].map((n) => pod("bar", `server-${n}`, { proxy: n === 3 ? undefined : "sidecar", owner: { kind: "Deployment", name: "server" }, labels: { app: "server" } } as Parameters<typeof pod>[2]));
  const clients = [1, 2].map((n) => pod("foo", `client-${n}`, { proxy: "sidecar", owner: { kind: "Deployment", name: "client" }, labels: { app: "client" }, serviceAccountName: "client" }));
  const both = service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 90, name: "tcp", targetPort: 9090 }] });
  const configuration = mesh([...pods.map((one) => ({ ...one, serviceAccountName: "server" })), ...clients, both, slice(both, pods)]);
  const judge = () => judgeMesh(configuration);
  const [from, to] = [workloadId("foo", "client"), workloadId("bar", "server")];

  it("tells every kind of endpoint once, with the number of pairs", () => {
    const paths = judge().paths(from, to, serviceHost("server.bar.svc.cluster.local"), "http");
    expect(paths.map(({ port, targetPort, portName, pairs, verdict }) => [port, targetPort, portName, pairs, verdict.transport.kind === "known" ? verdict.transport.value : "unknown"])).toEqual([
      [80, 8080, "http", 4, "mTLS"],
      [80, 8080, "http", 2, "plaintext"],
    ]);
  });

  it("asks ports of the family only", () => {
    expect(judge().paths(from, to, serviceHost("server.bar.svc.cluster.local"), "tcp").map(({ port }) => port)).toEqual([90, 90]);
  });

  it("dials addresses where there is no host", () => {
    expect(judge().paths(from, to, null, "http").map(({ port, verdict }) => [port, verdict.clientMode.kind === "known" ? verdict.clientMode.value : "unknown"])).toEqual([[8080, "PASSTHROUGH"], [8080, "PASSTHROUGH"]]);
  });

  it("without a client knows what the server accepts, and no more", () => {
    const paths = judge().paths(null, to, serviceHost("server.bar.svc.cluster.local"), "http");
    expect(paths.map(({ verdict }) => [verdict.serverMode.kind, verdict.transport.kind])).toEqual([["known", "unknown"], ["known", "unknown"]]);
  });
});
