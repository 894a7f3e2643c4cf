import { describe, expect, it } from "vitest";
import type { ConfiguredPath, Edge, MeshObject, Observation, TelemetryRow, TrafficRow } from "#mesh";
import { judgeOf, path, workload, type JudgeAnswers } from "../../support/judge.ts";
import { mesh, service, serviceEntry } from "../../support/mesh.ts";
import { clientRow, contradiction, NOBODY, observe, onlyEdge, refusal, row, UNPROVED, ztunnelRow } from "../../support/telemetry.ts";

// What rows come to, in full: each observation with everything that is said of it, and the numbers and times of edges.

const SERVERS = [workload("foo/sleep", { address: "10.0.0.11" }), workload("foo/httpbin", { address: "10.0.0.10" })];
const answering = (...paths: readonly ConfiguredPath[]): JudgeAnswers => ({ workloads: SERVERS, paths: () => paths });
const BLOCKED = answering(path({ transport: "blocked", serverMode: "STRICT" }));
const DENIED = answering(path({ transport: "mTLS", authorization: "deny" }));
const PLAIN = row({ connectionSecurityPolicy: "none", client: UNPROVED });
const UNCLEAR = clientRow({ client: UNPROVED });

function edgesOf(rows: readonly TelemetryRow[], judge: JudgeAnswers = {}, objects: readonly MeshObject[] = []): readonly Edge[] {
  return observe({ rows, configuration: mesh(objects) }, judgeOf(judge));
}

interface Row {
  readonly name: string;
  readonly one: TrafficRow;
  readonly judge?: JudgeAnswers;
  readonly says: Partial<Observation>;
}

const table: readonly Row[] = [
  { name: "mTLS", one: row({ bytes: 5, lastSeenMs: 7 }), says: { rule: "OBS-1", counts: "mtls", bytes: 5, lastSeenMs: 7 } },
  { name: "a time within a bracket", one: row({ lastSeenMs: 7, lastSeenAfterMs: 3 }), says: { rule: "OBS-1", counts: "mtls", lastSeenMs: 7, lastSeenAfterMs: 3 } },
  { name: "a guessed number", one: row({ extrapolated: true }), says: { rule: "OBS-1", counts: "mtls", extrapolated: true } },
  { name: "403 that configuration explains", one: row({ responseCode: "403" }), judge: DENIED, says: { rule: "OBS-13", counts: "refused", refusal: "authorization", detail: "answered 403, as configuration says" } },
  { name: "ztunnel's DENY", one: ztunnelRow({ responseFlags: "DENY" }), says: { rule: "OBS-10", counts: "refused", detail: "ztunnel closed it with `DENY`" } },
  { name: "ztunnel's DENY while blocked", one: ztunnelRow({ responseFlags: "DENY" }), judge: BLOCKED, says: { rule: "OBS-10", counts: "refused", refusal: "transport", detail: "ztunnel closed it with `DENY`" } },
  { name: "a failed handshake of ztunnel", one: ztunnelRow({ responseFlags: "TLS_FAILURE" }), says: { rule: "OBS-18", counts: "refused", refusal: "transport", detail: "the connection failed with `TLS_FAILURE`" } },
  { name: "another failure of ztunnel", one: ztunnelRow({ responseFlags: "CONNECT" }), says: { rule: "OBS-18", counts: "unclear", detail: "the connection failed with `CONNECT`" } },
  { name: "no flag at all", one: ztunnelRow({ responseFlags: "" }), says: { rule: "OBS-7", counts: "plaintext", detail: "ztunnel cannot tell plaintext from application TLS" } },
  { name: "a dash for a flag", one: ztunnelRow({ responseFlags: "-" }), says: { rule: "OBS-7", counts: "plaintext", detail: "ztunnel cannot tell plaintext from application TLS" } },
  { name: "BlackHoleCluster", one: clientRow({ client: UNPROVED, serviceName: "BlackHoleCluster" }), says: { rule: "OBS-17", counts: "refused", refusal: "transport", detail: "the client's own proxy refused it: `BlackHoleCluster`" } },
  { name: "a reset while blocked", one: { ...UNCLEAR, responseCode: "503", responseFlags: "UC" }, judge: BLOCKED, says: { rule: "OBS-11", counts: "refused", refusal: "inferred", detail: "the client's proxy saw `UC`" } },
  { name: "a connection that could not be made, while blocked", one: { ...UNCLEAR, responseCode: "503", responseFlags: "UF,URX" }, judge: BLOCKED, says: { rule: "OBS-19", counts: "refused", refusal: "inferred", detail: "the client's proxy saw `UF,URX`" } },
  { name: "a reset with another code is none of them", one: { ...UNCLEAR, responseCode: "500", responseFlags: "UC" }, judge: BLOCKED, says: { rule: "OBS-18", counts: "unclear", detail: "it failed with `UC`" } },
  { name: "a reset of TCP is no reset of a request", one: { ...UNCLEAR, family: "tcp", responseFlags: "UC" }, judge: BLOCKED, says: { rule: "OBS-18", counts: "unclear", detail: "it failed with `UC`" } },
  { name: "a reset while nothing is known to block", one: { ...UNCLEAR, responseCode: "503", responseFlags: "UC" }, says: { rule: "OBS-18", counts: "unclear", detail: "it failed with `UC`" } },
  { name: "a reset of one that used its certificate", one: clientRow({ responseCode: "503", responseFlags: "UC" }), judge: BLOCKED, says: { rule: "OBS-18", counts: "unclear", detail: "it failed with `UC`" } },
  { name: "a 503 of the application", one: { ...UNCLEAR, responseCode: "503", responseFlags: "-" }, judge: BLOCKED, says: { rule: "OBS-5", counts: "unclear" } },
];

describe("an observation is told in full:", () => {
  it.each(table)("$name", ({ one, judge = {}, says }) => {
    const { reporter, proxy, connectionSecurityPolicy, count } = one;
    expect(onlyEdge(edgesOf([one], judge)).observations).toEqual([{ count, bytes: 0, reporter, proxy, connectionSecurityPolicy, extrapolated: false, lastSeenMs: null, ...says }]);
  });

  it("what only the client can know stands beside what the server reported", () => {
    const rules = (...more: readonly TrafficRow[]) => onlyEdge(edgesOf([PLAIN, ...more], BLOCKED)).observations.map(({ rule }) => rule);
    expect(rules(UNCLEAR)).toEqual(["OBS-2"]);
    expect(rules({ ...UNCLEAR, responseCode: "503", responseFlags: "UC" })).toEqual(["OBS-2", "OBS-11"]);
    expect(rules({ ...UNCLEAR, responseCode: "503", responseFlags: "UF" })).toEqual(["OBS-2", "OBS-19"]);
    expect(rules({ ...UNCLEAR, responseCode: "503", responseFlags: "UT" })).toEqual(["OBS-2"]);
  });

  it("numbers of all of them are added up, and one guess makes the sum a guess", () => {
    const edge = onlyEdge(edgesOf([row({ bytes: 10 }), { ...PLAIN, bytes: 20, extrapolated: true }, row({ connectionSecurityPolicy: null, count: 3, bytes: 1 })]));
    expect([edge.counts, edge.bytes, edge.extrapolated]).toEqual([{ mtls: 900, plaintext: 900, tls: 0, unclear: 3, refused: 0 }, 31, true]);
  });
});

describe("rows that name no workload", () => {
  const past = clientRow({ client: UNPROVED, server: NOBODY, serviceName: "PassthroughCluster" });
  const server = (serviceHost: string | null, more: Partial<TrafficRow> = {}) => onlyEdge(edgesOf([{ ...past, serviceHost, ...more }], { workloads: [...SERVERS, workload("foo/six", { address: "2001:db8::6" })] })).server;

  it.each<[string, Edge["server"]]>([
    ["10.0.0.10:8080", { kind: "workload", id: "foo/httpbin" as never }],
    ["10.0.0.10", { kind: "workload", id: "foo/httpbin" as never }],
    ["10.0.0.99:8080", { kind: "address", address: "10.0.0.99" }],
    ["[2001:db8::6]:8080", { kind: "workload", id: "foo/six" as never }],
    ["[2001:DB8::7]", { kind: "address", address: "[2001:DB8::7]" }],
    ["v10.0.0.10", { kind: "external", host: "v10.0.0.10" }],
    ["10.0.0.10.example", { kind: "external", host: "10.0.0.10.example" }],
    ["api.example.com:443", { kind: "external", host: "api.example.com:443" }],
    ["cafe.example]", { kind: "external", host: "cafe.example]" }],
  ])("dialled %s", (host, found) => {
    expect(server(host)).toEqual(found);
  });

  it("are what the report calls the service, where it has no host", () => {
    expect(server(null, { serviceName: "api" })).toEqual({ kind: "external", host: "api" });
    expect(server(null, { serviceName: null })).toEqual({ kind: "external", host: "unknown" });
  });

  it("an address that two have is that address", () => {
    expect(onlyEdge(edgesOf([{ ...past, serviceHost: "10.0.0.10:8080" }], { workloads: [...SERVERS, workload("bar/thief", { address: "10.0.0.10" })] })).server).toEqual({ kind: "address", address: "10.0.0.10" });
  });

  it("half a name is none", () => {
    const named = (client: TrafficRow["client"]) => onlyEdge(edgesOf([row({ connectionSecurityPolicy: "none", client })])).client;
    expect(named({ namespace: "foo", workload: null, principal: null })).toEqual({ kind: "unidentified" });
    expect(named({ namespace: null, workload: "sleep", principal: null })).toEqual({ kind: "unidentified" });
    expect(named({ namespace: "foo", workload: "sleep", principal: "unknown" })).toEqual({ kind: "workload", id: "foo/sleep" });
  });

  it("hosts are those of the registry only where the client went by it", () => {
    const hosts = ["httpbin", "PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster", "InboundPassthroughClusterIpv4", null].map((serviceName) => onlyEdge(edgesOf([row({ serviceName, serviceHost: "Web.Example" })])).host);
    expect(hosts).toEqual(["web.example", null, null, null, null, "web.example"]);
  });

  it("keys keep what a label may hold apart", () => {
    const key = (name: string) => onlyEdge(edgesOf([row({ client: { namespace: "foo", workload: name, principal: null } })])).key.split("foo/httpbin")[0];
    expect([key("a|b"), key("a\\b"), key("a\\|b"), key("plain")]).toEqual(["foo/a\\|b|", "foo/a\\\\b|", "foo/a\\\\\\|b|", "foo/plain|"]);
  });
});

describe("[OBS-16] a client's traffic past the registry", () => {
  const past = (count: number, more: Partial<TrafficRow> = {}) => clientRow({ client: UNPROVED, server: NOBODY, serviceHost: "shop.example.com", serviceName: "PassthroughCluster", count, ...more });
  const arrived = (count: number, more: Partial<TrafficRow> = {}) => row({ client: UNPROVED, connectionSecurityPolicy: "none", serviceName: "InboundPassthroughCluster", serviceHost: "shop.example.com", count, ...more });
  const servers = (...rows: readonly TrafficRow[]) => edgesOf(rows).map(({ server, family }) => `${server.kind} ${family}`).sort();

  it("is what servers counted of it, to two in a hundred or one", () => {
    expect(servers(past(1000), arrived(980))).toEqual(["workload http"]);
    expect(servers(past(1000), arrived(1020))).toEqual(["workload http"]);
    expect(servers(past(1000), arrived(979))).toEqual(["external http", "workload http"]);
    expect(servers(past(3), arrived(2))).toEqual(["workload http"]);
    expect(servers(past(3), arrived(1))).toEqual(["external http", "workload http"]);
    expect(servers(past(1))).toEqual(["external http"]);
  });

  it("is nothing that a server counted as mTLS: it had no certificate", () => {
    const edges = edgesOf([past(101), arrived(100, { connectionSecurityPolicy: "mutual_tls", client: row().client })]);
    expect(edges.map(({ server, counts }) => [server.kind, counts.mtls, counts.unclear]).sort()).toEqual([["external", 0, 101], ["workload", 100, 0]]);
    expect(servers(past(900), arrived(900), arrived(100, { connectionSecurityPolicy: "mutual_tls" }))).toEqual(["workload http"]);
    expect(servers(past(900, { client: row().client }), arrived(900))).toEqual(["external http", "workload http"]);
  });

  it("is added up over all that it dialled, and all that arrived", () => {
    expect(servers(past(400), past(600, { serviceHost: "other.example.com" }), arrived(500), arrived(500, { server: { namespace: "foo", workload: "other", principal: null } }))).toEqual(["workload http", "workload http"]);
    expect(servers(past(400), past(600, { serviceHost: "other.example.com" }), arrived(400))).toEqual(["external http", "external http", "workload http"]);
  });

  it("is another's, or of another family, where that counted it", () => {
    expect(servers(past(1000), arrived(1000, { client: { ...UNPROVED, workload: "other" } }))).toEqual(["external http", "workload http"]);
    expect(servers(past(1000), arrived(1000, { family: "tcp" }))).toEqual(["external http", "workload tcp"]);
  });

  it("is not what reports of other kinds tell of", () => {
    expect(servers(past(1000, { serviceName: "shop" }), arrived(1000))).toEqual(["external http", "workload http"]);
    expect(servers(past(1000), { ...past(1), serviceName: "shop" }, arrived(1001))).toContain("workload http");
    expect(servers(past(900, { server: { namespace: "foo", workload: "elsewhere", principal: null } }), arrived(900))).toEqual(["workload http", "workload http"]);
  });

  it("is not what servers counted where the client told of that server itself", () => {
    expect(servers(past(900), arrived(900), clientRow({ client: UNPROVED, count: 900 }))).toEqual(["external http", "workload http", "workload http"]);
  });
});

describe("[OBS-10, OBS-18] what ztunnel opened and then did not carry", () => {
  const opened = (count: number, more: Partial<TrafficRow> = {}) => ztunnelRow({ count, ...more });
  const failed = (count: number, more: Partial<TrafficRow> = {}) => ztunnelRow({ count, responseFlags: "DENY", ...more });
  const told = (...rows: readonly TrafficRow[]) => onlyEdge(edgesOf(rows)).observations.map(({ rule, count }) => `${rule} ${count}`);

  it("is taken out once, from as many rows as it takes", () => {
    expect(told(opened(100), failed(30))).toEqual(["OBS-7 70", "OBS-10 30"]);
    expect(told(opened(20, { bytes: 1 }), opened(100, { bytes: 2 }), failed(30))).toEqual(["OBS-7 0", "OBS-7 90", "OBS-10 30"]);
    expect(told(opened(20), opened(100), failed(20))).toEqual(["OBS-7 100", "OBS-10 20"]);
    expect(told(opened(10), failed(20))).toEqual(["OBS-10 20"]);
    expect(told(opened(100), failed(10), failed(5, { responseFlags: "CONNECT" }))).toEqual(["OBS-7 85", "OBS-18 5", "OBS-10 10"]);
  });

  it("is taken out of its own kind only", () => {
    expect(told(opened(100, { connectionSecurityPolicy: "mutual_tls" }), opened(50), failed(30))).toEqual(["OBS-6 100", "OBS-7 20", "OBS-10 30"]);
    const by = (principal: string) => ({ client: { ...UNPROVED, principal } });
    expect(told(opened(100, by("spiffe://cluster.local/ns/foo/sa/a")), opened(100, by("spiffe://cluster.local/ns/foo/sa/b")), failed(30, by("spiffe://cluster.local/ns/foo/sa/b")))).toEqual(["OBS-7 100", "OBS-7 70", "OBS-10 30"]);
  });

  it("is not taken out of what sidecars counted", () => {
    expect(told(row({ family: "tcp", connectionSecurityPolicy: "none", client: UNPROVED, count: 50 }), row({ family: "tcp", connectionSecurityPolicy: "none", client: UNPROVED, count: 5, responseFlags: "UC" }))).toEqual(["OBS-2 50", "OBS-2 5"]);
    expect(told(row({ family: "tcp", connectionSecurityPolicy: "unknown", client: UNPROVED, count: 50 }), failed(30))).toEqual(["OBS-9 50", "OBS-10 30"]);
  });
});

describe("when an edge was last seen", () => {
  const at = (lastSeenMs: number | null, lastSeenAfterMs?: number): Partial<TrafficRow> => ({ lastSeenMs, ...(lastSeenAfterMs === undefined ? {} : { lastSeenAfterMs }) });
  const told = (...times: readonly Partial<TrafficRow>[]) => {
    const edge = onlyEdge(edgesOf(times.map((time, n) => ({ ...PLAIN, ...time, responseCode: String(200 + n) }))));
    return [edge.lastSeenMs, edge.lastSeenAfterMs, edge.lastPlaintextMs, edge.lastPlaintextAfterMs];
  };

  it("is what its newest row says", () => {
    expect(told(at(5), at(9), at(7))).toEqual([9, undefined, 9, undefined]);
    expect(told(at(null), at(9))).toEqual([9, undefined, 9, undefined]);
    expect(told(at(9), at(null))).toEqual([9, undefined, 9, undefined]);
    expect(told(at(null), at(null))).toEqual([null, undefined, null, undefined]);
  });

  it("is as exact as the most exact of those that say that time", () => {
    expect(told(at(9, 3), at(9, 5))).toEqual([9, 5, 9, 5]);
    expect(told(at(9, 5), at(9, 3))).toEqual([9, 5, 9, 5]);
    expect(told(at(9, 5), at(9))).toEqual([9, undefined, 9, undefined]);
    expect(told(at(9), at(9, 5))).toEqual([9, undefined, 9, undefined]);
    expect(told(at(9, 3), at(7, 6))).toEqual([9, 3, 9, 3]);
    expect(told(at(7, 6), at(9, 3))).toEqual([9, 3, 9, 3]);
    expect(told(at(7, 6), at(9))).toEqual([9, undefined, 9, undefined]);
  });

  it("is told for plaintext apart", () => {
    const edge = onlyEdge(edgesOf([{ ...PLAIN, ...at(5, 2) }, row(at(9))]));
    expect([edge.lastSeenMs, edge.lastSeenAfterMs, edge.lastPlaintextMs, edge.lastPlaintextAfterMs]).toEqual([9, undefined, 5, 2]);
    const other = onlyEdge(edgesOf([{ ...PLAIN, ...at(5) }, row(at(9, 7))]));
    expect([other.lastSeenMs, other.lastSeenAfterMs, other.lastPlaintextMs, other.lastPlaintextAfterMs]).toEqual([9, 7, 5, undefined]);
    expect(Object.keys(edge)).not.toContain("lastSeenAfterMs");
    expect(Object.keys(other)).not.toContain("lastPlaintextAfterMs");
  });
});

describe("what an edge remembers of the look-back", () => {
  const told = (before: readonly TrafficRow[], rows: readonly TrafficRow[] = []) => onlyEdge(observe({ rows, before }, judgeOf({}))).seenBefore;
  const failed = clientRow({ client: UNPROVED, responseCode: "503", responseFlags: "UF" });

  it("is all that proves no mTLS, though no row says when", () => {
    expect(told([PLAIN])).toEqual(["plaintext"]);
    expect(told([PLAIN], [row()])).toEqual(["plaintext"]);
    expect(told([UNCLEAR])).toEqual(["unclear"]);
    expect(told([row({ connectionSecurityPolicy: null }), PLAIN])).toEqual(["plaintext", "unclear"]);
  });

  it("is not mTLS, nor what only failed, nor the window", () => {
    expect(told([row()])).toBeUndefined();
    expect(told([failed])).toBeUndefined();
    expect(told([row()], [PLAIN])).toBeUndefined();
  });
});

describe("[EDGE-13] refusals against configuration", () => {
  const disagreement = (rows: readonly TelemetryRow[], ...paths: readonly ConfiguredPath[]) => {
    const edges = edgesOf(rows, answering(...paths));
    return edges.map(contradiction).find((one) => one !== null) ?? null;
  };
  const OPEN = path({ transport: "mTLS" });
  const inferred = { ...UNCLEAR, responseCode: "503", responseFlags: "UC", count: 2 };

  it("contradict it where nothing refuses that way", () => {
    expect(disagreement([row({ responseCode: "403", responseFlags: "x" }), ztunnelRow({ family: "http", responseFlags: "DENY", connectionSecurityPolicy: "mutual_tls" })], OPEN)).toBe("refused: mTLS");
    expect(disagreement([ztunnelRow({ family: "http", responseFlags: "DENY", connectionSecurityPolicy: "mutual_tls" })], path({ transport: "blocked" }))).toBe("refused: blocked");
    expect(disagreement([refusal({ clientAddress: "10.0.0.11" })], path({ transport: "mTLS" }), path({ transport: "mTLS", authorization: "deny" }))).toBeNull();
    expect(disagreement([refusal({ clientAddress: "10.0.0.11" })], OPEN)).toBe("refused: mTLS");
    expect(disagreement([refusal({ clientAddress: "10.0.0.11" })], OPEN, path({ transport: "unknown" }))).toBeNull();
    expect(disagreement([refusal({ clientAddress: "10.0.0.11" })], OPEN, path({ transport: "blocked" }))).toBeNull();
  });

  it("do not where configuration itself is what they were inferred from, or the client refused", () => {
    expect(disagreement([inferred], path({ transport: "blocked" }), OPEN)).toBeNull();
    expect(disagreement([clientRow({ client: UNPROVED, serviceName: "BlackHoleCluster" })], OPEN)).toBeNull();
    expect(disagreement([row({ responseCode: "403" })], path({ transport: "mTLS", authorization: "deny" }))).toBeNull();
  });

  it("one of several is enough", () => {
    const denied = ztunnelRow({ family: "http", responseFlags: "DENY", connectionSecurityPolicy: "mutual_tls", count: 1 });
    expect(disagreement([denied, { ...UNCLEAR, serviceName: "BlackHoleCluster", serviceHost: "httpbin.foo.svc.cluster.local" }, ztunnelRow({ family: "http", responseFlags: "TLS_FAILURE", count: 1 })], OPEN, path({ transport: "blocked" }))).toBe("refused: blocked or mTLS");
  });

  it("STRICT on every port is needed for plaintext to contradict what is not known otherwise", () => {
    const unknown = (serverMode?: "STRICT" | "DISABLE") => path({ transport: "unknown", ...(serverMode === undefined ? {} : { serverMode }) });
    expect(disagreement([PLAIN], unknown("STRICT"), unknown("STRICT"))).toBe("plaintext: STRICT");
    expect(disagreement([PLAIN], unknown("STRICT"), unknown())).toBeNull();
    expect(disagreement([PLAIN], unknown("DISABLE"))).toBeNull();
    expect(disagreement([row()], unknown("STRICT"))).toBeNull();
  });
});

describe("[OBS-3] ports that are declared TLS", () => {
  const tcp = row({ family: "tcp", connectionSecurityPolicy: "none", client: UNPROVED, serviceHost: "web.foo.svc.cluster.local" });
  const at = (serviceHost: string) => ({ ...tcp, serviceHost });
  const rule = (one: TrafficRow, ...objects: readonly MeshObject[]) => onlyEdge(edgesOf([one], {}, objects)).observations[0]?.rule;
  const web = (...ports: readonly (readonly [string, number, ("TCP" | "UDP")?])[]) => service("foo", "web", { ports: ports.map(([name, port, protocol = "TCP"]) => ({ name, port, targetPort: port, protocol })) });
  const entry = (host: string, ...protocols: readonly string[]) => serviceEntry("foo", "entry", host, { ports: protocols.map((protocol, n) => ({ number: 443 + n, name: `p${n}`, protocol, targetPort: null })) });

  it("are all that a connection can have reached", () => {
    expect(rule(tcp, web(["https", 443]))).toBe("OBS-3");
    expect(rule(tcp, web(["https", 443], ["dns", 53, "UDP"]))).toBe("OBS-3");
    expect(rule(tcp, web(["https", 443], ["http", 80]))).toBe("OBS-3");
    expect(rule(tcp, web(["http", 80]))).toBe("OBS-2");
    expect(rule(tcp, web(["dns", 53, "UDP"]))).toBe("OBS-2");
    expect(rule(tcp)).toBe("OBS-2");
  });

  it("are told by entries as well, whatever letters they write", () => {
    expect(rule(at("api.example"), entry("API.example", "TLS"))).toBe("OBS-3");
    expect(rule(at("api.example"), entry("api.example", "TLS", "TCP"))).toBe("OBS-2");
    expect(rule(at("other.example"), entry("api.example", "TLS"))).toBe("OBS-2");
  });

  it("are those of everything that has the host", () => {
    expect(rule(tcp, web(["https", 443]), entry("web.foo.svc.cluster.local", "TCP"))).toBe("OBS-2");
    expect(rule(tcp, web(["https", 443]), entry("web.foo.svc.cluster.local", "HTTPS"))).toBe("OBS-3");
  });
});
