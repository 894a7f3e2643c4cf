import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type Telemetry, type TimeSpan, type TrafficRow } from "#mesh";
import { namespaceOutlook, unheardServers } from "#proposals";
import { presentMesh, type MeshView, type ReadinessView } from "#view";
import { ambientControlPlane, mesh, namespace, peerAuthentication, pod, service } from "../support/mesh.ts";
import { clientRow, row, UNPROVED, ztunnelRow } from "../support/telemetry.ts";

// "Ready" is good news: what proves it must be what STRICT is about, and all of the evidence must be there.

const AT_MS = Date.UTC(2026, 5, 1);
const HOUR_MS = 3_600_000;
const PLAINTEXT = row({ connectionSecurityPolicy: "none", client: UNPROVED, count: 30 });
const NAMESPACE = namespace("foo");
const SLEEP = pod("foo", "sleep", { proxy: "sidecar" });
const HTTPBIN = pod("foo", "httpbin", { proxy: "sidecar" });
const SERVICE = service("foo", "httpbin");
const PAIR: readonly MeshObject[] = [NAMESPACE, SLEEP, HTTPBIN, SERVICE];

type Window = Partial<Pick<Telemetry, "windowStartMs" | "windowEndMs">> & { readonly covered?: readonly TimeSpan[] | "unknown" };

function judged(objects: readonly MeshObject[], rows: readonly TrafficRow[], { windowStartMs = AT_MS - 900_000, windowEndMs = AT_MS, covered = [{ startMs: windowStartMs, endMs: windowEndMs }] }: Window = {}): MeshVerdicts {
  return evaluateMesh({
    capturedAtMs: AT_MS,
    configuration: mesh(objects),
    telemetry: { windowStartMs, windowEndMs, ...(covered === "unknown" ? {} : { covered }), rows, lookBackRows: [], lookBackStartMs: windowStartMs - HOUR_MS, gaps: [], queries: [] },
  });
}

function view(...of: Parameters<typeof judged>): MeshView {
  const verdicts = judged(...of);
  return presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) });
}

function readiness(...of: Parameters<typeof view>): Pick<ReadinessView, "kind" | "sentence"> {
  const found = view(...of).namespaces.find(({ name }) => name === "foo")?.readiness;
  if (found === undefined) throw new Error("foo is not shown");
  return { kind: found.kind, sentence: found.sentence };
}

describe("plaintext that STRICT would not refuse", () => {
  const OWN = peerAuthentication("foo", "own", "PERMISSIVE", { selector: { app: "httpbin" } });

  it("[PRE-33] proves nothing, where it is all that arrives", () => {
    expect(readiness([...PAIR, OWN], [PLAINTEXT])).toEqual({
      kind: "unknown",
      sentence: "Nothing that STRICT would protect was seen arriving at foo in 15 min: 30 requests stay plaintext, and STRICT protects none of them (foo/httpbin, kept open by a policy of its own).",
    });
  });

  it("nor at a port that stays open, nor at a pod without a proxy", () => {
    const port = peerAuthentication("foo", "own", "STRICT", { selector: { app: "httpbin" }, portLevelMtls: { 8080: "DISABLE" } });
    expect(readiness([...PAIR, port], [PLAINTEXT]).kind).toBe("unknown");
    expect(readiness([NAMESPACE, SLEEP, pod("foo", "httpbin"), SERVICE], [clientRow({ client: UNPROVED, count: 30 })]).kind).toBe("unknown");
  });

  it("is told beside what is proved, where other traffic is protected", () => {
    const others = [pod("foo", "db", { proxy: "sidecar" }), service("foo", "db")];
    const toDb = row({ server: { namespace: "foo", workload: "db", principal: null }, serviceHost: "db.foo.svc.cluster.local", serviceName: "db" });
    expect(readiness([...PAIR, ...others, OWN], [PLAINTEXT, toDb])).toEqual({
      kind: "ready",
      sentence: "Ready by what was seen: 930 requests in 15 min, none of which STRICT would block; 30 requests stay plaintext, and STRICT protects none of them (foo/httpbin, kept open by a policy of its own).",
    });
  });
});

it("the picture tells of what no metric counts: ways past a proxy, UDP, and how gateways are called", () => {
  const annotations = { "traffic.sidecar.istio.io/excludeInboundPorts": "9000,9999" };
  const ports = [{ port: 80, name: "http", targetPort: 8080 }, { port: 9000, name: "tcp", targetPort: 9000 }, { port: 53, name: "dns", protocol: "UDP", targetPort: 53 }] as const;
  const objects = [NAMESPACE, SLEEP, pod("foo", "httpbin", { proxy: "sidecar", annotations }), service("foo", "httpbin", { ports }), namespace("edge"), pod("edge", "gw", { proxy: "gateway" })];
  expect(view(objects, [row()]).gaps).toEqual([
    { wanted: "traffic past the proxy: foo/httpbin on 9000, 9999", because: "no proxy takes it, so no metric counts it: of plaintext there nobody tells but a client's proxy" },
    { wanted: "UDP: foo/httpbin on 53", because: "no proxy takes UDP, so no metric counts it and nothing encrypts it" },
    { wanted: "plaintext from outside the mesh to edge/gw", because: "a gateway reports what it sends on, and not how it was called" },
  ]);
  expect(view(PAIR, [row()]).gaps).toEqual([]);
});

describe("a window", () => {
  it("[PRE-28] of which the newest hours are not known tells nothing of now", () => {
    const windowStartMs = AT_MS - 24 * HOUR_MS;
    expect(readiness(PAIR, [row()], { windowStartMs, covered: [{ startMs: windowStartMs, endMs: AT_MS - 10 * HOUR_MS }] })).toEqual({
      kind: "unknown",
      sentence: "Traffic is known until 10 h ago only: what came to foo since then may have been plaintext.",
    });
  });

  it("of which nobody knows what was scraped is not taken for a whole one", () => {
    expect(readiness(PAIR, [row()], { covered: "unknown" })).toEqual({
      kind: "unknown",
      sentence: "It is not known which part of the window of 15 min was scraped: what came in the rest may have been plaintext.",
    });
  });

  it("that ends after the configuration was read is of another time", () => {
    expect(readiness(PAIR, [row()], { windowStartMs: AT_MS + HOUR_MS - 900_000, windowEndMs: AT_MS + HOUR_MS })).toEqual({
      kind: "unknown",
      sentence: "The window ends 1 h after the configuration was read: it is not known what it tells of now.",
    });
  });
});

describe("[PRE-27] a server that was not heard whole", () => {
  const UNSEEN = "Plaintext to foo/httpbin from callers without a proxy would not have been seen: ";
  const PRINCIPAL = "spiffe://cluster.local/ns/foo/sa/sleep";

  function replica(number: number, proxy?: "sidecar" | "ambient"): MeshObject {
    return pod("foo", `httpbin-${number}`, { ...(proxy === undefined ? {} : { proxy }), labels: { app: "httpbin" }, owner: { kind: "Deployment", name: "httpbin" } });
  }

  const THREE = [NAMESPACE, SLEEP, SERVICE, replica(0, "sidecar"), replica(1, "sidecar"), replica(2, "sidecar")];
  const AMBIENT = [NAMESPACE, ambientControlPlane(), SERVICE, pod("foo", "sleep", { proxy: "ambient" })];
  const WITH_CERTIFICATE = { client: { namespace: "foo", workload: "sleep", principal: PRINCIPAL } } as const;

  it("reported fewer requests than clients sent: one of three replicas is scraped", () => {
    expect(readiness(THREE, [row({ count: 300 }), clientRow({ ...WITH_CERTIFICATE, count: 900 })])).toEqual({
      kind: "unknown",
      sentence: `${UNSEEN}clients sent 900 requests there, and its own proxies reported 300 of them in 15 min: are all of its instances scraped?`,
    });
  });

  it.each([
    ["as many", 900, "ready"],
    ["what passes between two scrapes", 860, "ready"],
    ["a tenth less", 810, "unknown"],
  ])("counts as heard by %s: %i of 900", (_, count, kind) => {
    expect(readiness(THREE, [row({ count }), clientRow({ count: 900 })]).kind).toBe(kind);
  });

  it("may have counted without a name what a client sent, and not what another did", () => {
    const unnamed = row({ client: { namespace: null, workload: null, principal: PRINCIPAL }, count: 600 });
    const other = row({ client: { namespace: "foo", workload: "other", principal: null }, count: 600 });
    expect(readiness(THREE, [row({ count: 300 }), unnamed, clientRow({ count: 900 })]).kind).toBe("ready");
    expect(readiness(THREE, [row({ count: 300 }), other, clientRow({ count: 900 })]).kind).toBe("unknown");
  });

  it("does not report what its instance without a proxy took, which clients say left without a certificate", () => {
    const mixed = [NAMESPACE, SLEEP, SERVICE, replica(0, "sidecar"), replica(1)];
    const bare = clientRow({ client: UNPROVED, count: 300 });
    const sent = clientRow({ ...WITH_CERTIFICATE, count: 600 });
    const missing = (objects: readonly MeshObject[], reported: number) => unheardServers(judged(objects, [row({ count: reported }), sent, bare])).map((server) => server.missing);
    expect(missing(mixed, 600)).toEqual([]);
    expect(missing(mixed, 300)).toEqual([{ kind: "a part", family: "http", sent: 600, reported: 300 }]);
    expect(missing(THREE, 600)).toEqual([{ kind: "a part", family: "http", sent: 900, reported: 600 }]);
  });

  it("does not report what failed on the way", () => {
    const failed = clientRow({ responseCode: "503", responseFlags: "UF", count: 600 });
    expect(readiness(THREE, [row({ count: 300 }), clientRow({ count: 300 }), failed]).sentence).not.toContain("would not have been seen");
  });

  it("stands on a node whose ztunnel is not scraped", () => {
    const sent = ztunnelRow({ reporter: "source", connectionSecurityPolicy: "mutual_tls", ...WITH_CERTIFICATE, count: 90 });
    const took = ztunnelRow({ connectionSecurityPolicy: "mutual_tls", ...WITH_CERTIFICATE, count: 45 });
    const two = [...AMBIENT, replica(0, "ambient"), replica(1, "ambient")];
    expect(readiness(two, [took, sent]).sentence).toBe(`${UNSEEN}clients sent 90 TCP connections there, and its own proxies reported 45 of them in 15 min: are all of its instances scraped?`);
    expect(readiness(two, [took, { ...sent, count: 45 }]).kind).toBe("ready");
  });

  it("reports requests and no connections", () => {
    expect(readiness(PAIR, [row(), clientRow({ family: "tcp", count: 50 })]).sentence).toBe(
      `${UNSEEN}clients tell of TCP connections there, of which no proxy of its own reported any in 15 min, though it reported others: are its metrics of TCP connections turned off, or dropped?`,
    );
  });

  it("is heard of requests where its ztunnel tells of connections, as it does of all", () => {
    const took = ztunnelRow({ connectionSecurityPolicy: "mutual_tls", ...WITH_CERTIFICATE });
    expect(readiness([NAMESPACE, ambientControlPlane(), SERVICE, SLEEP, replica(0, "ambient")], [took, clientRow()]).sentence).not.toContain("would not have been seen");
  });

  it("has a waypoint that speaks for it: who has no proxy does not pass it", () => {
    expect(readiness([...AMBIENT, replica(0, "ambient")], [row({ reporter: "waypoint" })]).sentence).toBe(
      `${UNSEEN}only its waypoint told of traffic there, which callers without a proxy do not pass, and no proxy of its own reported any in 15 min: is it scraped?`,
    );
  });

  it("has an instance without a proxy, of which a client that is not scraped could have told", () => {
    const mixed = [NAMESPACE, SLEEP, SERVICE, replica(0, "sidecar"), replica(1)];
    expect(readiness(mixed, [row()]).sentence).toBe(`${UNSEEN}1 of its 2 instances has no proxy, and the proxy of \`foo/sleep\`, which calls it, reported nothing in 15 min of what it sends: is that scraped?`);
    expect(readiness(mixed, [row(), clientRow()]).kind).toBe("ready");
  });
});
