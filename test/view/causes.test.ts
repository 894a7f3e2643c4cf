import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type TelemetryRow } from "#mesh";
import { presentEdge, presentMesh, presentSenders } from "#view";
import { destinationRule, mesh, namespace, peerAuthentication, pod, service, tls, trafficPolicy, workloadEntry, type PodOptions } from "../support/mesh.ts";
import { clientRow, refusal, row, UNPROVED, ztunnelRow } from "../support/telemetry.ts";

// What may be told as a cause: only what can have sent what was reported, and never one of several.

const AT_MS = Date.UTC(2026, 5, 1);
const PLAINTEXT = row({ connectionSecurityPolicy: "none", client: UNPROVED, count: 30 });
const SLEEP = pod("foo", "sleep", { proxy: "sidecar" });
const HTTPBIN = pod("foo", "httpbin", { proxy: "sidecar" });
const PORTS = { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "http-two", targetPort: 8081 }] };
const MAY_BE = "by a pod's address, from an init container, before the proxy was ready, past an excluded port, or from a pod that is gone";

interface Told {
  readonly cause: string;
  readonly admission: string | null;
  readonly fix: string;
}

function picture(objects: readonly MeshObject[], rows: readonly TelemetryRow[]): ReturnType<typeof evaluateMesh> {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry });
}

/** The first thing that is told of the first sender. */
function told(objects: readonly MeshObject[], ...rows: readonly TelemetryRow[]): Told {
  const [first] = presentSenders(picture(objects, rows)).senders[0]?.explanations ?? [];
  if (first === undefined) throw new Error("nobody sends plaintext");
  return { cause: first.cause, admission: first.edges[0]?.admission ?? null, fix: first.fix };
}

describe("what the server's own proxy reported", () => {
  const replica = (name: string, options: PodOptions): MeshObject => pod("foo", name, { labels: { app: "httpbin" }, owner: { kind: "Deployment", name: "httpbin" }, ...options });
  const objects = [namespace("foo"), SLEEP, replica("httpbin-0", { proxy: "sidecar" }), replica("httpbin-1", {}), service("foo", "httpbin")];

  it("did not go to the pod that has none", () => {
    expect(told(objects, PLAINTEXT)).toEqual({
      cause: `A proxy of foo/httpbin reported it, and where one takes what arrives configuration says mTLS, yet this came from foo/sleep: ${MAY_BE}.`,
      admission: null,
      fix: "Look at the access log of foo/httpbin for port and time, and at the traffic.sidecar.istio.io annotations of foo/sleep.",
    });
  });

  it("did not go past it", () => {
    const excluded = replica("httpbin-0", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8081" } });
    const disabled = peerAuthentication("foo", "own", null, { selector: { app: "httpbin" }, portLevelMtls: { 8081: "DISABLE" } });
    expect(told([namespace("foo"), SLEEP, excluded, service("foo", "httpbin", PORTS), disabled], PLAINTEXT).cause).toBe(`A proxy of foo/httpbin reported it, and where one takes what arrives configuration says mTLS, yet this came from foo/sleep: ${MAY_BE}.`);
  });

  it("went to one of those that have one, whoever sent it", () => {
    const nameless = row({ connectionSecurityPolicy: "none", client: { namespace: null, workload: null, principal: null }, count: 30 });
    expect(told(objects, nameless)).toMatchObject({ cause: "Nothing names who sends this to foo/httpbin: plaintext carries no identity.", admission: "foo/httpbin is PERMISSIVE on 8080." });
  });
});

describe("what the client alone reported", () => {
  it("may have gone to the pod that has no proxy", () => {
    const bare = [namespace("foo"), SLEEP, pod("foo", "httpbin"), service("foo", "httpbin")];
    expect(told(bare, clientRow({ client: UNPROVED })).cause).toBe("Only foo/sleep reported it, which proves nothing of its security; foo/httpbin runs no proxy that could report it.");
  });
});

describe("several ports", () => {
  const port = { portLevelSettings: [{ port: 81, tls: tls("DISABLE"), loadBalancerSimple: null, hasLoadBalancer: false }] };
  const rule = destinationRule("foo", "d", "httpbin", { trafficPolicy: trafficPolicy(null, port) });

  it("with different causes: each is told, and none as the cause", () => {
    const past = pod("foo", "sleep", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } });
    expect(told([namespace("foo"), past, HTTPBIN, service("foo", "httpbin", PORTS), rule], PLAINTEXT)).toEqual({
      cause: "No report tells which way it came: by port 80, foo/sleep sends past its own proxy: a port in `excludeOutboundPorts` leaves the pod without passing its proxy (Pod foo/sleep, metadata.annotations.traffic.sidecar.istio.io/excludeOutboundPorts = 80), and foo/httpbin accepts it (PERMISSIVE on 8080); by port 81, foo/sleep sends plaintext because DestinationRule foo/d sets DISABLE (spec.trafficPolicy.portLevelSettings[0].tls.mode), and foo/httpbin accepts it (PERMISSIVE on 8081).",
      admission: null,
      fix: "By port 80: take port 80 out of traffic.sidecar.istio.io/excludeOutboundPorts of the pods of foo/sleep: all that they send there then passes their proxy; by port 81: remove spec.trafficPolicy.portLevelSettings[0].tls from DestinationRule foo/d, and auto mTLS decides for each endpoint.",
    });
  });

  it("with one cause: one cause, for all of them", () => {
    const objects = [namespace("foo"), namespace("legacy"), pod("legacy", "old"), HTTPBIN, service("foo", "httpbin", PORTS)];
    expect(told(objects, row({ ...PLAINTEXT, client: { namespace: "legacy", workload: "old", principal: null } }))).toEqual({
      cause: "legacy/old runs no proxy.",
      admission: "foo/httpbin accepts it (PERMISSIVE on 8080 and 8081).",
      fix: "Label the pods of legacy/old sidecar.istio.io/inject=true, then restart legacy/old; or label namespace legacy istio-injection=enabled; or, if it has to stay outside, keep ports 8080 and 8081 PERMISSIVE for it with a portLevelMtls entry.",
    });
  });

  it("of which one alone can be plaintext", () => {
    expect(told([namespace("foo"), SLEEP, HTTPBIN, service("foo", "httpbin", PORTS), rule], PLAINTEXT)).toMatchObject({
      cause: "foo/sleep sends plaintext because DestinationRule foo/d sets DISABLE (spec.trafficPolicy.portLevelSettings[0].tls.mode).",
      admission: "foo/httpbin accepts it (PERMISSIVE on 8081).",
    });
  });

  it("and pods that differ on one port: between whom is told", () => {
    const sleeps = [pod("foo", "sleep-0", { proxy: "sidecar", labels: { app: "sleep" }, owner: { kind: "Deployment", name: "sleep" } }), pod("foo", "sleep-1", { labels: { app: "sleep" }, owner: { kind: "Deployment", name: "sleep" } })];
    const disabled = destinationRule("foo", "d", "httpbin", { trafficPolicy: trafficPolicy(tls("DISABLE")) });
    expect(told([namespace("foo"), ...sleeps, HTTPBIN, service("foo", "httpbin"), disabled], PLAINTEXT).cause).toBe(
      "No report tells which way it came: by port 80 (from sleep-0 to httpbin), foo/sleep sends plaintext because DestinationRule foo/d sets DISABLE (spec.trafficPolicy.tls.mode), and foo/httpbin accepts it (PERMISSIVE on 8080); by port 80 (from sleep-1 to httpbin), 1 of 2 instances of foo/sleep runs no proxy, and foo/httpbin accepts it (PERMISSIVE on 8080).",
    );
  });
});

describe("who is not there any more", () => {
  const gone = row({ ...PLAINTEXT, client: { namespace: "foo", workload: "gone", principal: null }, count: 3 });
  const quiet = [HTTPBIN, service("foo", "httpbin")];

  it("a client with a name and without pods: it was named, and what is missing is a pod", () => {
    expect(told([namespace("foo"), ...quiet], gone)).toEqual({
      cause: "No pod of foo/gone is there now, so nothing tells why it sent plaintext.",
      admission: "foo/httpbin is PERMISSIVE on 8080.",
      fix: "See what made its pods (a Job, a Deployment that is gone, another cluster) and that they get a proxy; look again while one runs.",
    });
  });

  it("and whether its next pods get a proxy, as far as its namespace says", () => {
    expect(told([namespace("foo", { "istio-injection": "enabled" }), ...quiet], gone).fix).toBe("See what made its pods (a Job, a Deployment that is gone, another cluster) and that they get a proxy (namespace foo is labelled istio-injection=enabled, so pods that it gets from now on have one, unless they refuse it); look again while one runs.");
  });

  it("a client of a namespace that is not of this cluster", () => {
    expect(told([namespace("foo"), ...quiet], row({ ...PLAINTEXT, client: { namespace: "west", workload: "cart", principal: null } }))).toMatchObject({
      cause: "No pod of west/cart is there now, so nothing tells why it sent plaintext.", fix: "There is no namespace west here: look in the cluster that it is of.",
    });
  });

  it("pods before those that are there now sent it", () => {
    const young = (createdAtMs: number): readonly MeshObject[] => [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar", createdAtMs }), ...quiet];
    const before = { ...PLAINTEXT, lastSeenMs: AT_MS - 120_000 };
    expect(told(young(AT_MS - 60_000), before)).toEqual({
      cause: "Every pod of foo/sleep is younger than this plaintext, which pods before them sent.",
      admission: "For those that are there now configuration says mTLS.",
      fix: "Nothing is to be mended unless it comes again: look again when the window holds nothing older than they are.",
    });
    expect(told(young(AT_MS - 180_000), before)).toEqual({
      cause: `Configuration says mTLS, yet this came from foo/sleep: ${MAY_BE}.`,
      admission: null,
      fix: "Every pod of foo/sleep is younger than the window, so look again when the window holds nothing older than they are; if it comes again, look at the access log of foo/httpbin for port and time, and at the traffic.sidecar.istio.io annotations of foo/sleep.",
    });
  });

  it("pods before those that are there now took it", () => {
    const server = pod("foo", "httpbin", { proxy: "sidecar", createdAtMs: AT_MS - 60_000 });
    expect(told([namespace("foo"), SLEEP, server, service("foo", "httpbin")], { ...PLAINTEXT, lastSeenMs: AT_MS - 120_000 }).cause).toBe("Every pod of foo/httpbin is younger than this plaintext, which pods before them took.");
  });

  it("a machine that reports name by its WorkloadGroup", () => {
    const entry = workloadEntry("foo", "vm-10-0-0-9", { address: "10.0.0.9", labels: { app: "vm" }, serviceAccount: "vm" });
    const server = { namespace: "foo", workload: "vm", principal: null };
    expect(told([namespace("foo"), SLEEP, entry], row({ ...PLAINTEXT, server, serviceHost: null, serviceName: null }))).toEqual({
      cause: "Nothing of the name foo/vm is there now, so nothing tells what it accepts or what foo/sleep sends it; if it is a WorkloadGroup, WorkloadEntry foo/vm-10-0-0-9 may be of it.",
      admission: null,
      fix: "See what WorkloadEntry foo/vm-10-0-0-9 is told of: its labels, its serviceAccount, and the policies that select it.",
    });
    expect(told([namespace("foo"), SLEEP], row({ ...PLAINTEXT, server, serviceHost: null, serviceName: null })).cause).toBe("Nothing of the name foo/vm is there now, so nothing tells what it accepts or what foo/sleep sends it.");
  });
});

describe("a client that is no workload", () => {
  const server = pod("foo", "httpbin", { proxy: "sidecar", ips: ["10.0.0.10"] });
  const strict = [namespace("foo"), server, service("foo", "httpbin"), peerAuthentication("foo", "default", "STRICT")];

  it("an address that nothing has", () => {
    expect(told(strict, refusal({ clientAddress: "192.0.2.9" }))).toEqual({
      cause: "192.0.2.9 is nothing that is known here: a load balancer, a machine outside, or a pod that is gone.",
      admission: "foo/httpbin is STRICT on 8080.",
      fix: "See who has 192.0.2.9, and bring it into the mesh; what can have no proxy needs port 8080 PERMISSIVE, by a portLevelMtls entry.",
    });
  });
});

it("of a STRICT server in ambient, its ztunnel is to be asked", () => {
  const objects = [namespace("foo"), pod("foo", "sleep"), pod("foo", "httpbin", { proxy: "ambient" }), service("foo", "httpbin"), peerAuthentication("foo", "default", "STRICT")];
  expect(told(objects, ztunnelRow())).toEqual({
    cause: "foo/httpbin is STRICT on 8080: PeerAuthentication foo/default sets STRICT (spec.mtls.mode).",
    admission: "It took 90 plaintext TCP connections all the same.",
    fix: "Look at the ztunnel of foo/httpbin: whether it has the policy (istioctl ztunnel-config policy), and whether the policy is younger than this traffic.",
  });
});

it("says the same in the panel of the connection", () => {
  const verdicts = picture([namespace("foo"), HTTPBIN, service("foo", "httpbin")], [row({ ...PLAINTEXT, client: { namespace: "foo", workload: "gone", principal: null } })]);
  const [edge] = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] }).edges;
  expect(presentEdge(verdicts, edge?.id ?? "")?.cause).toBe("No pod of foo/gone is there now, so nothing tells why it sent plaintext, and foo/httpbin is PERMISSIVE on 8080.");
});
