import { describe, expect, it } from "vitest";
import { EMPTY_CONFIGURATION, type MeshConfig, type Sender, type TelemetryRow, type TrafficRow } from "#mesh";
import { judgeOf, workload } from "../../support/judge.ts";
import { meshConfig, unread } from "../../support/mesh.ts";
import { clientRow, NOBODY, observe, onlyEdge, refusal, row, UNPROVED, ztunnelRow } from "../../support/telemetry.ts";

// Who the client of an edge is, in full: what several reports and lines come to together.

const id = (account: string) => `spiffe://cluster.local/ns/foo/sa/${account}`;
const PAIR = [workload("foo/sleep", { address: "10.0.0.30" }), workload("foo/httpbin", { address: "10.0.0.10" })];
const PLAIN = row({ connectionSecurityPolicy: "none", client: UNPROVED });

function senderOf(rows: readonly TelemetryRow[], before: readonly TrafficRow[] = []): Sender {
  return onlyEdge(observe({ rows, before }, judgeOf({ workloads: PAIR }))).sender;
}

describe("evidence", () => {
  it("of one report is that report", () => {
    expect(senderOf([row({ count: 7, lastSeenMs: 5 })])).toEqual({ confidence: "proved by identity", principals: [id("sleep")], addresses: [], candidates: [], evidence: [{ method: "principal", count: 7, lastSeenMs: 5 }] });
    expect(senderOf([{ ...PLAIN, count: 7 }])).toEqual({ confidence: "address, one owner", principals: [], addresses: [], candidates: [], evidence: [{ method: "peer metadata", count: 7, lastSeenMs: null }] });
  });

  it("of one kind is added up, and the last time counts, whichever row tells it", () => {
    const told = (...times: readonly (number | null)[]) => senderOf(times.map((lastSeenMs, n) => row({ count: 10 + n, responseCode: String(200 + n), lastSeenMs }))).evidence;
    expect(told(5, 9)).toEqual([{ method: "principal", count: 21, lastSeenMs: 9 }]);
    expect(told(9, 5)).toEqual([{ method: "principal", count: 21, lastSeenMs: 9 }]);
    expect(told(null, 5)).toEqual([{ method: "principal", count: 21, lastSeenMs: 5 }]);
    expect(told(5, null)).toEqual([{ method: "principal", count: 21, lastSeenMs: 5 }]);
    expect(told(null, null)).toEqual([{ method: "principal", count: 21, lastSeenMs: null }]);
    expect(told(5, 9, 7)).toEqual([{ method: "principal", count: 33, lastSeenMs: 9 }]);
  });

  it("of several kinds is told by kind, by letter", () => {
    const rows = [row({ count: 1 }), { ...PLAIN, count: 2 }, ztunnelRow({ family: "http", count: 4 })];
    expect(senderOf(rows).evidence).toEqual([{ method: "peer metadata", count: 2, lastSeenMs: null }, { method: "principal", count: 1, lastSeenMs: null }, { method: "ztunnel", count: 4, lastSeenMs: null }]);
    expect(senderOf(rows.toReversed()).evidence).toEqual(senderOf(rows).evidence);
  });

  it("of the look-back counts where the window is silent, and only there", () => {
    expect(senderOf([], [row({ count: 3, lastSeenMs: 2 })]).evidence).toEqual([{ method: "principal", count: 3, lastSeenMs: 2 }]);
    expect(senderOf([row({ count: 7 })], [{ ...PLAIN, count: 3 }]).evidence).toEqual([{ method: "principal", count: 7, lastSeenMs: null }]);
  });
});

describe("identities", () => {
  it("of several accounts are told once each, by letter", () => {
    const by = (account: string) => row({ client: { ...UNPROVED, principal: id(account) } });
    const told = senderOf([by("sleep"), by("admin"), by("sleep"), by("night")]);
    expect(told.principals).toEqual([id("admin"), id("night"), id("sleep")]);
  });

  it("[SND-8] of an account that the named workload does not run with prove no name, and say whose they are", () => {
    const named = (principal: string) => senderOf([row({ client: { ...UNPROVED, principal }, count: 7 })]);
    expect(named(id("httpbin"))).toEqual({ confidence: "address, one owner", principals: [id("httpbin")], addresses: [], candidates: ["foo/httpbin"], evidence: [{ method: "peer metadata", count: 7, lastSeenMs: null }] });
    expect(named("spiffe://cluster.local/ns/bar/sa/sleep")).toMatchObject({ confidence: "address, one owner", candidates: [] });
    expect(named("spiffe://corp.example/client/7")).toMatchObject({ confidence: "address, one owner", candidates: [] });
    expect(named(id("sleep"))).toMatchObject({ confidence: "proved by identity", candidates: [] });
    expect(senderOf([row(), row({ client: { ...UNPROVED, principal: id("httpbin") } })]).confidence).toBe("address, one owner");
  });

  it("[SND-8] prove the name of a workload that is not there, but for one of another namespace", () => {
    const gone = (principal: string) => onlyEdge(observe({ rows: [row({ client: { namespace: "foo", workload: "nightly", principal } })] }, judgeOf({ workloads: PAIR }))).sender.confidence;
    expect([id("nightly"), id("jobs"), "spiffe://cluster.local/ns/bar/sa/nightly"].map(gone)).toEqual(["proved by identity", "proved by identity", "address, one owner"]);
  });

  it("[SND-8] of pods that say no account are the namespace's default", () => {
    const judge = judgeOf({ workloads: [workload("foo/sleep", { serviceAccountName: "" })] });
    expect(["default", "sleep"].map((account) => onlyEdge(observe({ rows: [row({ client: { ...UNPROVED, principal: id(account) } })] }, judge)).sender.confidence)).toEqual(["proved by identity", "address, one owner"]);
  });

  it("[SND-7] of another trust domain are of no workload of this mesh that is called alike", () => {
    const foreign = "spiffe://other.example/ns/foo/sa/sleep";
    const told = (client: TrafficRow["client"], configuration = EMPTY_CONFIGURATION) => onlyEdge(observe({ rows: [row({ client })], configuration }, judgeOf({ workloads: PAIR })));
    for (const client of [{ ...NOBODY, principal: foreign }, { ...UNPROVED, principal: foreign }]) expect(told(client)).toMatchObject({ client: { kind: "unidentified" }, sender: { confidence: "proved by identity", principals: [foreign], candidates: [] } });
    expect(told({ namespace: "west", workload: "cart", principal: "spiffe://other.example/ns/west/sa/cart" })).toMatchObject({ client: { kind: "workload", id: "west/cart" }, sender: { confidence: "proved by identity" } });
    const withMesh = (...some: readonly MeshConfig[]) => ({ ...EMPTY_CONFIGURATION, objects: { ...EMPTY_CONFIGURATION.objects, MeshConfig: some } });
    const local = { kind: "workload", id: "foo/sleep" };
    expect(told({ ...NOBODY, principal: foreign }, withMesh(meshConfig({ trustDomain: "other.example" }))).client).toEqual(local);
    expect(told({ ...NOBODY, principal: foreign }, withMesh(meshConfig(), meshConfig({ trustDomain: "new.example", trustDomainAliases: ["other.example"] }))).client).toEqual(local);
    expect(told({ ...NOBODY, principal: foreign }, withMesh(meshConfig({ caTrustDomains: ["other.example"] }))).client).toEqual({ kind: "unidentified" });
    expect(told({ ...NOBODY, principal: foreign }, { ...EMPTY_CONFIGURATION, unread: [unread("MeshConfig")] }).client).toEqual(local);
  });

  it("[SND-7] stands apart from plaintext of the workload that is called alike", () => {
    const rows = [row({ client: { ...NOBODY, principal: "spiffe://other.example/ns/foo/sa/sleep" } }), { ...PLAIN, count: 3 }];
    expect(observe({ rows }, judgeOf({ workloads: PAIR })).map(({ client, state }) => [client.kind, state])).toEqual([["workload", "plaintext"], ["unidentified", "mTLS"]]);
  });

  it("that several run with leave these, by letter", () => {
    const shared = ["foo/c", "foo/a", "foo/b"].map((one) => workload(one, { serviceAccountName: "default" }));
    const nameless = row({ client: { ...NOBODY, principal: id("default") } });
    const judge = judgeOf({ workloads: shared });
    expect(onlyEdge(observe({ rows: [nameless] }, judge)).sender.candidates).toEqual(["foo/a", "foo/b", "foo/c"]);
    expect(onlyEdge(observe({ rows: [nameless, { ...nameless, responseCode: "201" }] }, judge)).sender).toMatchObject({ candidates: ["foo/a", "foo/b", "foo/c"], evidence: [{ method: "principal", count: 1800 }] });
  });

  it("of another cluster, or of no account, name nobody", () => {
    const nobody = (principal: string) => onlyEdge(observe({ rows: [row({ client: { ...NOBODY, principal } })] }, judgeOf({ workloads: PAIR })));
    for (const principal of [id("stranger"), "spiffe://cluster.local/ns/foo/sa/sleep/more", "spiffe://cluster.local/sa/sleep", "x spiffe://cluster.local/ns/foo/sa/sleep"]) expect(nobody(principal).client, principal).toEqual({ kind: "unidentified" });
  });
});

describe("who is not known", () => {
  it("[SND-5] without name and identity there is no evidence", () => {
    expect(senderOf([row({ connectionSecurityPolicy: "none", client: NOBODY })])).toEqual({ confidence: "unidentified", principals: [], addresses: [], candidates: [], evidence: [] });
    expect(senderOf([row({ connectionSecurityPolicy: "none", client: NOBODY }), row({ connectionSecurityPolicy: "none", client: NOBODY, responseCode: "500" })]).evidence).toEqual([]);
  });

  it("[SND-6] one report among others that names nobody leaves the edge unidentified", () => {
    const judge = judgeOf({ workloads: ["foo/a", "foo/b"].map((one) => workload(one, { serviceAccountName: "default" })) });
    const edge = onlyEdge(observe({ rows: [row({ client: { ...NOBODY, principal: id("default") } }), row({ connectionSecurityPolicy: "none", client: NOBODY })] }, judge));
    expect(edge.sender).toEqual({ confidence: "unidentified", principals: [id("default")], addresses: [], candidates: ["foo/a", "foo/b"], evidence: [{ method: "principal", count: 900, lastSeenMs: null }] });
  });
});

describe("lines and reports of one edge", () => {
  const line = refusal({ serverAddress: "10.0.0.10", clientAddress: "10.0.0.30", lastSeenMs: 50 });

  it("are told together, with the address of the lines", () => {
    const sender = senderOf([clientRow({ client: UNPROVED, serviceHost: null, serviceName: "PassthroughCluster", family: "tcp", lastSeenMs: 40 }), line, { ...line, targetPort: 9090, count: 2, lastSeenMs: 60 }]);
    expect(sender).toEqual({
      confidence: "address, one owner", principals: [], addresses: ["10.0.0.30"], candidates: [],
      evidence: [{ method: "access log", count: 5, lastSeenMs: 60 }, { method: "own report", count: 900, lastSeenMs: 40 }],
    });
  });

  it("of two addresses tell both, by letter", () => {
    const twice = [workload("foo/httpbin", { address: "10.0.0.10" }), workload("foo/sleep", { address: "10.0.0.30" })];
    const [host, pod] = [twice[0], twice[1]];
    if (host === undefined || pod === undefined) throw new Error("no workloads");
    const both = { ...pod, instances: [...pod.instances, ...workload("foo/sleep", { address: "10.0.0.29" }).instances] };
    const edge = onlyEdge(observe({ rows: [line, { ...line, clientAddress: "10.0.0.29" }] }, judgeOf({ workloads: [host, both] })));
    expect(edge.sender).toMatchObject({ confidence: "address, one owner", addresses: ["10.0.0.29", "10.0.0.30"], evidence: [{ method: "access log", count: 6, lastSeenMs: 50 }] });
  });
});

describe("the order of rows", () => {
  it.each<[string, Partial<TrafficRow>, Partial<TrafficRow>]>([
    ["what was told of security", { connectionSecurityPolicy: null }, { connectionSecurityPolicy: "none" }],
    ["flags", { responseFlags: null }, { responseFlags: "UF" }],
    ["counts", { count: 5 }, { count: 40 }],
    ["bytes", { bytes: 5 }, { bytes: 40 }],
    ["times", { lastSeenMs: null }, { lastSeenMs: 40 }],
    ["brackets of times", { lastSeenMs: 50 }, { lastSeenMs: 50, lastSeenAfterMs: 40 }],
    ["proxies", { proxy: "envoy" }, { proxy: "ztunnel" }],
  ])("does not show where they differ by %s alone", (_field, one, other) => {
    const rows = [row(one), row(other)];
    const told = observe({ rows }, judgeOf({}));
    expect(onlyEdge(told).observations).toHaveLength(2);
    expect(observe({ rows: rows.toReversed() }, judgeOf({}))).toEqual(told);
  });
});

describe("[OBS-15] around a waypoint that reported", () => {
  const judge = judgeOf({ workloads: [...PAIR, workload("foo/waypoint", { dataPlaneMode: "waypoint" })] });
  const reported = row({ reporter: "waypoint" });
  const waypoint = { namespace: "foo", workload: "waypoint", principal: null };
  const hop = (more: Partial<TrafficRow>) => ztunnelRow({ connectionSecurityPolicy: "mutual_tls", client: row().client, server: waypoint, ...more });
  const keys = (...rows: readonly TrafficRow[]) => observe({ rows: [reported, ...rows] }, judge).map(({ key }) => key.split("|").slice(0, 2).join(" to "));

  it("hops of the clients and servers that it told of are no edges of their own", () => {
    expect(keys(hop({}), hop({ client: { ...waypoint, principal: id("waypoint") }, server: row().server }))).toEqual(["foo/sleep to foo/httpbin"]);
  });

  it("connections of others to it, and from it to others, are", () => {
    const other = { namespace: "foo", workload: "other", principal: id("other") };
    expect(keys(hop({ client: other }))).toEqual(["foo/other to foo/waypoint", "foo/sleep to foo/httpbin"]);
    expect(keys(hop({ client: { ...waypoint, principal: id("waypoint") }, server: { ...other, principal: null } }))).toEqual(["foo/sleep to foo/httpbin", "foo/waypoint to foo/other"]);
  });

  it("requests to it are its own", () => {
    expect(keys(hop({ family: "http" }))).toEqual(["foo/sleep to foo/httpbin", "foo/sleep to foo/waypoint"]);
  });
});
