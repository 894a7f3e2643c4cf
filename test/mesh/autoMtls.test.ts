import { describe, expect, it } from "vitest";
import type { MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { byHost, describeRules, flattened, question } from "../support/judging.ts";
import { ambientControlPlane, controlPlane, destinationRule, mesh, meshConfig, peerAuthentication, pod, service, serviceEntry, slice, tls, trafficPolicy, workloadEntry } from "../support/mesh.ts";

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const web = service("bar", "server");
const base: readonly MeshObject[] = [client, server, web];
const app = { app: "server" };
const headless = service("bar", "server", { clusterIPs: ["None"], ports: [{ port: 8080, name: "tcp", targetPort: 8080 }] });
const portOnly = (mode: string) => destinationRule("bar", "own", "server", { trafficPolicy: { ...trafficPolicy(tls(mode)), portLevelSettings: [{ port: 80, tls: null, loadBalancerSimple: "RANDOM", hasLoadBalancer: true }] } });

describeRules("auto mTLS", [
  { rule: "AUTO-1", name: "an endpoint that advertises istio", objects: base, expect: { clientMode: "AUTO_MTLS", transport: "mTLS" } },
  { rule: "AUTO-2", name: "an endpoint that advertises nothing", objects: [client, pod("bar", "server"), web], expect: { clientMode: "AUTO_PLAINTEXT", transport: "plaintext" } },
  {
    rule: "AUTO-2",
    name: "a sidecar that advertises another value",
    objects: [client, pod("bar", "server", { proxy: "sidecar", labels: { "security.istio.io/tlsMode": "foo" } }), web, peerAuthentication("bar", "default", "STRICT")],
    expect: { clientMode: "AUTO_PLAINTEXT", transport: "blocked" },
  },
  { rule: "AUTO-1", name: "the label without a proxy", objects: [client, pod("bar", "server", { labels: { "security.istio.io/tlsMode": "istio" } }), web], expect: { clientMode: "AUTO_MTLS", serverMode: "NONE", transport: "blocked" } },
  { rule: "AUTO-3", name: "a port that says DISABLE", objects: [...base, peerAuthentication("bar", "server", "STRICT", { selector: app, portLevelMtls: { 8080: "DISABLE" } })], expect: { clientMode: "AUTO_PLAINTEXT", serverMode: "DISABLE", transport: "plaintext" } },
  {
    rule: "AUTO-4",
    name: "a namespace that says DISABLE, though the workload says STRICT",
    objects: [...base, peerAuthentication("bar", "default", "DISABLE"), peerAuthentication("bar", "server", "STRICT", { selector: app })],
    expect: { clientMode: "AUTO_PLAINTEXT", serverMode: "STRICT", transport: "blocked" },
  },
  { rule: "AUTO-4", name: "a mesh that says DISABLE", objects: [...base, peerAuthentication("istio-system", "default", "DISABLE")], expect: { clientMode: "AUTO_PLAINTEXT", transport: "plaintext" } },
  {
    rule: "AUTO-5",
    name: "an entry that sends where it is dialled and has no endpoints",
    objects: [client, server, serviceEntry("bar", "entry", "entry.example", { resolution: "NONE", addresses: ["10.8.0.1"], ports: [{ number: 8080, name: "tcp", protocol: "TCP", targetPort: 8080 }] })],
    asked: { port: 8080, via: { type: "podIP", ip: "10.8.0.1" } },
    expect: { clientMode: "AUTO_PLAINTEXT" },
  },
  {
    rule: "AUTO-6",
    name: "one pod without proxy behind a headless Service",
    objects: [client, server, pod("bar", "server-2", { labels: app }), headless, peerAuthentication("bar", "default", "STRICT")],
    asked: { port: 8080 },
    expect: { clientMode: "AUTO_PLAINTEXT", serverMode: "STRICT", transport: "blocked" },
  },
  { rule: "AUTO-6", name: "ready or not", objects: [client, server, pod("bar", "server-2", { labels: app, ready: false }), headless], asked: { port: 8080 }, expect: { clientMode: "AUTO_PLAINTEXT" } },
  {
    rule: "AUTO-7",
    name: "a headless Service whose workload says DISABLE is sent mTLS all the same",
    objects: [client, server, headless, peerAuthentication("bar", "server", "DISABLE", { selector: app })],
    asked: { port: 8080 },
    expect: { clientMode: "AUTO_MTLS", serverMode: "DISABLE", transport: "blocked" },
  },
  {
    rule: "AUTO-7",
    name: "load balancing by PASSTHROUGH is the same",
    objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "PASSTHROUGH" }) }), peerAuthentication("bar", "server", "DISABLE", { selector: app })],
    expect: { clientMode: "AUTO_MTLS", transport: "blocked" },
  },
  { rule: "AUTO-8", name: "ISTIO_MUTUAL above a port entry without TLS", objects: [...base, portOnly("ISTIO_MUTUAL"), peerAuthentication("bar", "server", "DISABLE", { selector: app })], expect: { clientMode: "AUTO_MTLS", serverMode: "DISABLE", transport: "blocked" } },
  { rule: "AUTO-9", name: "SIMPLE above a port entry without TLS is neither TLS nor mTLS", objects: [...base, portOnly("SIMPLE")], expect: { clientMode: "AUTO_PLAINTEXT", transport: "plaintext" } },
  {
    rule: "AUTO-10",
    name: "an entry without location is outside the mesh, even over pods in it",
    objects: [client, server, serviceEntry("bar", "entry", "entry.example", { location: null, workloadSelector: app }), peerAuthentication("bar", "default", "STRICT")],
    asked: { via: byHost("entry.example") },
    expect: { clientMode: "AUTO_PLAINTEXT", transport: "blocked" },
  },
  { rule: "AUTO-11", name: "switched off for the mesh", objects: [...base, meshConfig({ enableAutoMtls: false })], expect: { clientMode: "AUTO_PLAINTEXT", transport: "plaintext" } },
  { rule: "AUTO-1", name: "a machine with an identity", objects: [client, workloadEntry("bar", "server", { serviceAccount: "vm" }), web], expect: { clientMode: "AUTO_MTLS", serverMode: "PERMISSIVE", transport: "mTLS" } },
  { rule: "AUTO-2", name: "a machine without", objects: [client, workloadEntry("bar", "server"), web], expect: { clientMode: "AUTO_PLAINTEXT", serverMode: "NONE", transport: "plaintext" } },
  { rule: "CP-1", name: "headless Services told endpoint by endpoint", objects: [client, server, pod("bar", "server-2", { labels: app }), headless, peerAuthentication("bar", "server", "DISABLE", { selector: app }), controlPlane({ env: { PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES: "true" } })].filter((one) => one.name !== "server-2"), asked: { port: 8080 }, expect: { clientMode: "AUTO_PLAINTEXT", transport: "plaintext" } },
]);

describe("endpoints that name no pod", () => {
  const manual = service("bar", "manual", { selector: {}, ports: [{ port: 80, name: "http", targetPort: 8080 }] });
  const unreferenced = (address: string) => ({ ...slice(manual, [server]), endpoints: [{ addresses: [address], ready: true, targetRef: null }] });

  it("an address of another namespace's pod is sent plaintext", () => {
    const elsewhere = pod("qux", "server", { proxy: "sidecar", ips: ["10.7.7.7"] });
    const configuration = mesh([client, elsewhere, manual, unreferenced("10.7.7.7")]);
    expect(flattened(judgeMesh(configuration).connection(question(configuration, { server: "qux/server", via: byHost("manual.bar.svc.cluster.local") })))).toMatchObject({ clientMode: "AUTO_PLAINTEXT" });
  });

  it("of its own namespace's pod is a gap: it depends on what istiod knew first", () => {
    const configuration = mesh([client, server, manual, unreferenced(server.ips[0] ?? "")]);
    expect(judgeMesh(configuration).connection(question(configuration, { via: byHost("manual.bar.svc.cluster.local") })).clientMode).toMatchObject({ kind: "unknown", gaps: [{ because: "the slice names no pod, and istiod looks up the address only if it knew the pod first" }] });
  });
});

describe("what ambient changes for sidecars is asked of istiod", () => {
  const objects = [client, pod("bar", "server", { proxy: "ambient" }), web];

  it("without any istiod the tunnel is a gap", () => {
    const bare = { ...mesh(objects), objects: { ...mesh(objects).objects, ControlPlane: [] } };
    expect(judgeMesh(bare).connection(question(bare)).clientMode).toMatchObject({ kind: "unknown", gaps: [{ wanted: "environment variable `PILOT_ENABLE_AMBIENT` of istiod", because: "no istiod of revision `default` was found" }] });
  });

  it("with ambient off a sidecar sends plaintext, with it on a tunnel", () => {
    const [off, on] = [mesh(objects), mesh([...objects, ambientControlPlane()])];
    expect(flattened(judgeMesh(off).connection(question(off))).clientMode).toBe("AUTO_PLAINTEXT");
    expect(flattened(judgeMesh(on).connection(question(on))).clientMode).toBe("HBONE");
  });
});
