import { describe, expect, it } from "vitest";
import { known, type ConfiguredPath, type TrafficRow } from "#mesh";
import { judgeOf, path, workload } from "../../support/judge.ts";
import { clientRow, NOBODY, observe, onlyEdge, row, UNPROVED, ztunnelRow } from "../../support/telemetry.ts";

// What a client sent without a certificate and no server reported: pods without a proxy, ports past it, proxies that nobody scrapes.

const WAYS = [{ ...path({ transport: "mTLS" }), pairs: 2 }, path({ transport: "plaintext", serverMode: "NONE" })];
const WORKLOADS = [workload("foo/sleep"), workload("foo/httpbin", { address: "10.0.0.10" })];
const bare = (count: number, more: Partial<TrafficRow> = {}) => clientRow({ client: UNPROVED, count, ...more });
const plain = (count: number, more: Partial<TrafficRow> = {}) => row({ client: UNPROVED, connectionSecurityPolicy: "none", count, ...more });
const edges = (rows: readonly TrafficRow[], paths: readonly ConfiguredPath[] = WAYS) => observe({ rows }, judgeOf({ workloads: WORKLOADS, paths: () => paths }));
const edge = (...rows: readonly TrafficRow[]) => onlyEdge(edges(rows));

/** mTLS, plaintext, unclear */
function counts(...rows: readonly TrafficRow[]): readonly number[] {
  const { mtls, plaintext, unclear } = edge(...rows).counts;
  return [mtls, plaintext, unclear];
}

describe("what no server reported", () => {
  it("[OBS-23] of three pods one has no proxy: its part is unclear, and says what configuration says of it", () => {
    const told = edge(row({ count: 1080 }), clientRow({ count: 1080 }), bare(540));
    expect(told).toMatchObject({ state: "mTLS", rule: "EDGE-6", counts: { mtls: 1080, plaintext: 0, tls: 0, unclear: 540, refused: 0 }, disagreement: null });
    expect(told.observations.filter(({ counts: kind }) => kind === "unclear")).toMatchObject([
      { rule: "OBS-23", count: 540, reporter: "source", detail: "the client's proxy used no certificate, and no proxy of the server reported it; configuration says plaintext for 1 of 3 pods" },
    ]);
    expect(told.sender.confidence).toBe("address, one owner");
  });

  it("[OBS-23] a label that somebody dropped says nothing of certificates", () => {
    expect(counts(row(), bare(540, { client: { ...UNPROVED, principalDropped: true } }))).toEqual([900, 0, 0]);
  });

  it("[OBS-23] plaintext that the server reported is the same traffic, to within two in a hundred", () => {
    expect(counts(row(), clientRow(), plain(540), bare(540))).toEqual([900, 540, 0]);
    expect(counts(row(), plain(540), bare(550))).toEqual([900, 540, 0]);
    expect(counts(row(), plain(540), bare(552))).toEqual([900, 540, 12]);
    expect(counts(row(), plain(3), bare(4))).toEqual([900, 3, 0]);
    expect(counts(row(), plain(540), bare(100))).toEqual([900, 540, 0]);
  });

  it("[OBS-23] one request is told where the server told of none", () => {
    expect(counts(row(), bare(1))).toEqual([900, 0, 1]);
  });

  it("[OBS-23] what the server cannot tell the security of may be the same", () => {
    expect(counts(row(), row({ connectionSecurityPolicy: null, count: 540 }), bare(540))).toEqual([900, 0, 540]);
  });

  it("[OBS-23] a certificate proves mTLS wherever it was used: what goes beyond the server's report adds nothing", () => {
    expect(counts(row(), clientRow({ count: 1500 }))).toEqual([900, 0, 0]);
  });

  it("[OBS-23] what failed on its way is no such traffic", () => {
    expect(counts(row(), bare(540, { responseFlags: "UC", responseCode: "503" }))).toEqual([900, 0, 0]);
    const [opened, failed] = [ztunnelRow({ reporter: "source", count: 200 }), ztunnelRow({ reporter: "source", count: 100, responseFlags: "CONNECT" })];
    expect(counts(ztunnelRow({ count: 100 }), opened, failed)).toEqual([0, 100, 0]);
  });

  it("[OBS-23] several rows share the number, the first ones first, and bytes go along", () => {
    const tcp = { family: "tcp" } as const;
    const told = edge(row(tcp), plain(100, tcp), bare(90, { ...tcp, bytes: 900, responseCode: "0" }), bare(40, { ...tcp, bytes: 400, responseCode: "1" }));
    expect(told.observations.filter(({ rule }) => rule === "OBS-23").map(({ count, bytes }) => [count, bytes])).toEqual([[30, 300]]);
  });

  it("[OBS-23] a connection from before the window that still carries bytes counts as such", () => {
    const told = edge(row({ family: "tcp" }), bare(0, { family: "tcp", bytes: 5000 }));
    expect([told.state, told.counts.unclear, told.bytes]).toEqual(["mTLS", 0, 5000]);
    expect(told.observations.map(({ rule }) => rule)).toContain("OBS-23");
  });

  it("[OBS-23] the look-back tells of no numbers, and adds nothing", () => {
    const told = onlyEdge(observe({ before: [row(), bare(540)] }, judgeOf({ workloads: WORKLOADS, paths: () => WAYS })));
    expect([told.state, told.sender.confidence]).toEqual(["idle", "proved by identity"]);
  });
});

describe("a certificate that is none of the mesh's", () => {
  const own = (count: number, more: Partial<TrafficRow> = {}) => clientRow({ client: { ...UNPROVED, principal: "spiffe://corp.example/client/7" }, count, ...more });
  const told = (...rows: readonly TrafficRow[]) => {
    const { mtls, plaintext, tls, unclear } = edge(...rows).counts;
    return [mtls, plaintext, tls, unclear];
  };

  it("[OBS-26] is not among the mTLS that the server reported", () => {
    expect(told(row(), own(5))).toEqual([900, 0, 5, 0]);
    expect(edge(row(), own(5)).state).toBe("mixed");
  });

  it("[OBS-26] may be among what it says was not, after what was sent without any", () => {
    expect(told(row(), plain(100), own(100))).toEqual([900, 100, 0, 0]);
    expect(told(row(), plain(100), own(130))).toEqual([900, 100, 30, 0]);
    expect(told(row(), plain(100), bare(80), own(130))).toEqual([900, 100, 110, 0]);
    expect(told(row(), plain(100), bare(200), own(130))).toEqual([900, 100, 130, 100]);
  });

  it("[OBS-26] adds no numbers of the look-back", () => {
    expect(onlyEdge(observe({ before: [row(), own(5)] }, judgeOf({ workloads: WORKLOADS, paths: () => WAYS }))).state).toBe("idle");
  });
});

describe("tunnels show no certificate", () => {
  const mutual = (count: number) => ztunnelRow({ connectionSecurityPolicy: "mutual_tls", client: row().client, count });

  it("[OBS-23] of a sidecar's connections to ztunnel only those beyond the server's are told", () => {
    const closed = [path({ transport: "mTLS" })];
    const sent = (count: number, paths: readonly ConfiguredPath[]) => onlyEdge(edges([mutual(180), bare(count, { family: "tcp" })], paths)).counts.unclear;
    expect([180, 183, 184, 270].map((count) => sent(count, closed))).toEqual([0, 0, 4, 90]);
    expect(sent(183, [])).toBe(0);
  });

  it("[OBS-23] where configuration sends plaintext to some of the server's pods, the smallest difference is", () => {
    const sent = (count: number, ...paths: readonly ConfiguredPath[]) => onlyEdge(edges([mutual(10_000), bare(count, { family: "tcp" })], paths)).counts;
    expect([10_000, 10_001, 10_190].map((count) => sent(count, ...WAYS).unclear)).toEqual([0, 1, 190]);
    expect(sent(10_190, path({ transport: "mTLS" }), path({ transport: "tls" })).unclear).toBe(190);
    expect(sent(10_190, path({ transport: "mTLS" }), path({ transport: "unknown" })).unclear).toBe(0);
  });

  it("[OBS-23] likewise of requests through a waypoint, or by a way that configuration says is a tunnel", () => {
    const judge = judgeOf({ workloads: [workload("foo/sleep"), workload("foo/httpbin", { dataPlaneMode: "ambient" })], paths: () => WAYS });
    const through = (count: number) => onlyEdge(observe({ rows: [row({ reporter: "waypoint" }), bare(count)] }, judge)).counts;
    expect(through(900)).toMatchObject({ mtls: 900, unclear: 0 });
    expect(through(1000)).toMatchObject({ mtls: 900, unclear: 100 });
    const way = path({ transport: "mTLS" });
    const tunnel = { ...way, verdict: { ...way.verdict, clientMode: known("HBONE", { rule: "AMB-1", object: null, field: null } as const) } } as ConfiguredPath;
    expect(onlyEdge(edges([row(), bare(900)], [tunnel])).counts.unclear).toBe(0);
    expect(onlyEdge(edges([row(), bare(1000)], [tunnel])).counts.unclear).toBe(100);
    expect(onlyEdge(edges([row(), bare(900)], [way])).counts.unclear).toBe(900);
  });

  it("[OBS-23] ztunnel at the client says what it intended: `unknown` is no tunnel", () => {
    expect(counts(mutual(180), ztunnelRow({ connectionSecurityPolicy: "mutual_tls", reporter: "source", count: 180 }), ztunnelRow({ reporter: "source", count: 90 }))).toEqual([180, 0, 90]);
  });

  it("[OBS-23] what the server's ztunnel refused it did report", () => {
    expect(counts(mutual(180), ztunnelRow({ count: 90 }), ztunnelRow({ count: 90, responseFlags: "DENY" }), ztunnelRow({ reporter: "source", count: 90 }))).toEqual([180, 0, 0]);
  });
});

describe("where the server counted it under another name", () => {
  const other = { serviceHost: "other.foo.svc.cluster.local", serviceName: "other" };
  const past = (count: number) => bare(count, { server: NOBODY, serviceHost: "10.0.0.10:8080", serviceName: "PassthroughCluster" });
  const seen = (...rows: readonly TrafficRow[]) => edges(rows).map(({ key, counts: { mtls, plaintext, unclear } }) => `${key.split("|").slice(2).join(" ")}: ${mtls} ${plaintext} ${unclear}`);

  it("[OBS-23] two Services of the same pods: nothing is missing where the other has enough", () => {
    expect(seen(row(), bare(500), plain(495, other))).toEqual(["httpbin.foo.svc.cluster.local http: 900 0 0", "other.foo.svc.cluster.local http: 0 495 0"]);
    expect(seen(row(), bare(500), plain(400, other))).toEqual(["httpbin.foo.svc.cluster.local http: 900 0 500", "other.foo.svc.cluster.local http: 0 400 0"]);
    expect(seen(row(), bare(500), plain(500, other), bare(500, other))).toEqual(["httpbin.foo.svc.cluster.local http: 900 0 500", "other.foo.svc.cluster.local http: 0 500 0"]);
  });

  it("[OBS-16, OBS-23] a pod that was dialled by its address and reported nothing is an edge of its own", () => {
    expect(seen(row(), past(100))).toEqual(["httpbin.foo.svc.cluster.local http: 900 0 0", " http: 0 0 100"]);
    expect(seen(row(), plain(100), past(100))).toEqual(["httpbin.foo.svc.cluster.local http: 900 100 0"]);
    expect(seen(row(), plain(100, { client: NOBODY }), past(100))).toEqual(["httpbin.foo.svc.cluster.local http: 900 0 0", "httpbin.foo.svc.cluster.local http: 0 100 0"]);
  });
});

describe("what is said of the endpoints", () => {
  const detail = (paths: readonly ConfiguredPath[], clients = 1) => {
    const sleep = workload("foo/sleep");
    const workloads = [{ ...sleep, instances: Array.from({ length: clients }, () => sleep.instances).flat() }, workload("foo/httpbin")];
    const told = onlyEdge(observe({ rows: [row(), bare(9)] }, judgeOf({ workloads, paths: () => paths })));
    return told.observations.find(({ rule }) => rule === "OBS-23")?.detail?.replace("the client's proxy used no certificate, and no proxy of the server reported it", "…");
  };
  const way = (transport: "mTLS" | "plaintext" | "blocked" | "unknown", pairs: number, targetPort = 8080) => ({ ...path({ transport }), pairs, targetPort });

  it.each([
    ["no way", [], 1, "…; the configuration knows no way for it"],
    ["mTLS everywhere", [way("mTLS", 3)], 1, "…, though configuration says mTLS for every pod"],
    ["two clients", [way("mTLS", 4), way("plaintext", 2)], 2, "…; configuration says plaintext for 1 of 3 pods"],
    ["clients that differ", [way("mTLS", 4), way("plaintext", 1)], 2, "…; configuration says plaintext for 1 of 5 pairs of pods"],
    ["one port of two", [way("mTLS", 3), way("mTLS", 2, 9000), way("plaintext", 1, 9000)], 1, "…; configuration says plaintext for 1 of 3 pods on port 9000"],
    ["plaintext before what is not known", [way("unknown", 1), way("plaintext", 2)], 1, "…; configuration says plaintext for 2 of 3 pods"],
    ["not known", [way("mTLS", 1), way("unknown", 2)], 1, "…; configuration says unknown for 2 of 3 pods"],
    ["refused", [way("blocked", 3)], 1, "…; configuration says blocked for 3 of 3 pods"],
  ] as const)("[OBS-23] %s", (_name, paths, clients, text) => {
    expect(detail(paths, clients)).toBe(text);
  });
});
