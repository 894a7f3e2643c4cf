import { describe, expect, it } from "vitest";
import { known, type ConfiguredPath, type TrafficRow, type WorkloadInstance } from "#mesh";
import { judgeOf, path, workload } from "../../support/judge.ts";
import { clientRow, contradiction, NOBODY, observe, onlyEdge, refusal, row, UNPROVED, ztunnelRow } from "../../support/telemetry.ts";

// What a server counted without a name, shared out to those who sent it; what carries requests; what contradicts configuration.

const counted = row({ family: "tcp", connectionSecurityPolicy: "none", client: NOBODY, count: 100, bytes: 1000 });
const sentBy = (namespace: string, count: number, more: Partial<TrafficRow> = {}) => clientRow({ family: "tcp", client: { namespace, workload: "sleep", principal: null }, count, bytes: count * 4, ...more });

/** Who sent, how many in plaintext and how many bytes; and whether the numbers are guessed. */
function shares(...rows: readonly TrafficRow[]): readonly string[] {
  return observe({ rows }, judgeOf({})).map(({ key, counts, bytes, extrapolated, observations }) => `${key.split("|")[0] ?? ""} ${counts.plaintext} ${bytes}${extrapolated ? " ~" : ""} ${[...new Set(observations.map(({ rule }) => rule))].sort().join(",")}`);
}

describe("shares of what the server could not name", () => {
  it("[OBS-20] each client's own count and bytes, and the rest", () => {
    expect(shares(counted, sentBy("foo", 60), sentBy("bar", 10))).toEqual(["bar/sleep 10 40 OBS-20", "foo/sleep 60 240 OBS-20", "unidentified 30 720 OBS-2"]);
  });

  it("[OBS-20] a difference of scraping is the largest sender's, more or less", () => {
    expect(shares(counted, sentBy("foo", 60), sentBy("bar", 39))).toEqual(["bar/sleep 39 156 OBS-20", "foo/sleep 61 240 OBS-20"]);
    expect(shares(counted, sentBy("foo", 62), sentBy("bar", 40))).toEqual(["bar/sleep 40 160 OBS-20", "foo/sleep 60 248 OBS-20"]);
    expect(shares(counted, sentBy("foo", 40), sentBy("bar", 58))).toEqual(["bar/sleep 60 232 OBS-20", "foo/sleep 40 160 OBS-20"]);
  });

  it("[OBS-20] of two that sent as much it is the first by name, whichever row came first", () => {
    const [foo, bar] = [sentBy("foo", 50), sentBy("bar", 50)];
    expect(shares({ ...counted, count: 101 }, foo, bar)).toEqual(["bar/sleep 51 200 OBS-20", "foo/sleep 50 200 OBS-20"]);
    expect(shares({ ...counted, count: 101 }, bar, foo)).toEqual(["bar/sleep 51 200 OBS-20", "foo/sleep 50 200 OBS-20"]);
  });

  it("[OBS-20] of what a client sent with its certificate nothing is shared out", () => {
    const principal = "spiffe://cluster.local/ns/foo/sa/sleep";
    expect(shares(counted, sentBy("foo", 60), sentBy("foo", 30, { client: { namespace: "foo", workload: "sleep", principal } }))).toEqual(["foo/sleep 60 240 OBS-20", "unidentified 40 760 OBS-2"]);
    expect(shares(counted, sentBy("foo", 60), sentBy("foo", 0, { bytes: 7 }))).toEqual(["foo/sleep 60 240 OBS-20", "unidentified 40 760 OBS-2"]);
    expect(shares(counted, sentBy("foo", 60), sentBy("foo", 10, { extrapolated: true, responseCode: "x" }))).toEqual(["foo/sleep 70 280 ~ OBS-20", "unidentified 30 720 OBS-2"]);
  });

  it("[OBS-20] beyond two in a hundred it is somebody's", () => {
    expect(shares(counted, sentBy("foo", 97))).toEqual(["foo/sleep 97 388 OBS-20", "unidentified 3 612 OBS-2"]);
    expect(shares(counted, sentBy("foo", 103))).toEqual(["foo/sleep 0 412 OBS-5", "unidentified 100 1000 OBS-2"]);
    expect(shares({ ...counted, count: 10 }, sentBy("foo", 9))).toEqual(["foo/sleep 10 36 OBS-20"]);
    expect(shares({ ...counted, count: 10 }, sentBy("foo", 11))).toEqual(["foo/sleep 10 44 OBS-20"]);
    expect(shares({ ...counted, count: 10 }, sentBy("foo", 12))).toEqual(["foo/sleep 0 48 OBS-5", "unidentified 10 1000 OBS-2"]);
  });

  it("[OBS-20] bytes never fall below none", () => {
    expect(shares({ ...counted, bytes: 100 }, sentBy("foo", 60))).toEqual(["foo/sleep 60 240 OBS-20", "unidentified 40 0 OBS-2"]);
  });

  it("[OBS-20] guessed numbers stay guessed, on either side", () => {
    expect(shares({ ...counted, extrapolated: true }, sentBy("foo", 60))).toEqual(["foo/sleep 60 240 ~ OBS-20", "unidentified 40 760 ~ OBS-2"]);
    expect(shares(counted, sentBy("foo", 60, { extrapolated: true }))).toEqual(["foo/sleep 60 240 ~ OBS-20", "unidentified 40 760 OBS-2"]);
  });

  it("[OBS-20] only connections that got through are shared out", () => {
    expect(shares(counted, sentBy("foo", 60), sentBy("foo", 7, { responseFlags: "UC" }))[0]).toContain("foo/sleep 60 ");
    expect(shares(counted, sentBy("foo", 60, { responseFlags: "-" }))).toEqual(["foo/sleep 60 240 OBS-20", "unidentified 40 760 OBS-2"]);
    expect(shares(counted, sentBy("foo", 0))).toContain("unidentified 100 1000 OBS-2");
    expect(shares({ ...counted, responseFlags: "UC" }, sentBy("foo", 60))[0]).toContain("foo/sleep 0 ");
  });

  it("[OBS-20] a client whose label was dropped is accused of nothing", () => {
    const dropped = { namespace: "foo", workload: "sleep", principal: null, principalDropped: true } as const;
    expect(shares(counted, sentBy("foo", 40, { client: dropped }))).toEqual(["foo/sleep 0 160 OBS-5", "unidentified 100 1000 OBS-2"]);
    expect(shares(counted, sentBy("foo", 40, { connectionSecurityPolicy: null }))).toEqual(["foo/sleep 0 160 OBS-9", "unidentified 100 1000 OBS-2"]);
  });

  it("[OBS-20] what a server counted as mTLS was sent with a certificate, whether its label is there or not", () => {
    const mutual = { ...counted, connectionSecurityPolicy: "mutual_tls" };
    const edges = observe({ rows: [mutual, sentBy("foo", 40)] }, judgeOf({}));
    expect(edges.map(({ key, counts }) => [key.split("|")[0], counts.mtls, counts.unclear])).toEqual([["foo/sleep", 0, 40], ["unidentified", 100, 0]]);
    expect(shares(mutual, counted, sentBy("foo", 60))).toEqual(["foo/sleep 60 240 OBS-20", "unidentified 40 1760 OBS-1,OBS-2"]);
  });

  it("[OBS-20] another host, server, or family is another matter", () => {
    const apart = ["unidentified 100 1000 OBS-2"];
    expect(shares(counted, sentBy("foo", 60, { serviceHost: "other.foo.svc.cluster.local" }))).toEqual(expect.arrayContaining(apart));
    expect(shares(counted, sentBy("foo", 60, { server: { namespace: "foo", workload: "other", principal: null } }))).toEqual(expect.arrayContaining(apart));
    expect(shares(counted, sentBy("foo", 60, { family: "http" }))).toEqual(expect.arrayContaining(apart));
    expect(shares({ ...counted, serviceHost: null }, sentBy("foo", 60, { serviceHost: null }))).toEqual(expect.arrayContaining(apart));
  });

  it("[OBS-20] a client that the server names is no candidate, nor one that a waypoint does", () => {
    const namedByServer = row({ family: "tcp", connectionSecurityPolicy: "none", client: UNPROVED, count: 5 });
    expect(shares(counted, sentBy("foo", 60), namedByServer)).toContain("unidentified 100 1000 OBS-2");
    expect(shares(counted, sentBy("foo", 60), { ...namedByServer, reporter: "waypoint" })).toContain("unidentified 100 1000 OBS-2");
  });

  it("[OBS-20] a client without name stays so", () => {
    expect(shares(counted, clientRow({ family: "tcp", client: NOBODY, count: 60 }))).toEqual(["unidentified 100 1000 OBS-2"]);
  });

  it("[OBS-20] what the server counted in two ways is not shared out", () => {
    expect(shares(counted, { ...counted, count: 50, responseCode: "200" }, sentBy("foo", 60))).toContain("unidentified 150 2000 OBS-2");
  });

  it("[OBS-20] with mTLS beside it, only plaintext is", () => {
    expect(shares(counted, row({ family: "tcp", client: { namespace: null, workload: null, principal: "spiffe://cluster.local/ns/x/sa/y" }, count: 30, bytes: 0 }), sentBy("foo", 60))).toEqual(["foo/sleep 60 240 OBS-20", "unidentified 40 760 OBS-1,OBS-2"]);
  });

  it("[OBS-20] refusals of the nameless stay with them", () => {
    const judge = judgeOf({ workloads: [workload("foo/httpbin", { address: "10.0.0.10" })] });
    const edges = observe({ rows: [counted, sentBy("foo", 100), refusal({ clientAddress: null as never })] }, judge);
    expect(edges.map(({ key, counts }) => [key.split("|")[0], counts.plaintext, counts.refused]).filter(([name]) => name === "foo/sleep")).toEqual([["foo/sleep", 100, 0]]);
  });
});

type Plane = WorkloadInstance["dataPlaneMode"];

describe("what carries requests to ambient workloads", () => {
  const unclear = clientRow({ client: UNPROVED });
  const carried = ztunnelRow({ connectionSecurityPolicy: "mutual_tls", client: row().client });
  const way = path({ transport: "mTLS" });
  const tunnel: ConfiguredPath = { ...way, verdict: { ...way.verdict, clientMode: known("HBONE", { rule: "AMB-10", object: null, field: null }) } };
  const httpbin = (...planes: readonly Plane[]) => {
    const parts = planes.map((dataPlaneMode) => workload("foo/httpbin", { dataPlaneMode }));
    const [first] = parts;
    return first === undefined ? [] : [{ ...first, instances: parts.flatMap(({ instances }) => instances) }];
  };
  const state = (planes: readonly Plane[], ...rows: readonly TrafficRow[]) =>
    observe({ rows }, judgeOf({ workloads: [workload("foo/sleep"), ...httpbin(...planes)], paths: () => [tunnel] })).filter(({ family }) => family === "http").map((edge) => [edge.state, edge.observations[0]?.rule]);

  it("[OBS-21] only where every instance is ambient", () => {
    expect(state(["ambient"], unclear, carried)).toEqual([["mTLS", "OBS-21"]]);
    expect(state(["ambient", "ambient"], unclear, carried)).toEqual([["mTLS", "OBS-21"]]);
    expect(state(["ambient", "sidecar"], unclear, carried)).toEqual([["unclear", "OBS-5"]]);
    expect(state([], unclear, carried)).toEqual([["unclear", "OBS-5"]]);
  });

  it("[OBS-21] a sidecar that reports connections, or ztunnel that names neither, says nothing of them", () => {
    expect(state(["ambient"], unclear, row({ family: "tcp", connectionSecurityPolicy: "unknown" }))).toEqual([["unclear", "OBS-5"]]);
    expect(state(["ambient"], unclear, { ...carried, connectionSecurityPolicy: "odd" })).toEqual([["unclear", "OBS-5"]]);
    expect(state(["ambient"], unclear, carried, { ...carried, responseFlags: "UF" })).toEqual([["unclear", "OBS-5"]]);
    expect(state(["ambient"], unclear, carried, { ...carried, count: 1 })).toEqual([["mTLS", "OBS-21"]]);
  });

  it("[OBS-14] where the server itself reports requests, that counts", () => {
    expect(state(["ambient"], unclear, carried, row({ connectionSecurityPolicy: "none", client: UNPROVED }))).toEqual([["plaintext", "OBS-2"]]);
  });
});

describe("observed against configured, further", () => {
  const PLAIN = row({ connectionSecurityPolicy: "none", client: UNPROVED });
  const DENIED = row({ responseCode: "403", responseFlags: "DENY", count: 90 });
  const judged = (...paths: readonly ConfiguredPath[]) => judgeOf({ workloads: [workload("foo/sleep"), workload("foo/httpbin")], paths: () => paths });
  const disagreement = (rows: readonly TrafficRow[], ...paths: readonly ConfiguredPath[]) => contradiction(onlyEdge(observe({ rows }, judged(...paths))));

  it.each([
    ["two other ways, in their order", [row()], [path({ transport: "tls" }), path({ transport: "plaintext" })], "mtls: plaintext or tls"],
    ["denied on every way", [row()], [path({ transport: "mTLS", authorization: "deny" }), path({ transport: "plaintext", authorization: "deny" })], "mtls: mTLS or plaintext, denied"],
    ["denied on one way of two", [row()], [path({ transport: "mTLS", authorization: "deny" }), path({ transport: "mTLS" })], null],
    ["blocked or denied", [row()], [path({ transport: "mTLS", authorization: "deny" }), path({ transport: "blocked" })], "mtls: blocked or mTLS"],
    ["plaintext may be the application's TLS", [PLAIN], [path({ transport: "mTLS" }), path({ transport: "tls" })], null],
    ["STRICT on one port of two", [PLAIN], [path({ transport: "unknown", serverMode: "STRICT" }), path({ transport: "unknown", serverMode: "PERMISSIVE" })], null],
    ["STRICT on one port, and the other is not known", [PLAIN], [path({ transport: "unknown", serverMode: "STRICT" }), path({ transport: "unknown" })], null],
    ["denied as authorization may", [DENIED], [path({ transport: "mTLS", authorization: "conditional" })], null],
    ["denied as authorization does", [DENIED], [path({ transport: "mTLS", authorization: "deny" })], null],
    ["denied where one way is", [DENIED], [path({ transport: "mTLS", authorization: "deny" }), path({ transport: "mTLS" })], null],
  ] as const)("[EDGE-13] %s", (_name, rows, paths, sentence) => {
    expect(disagreement(rows, ...paths)).toBe(sentence);
  });

  it("[EDGE-13] configuration of an edge is asked for clients and servers that exist", () => {
    const asked: (readonly [string | null, string])[] = [];
    const judge = judgeOf({ workloads: [workload("foo/httpbin")], paths: (client, server) => (asked.push([client, server]), [path({ transport: "mTLS" })]) });
    observe({ rows: [row(), row({ server: { namespace: "foo", workload: "gone", principal: null }, serviceHost: "gone.foo.svc.cluster.local" })] }, judge);
    expect(asked).toEqual([[null, "foo/httpbin"]]);
  });
});
