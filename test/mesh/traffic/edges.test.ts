import { describe, expect, it } from "vitest";
import type { ConfiguredPath, EdgeState, MeshJudge, PortVerdict, TrafficRow } from "#mesh";
import { EMPTY_CONFIGURATION as EMPTY, known } from "#mesh";
import { judgeOf, path, workload, type JudgeAnswers } from "../../support/judge.ts";
import { clientRow, contradiction, NOBODY, observe, onlyEdge, refusal, row, UNPROVED, ztunnelRow } from "../../support/telemetry.ts";

const PAIR = [workload("foo/sleep", { address: "10.0.0.11" }), workload("foo/httpbin", { address: "10.0.0.10" })];
/** as it sends on to these, a waypoint is mTLS on both hops */
const TUNNELLED = [workload("foo/sleep", { dataPlaneMode: "ambient" }), workload("foo/httpbin", { dataPlaneMode: "ambient" })];
const PLAIN = row({ connectionSecurityPolicy: "none", client: UNPROVED });
const UNCLEAR = clientRow({ client: UNPROVED });
const DENIED = ztunnelRow({ family: "http", responseFlags: "DENY" });
const TLS_HTTP = row({ family: "tcp", connectionSecurityPolicy: "none", client: UNPROVED, serviceHost: "secure.foo.svc.cluster.local" });

function answering(...paths: readonly ConfiguredPath[]): JudgeAnswers {
  return { workloads: PAIR, paths: () => paths };
}

interface StateRow {
  readonly rule: string;
  readonly name: string;
  readonly state: EdgeState;
  readonly rows?: readonly TrafficRow[];
  readonly before?: readonly TrafficRow[];
  readonly judge?: JudgeAnswers;
}

const states: readonly StateRow[] = [
  { rule: "EDGE-1", name: "refused and nothing else", state: "blocked", rows: [DENIED] },
  { rule: "EDGE-2", name: "refused and plaintext", state: "mixed, partly blocked", rows: [DENIED, PLAIN] },
  { rule: "EDGE-2", name: "refused and mTLS", state: "mixed, partly blocked", rows: [DENIED, row()] },
  { rule: "EDGE-2", name: "refused and something unclear", state: "mixed, partly blocked", rows: [DENIED, row({ connectionSecurityPolicy: null })] },
  { rule: "EDGE-3", name: "mTLS and one plaintext request", state: "mixed", rows: [row({ count: 299 }), { ...PLAIN, count: 1 }] },
  { rule: "EDGE-4", name: "plaintext only", state: "plaintext", rows: [PLAIN] },
  { rule: "EDGE-4", name: "plaintext, and a share that is unclear", state: "plaintext", rows: [PLAIN, row({ connectionSecurityPolicy: null })] },
  { rule: "EDGE-6", name: "mTLS only", state: "mTLS", rows: [row()] },
  { rule: "EDGE-6", name: "mTLS, and a share that is unclear", state: "mTLS", rows: [row(), row({ connectionSecurityPolicy: null })] },
  { rule: "EDGE-6", name: "bytes of a connection opened before the window are traffic", state: "mTLS", rows: [row({ family: "tcp", count: 0, bytes: 909_000 })] },
  { rule: "EDGE-7", name: "unclear only, configuration known", state: "unclear", rows: [UNCLEAR], judge: answering(path({ transport: "mTLS" })) },
  { rule: "EDGE-8", name: "unclear only, configuration unknown", state: "unclear", rows: [UNCLEAR], judge: answering(path({ transport: "mTLS" }), path({ transport: "unknown" })) },
  { rule: "EDGE-8", name: "unclear only, no way known", state: "unclear", rows: [UNCLEAR] },
  { rule: "EDGE-9", name: "seen before, every way blocked", state: "expected blocked", before: [PLAIN], judge: answering(path({ transport: "blocked" }), path({ transport: "blocked" })) },
  { rule: "EDGE-9", name: "seen before, blocked by transport or denied by authorization", state: "expected blocked", before: [PLAIN], judge: answering(path({ transport: "blocked" }), path({ transport: "mTLS", authorization: "deny" })) },
  { rule: "EDGE-10", name: "seen before, configuration known", state: "idle", before: [row()], judge: answering(path({ transport: "mTLS" })) },
  { rule: "EDGE-10", name: "seen before, one of two ways blocked", state: "idle", before: [row()], judge: answering(path({ transport: "mTLS" }), path({ transport: "blocked" })) },
  { rule: "EDGE-11", name: "seen before, configuration unknown", state: "idle", before: [row()], judge: answering(path({ transport: "unknown" })) },
  { rule: "EDGE-11", name: "seen before, a blocked way beside an unknown one", state: "idle", before: [row()], judge: answering(path({ transport: "blocked" }), path({ transport: "unknown" })) },
];

describe("the state of an edge", () => {
  it.each(states)("[$rule] $name", ({ rule, state, rows = [], before = [], judge = {} }) => {
    const edge = onlyEdge(observe({ rows, before }, judgeOf(judge)));
    expect([edge.state, edge.rule]).toEqual([state, rule]);
  });

  it("[EDGE-8] a named client of which no pod is there lacks pods, and not a name", () => {
    const wants = (client: TrafficRow["client"], family: TrafficRow["family"] = "http") =>
      onlyEdge(observe({ rows: [row({ connectionSecurityPolicy: null, client, family })] }, judgeOf({ workloads: [workload("foo/httpbin", { dataPlaneMode: "ambient" })], paths: () => [path({ transport: "unknown", serverMode: "STRICT" })] }))).configured.map(
        ({ verdict: { clientMode, serverMode, transport } }) => [clientMode, transport].map((answer) => (answer.kind === "known" ? answer.value : answer.gaps[0].because)).concat(serverMode.kind === "known" ? serverMode.value : "?"),
      );
    const gone = ["no pod of `foo/gone` is there now", "no pod of `foo/gone` is there now", "STRICT"];
    expect(wants({ ...UNPROVED, workload: "gone" })).toEqual([gone]);
    expect(wants({ ...UNPROVED, workload: "gone" }, "tcp")).toEqual([gone, gone]);
    expect(wants(NOBODY)).toEqual([["forbidden", "forbidden", "STRICT"]]);
  });

  it("[EDGE-5] application TLS only", () => {
    const service = { kind: "Service", namespace: "foo", name: "secure", labels: {}, annotations: {}, createdAtMs: null, type: "ClusterIP", selector: {}, clusterIPs: [], externalIPs: [], externalName: null, publishNotReadyAddresses: false, ports: [{ name: "https", port: 443, targetPort: 8443, protocol: "TCP", appProtocol: null, nodePort: null }] } as const;
    const configuration = { objects: { ...EMPTY.objects, Service: [service] }, unread: [], clusterDomain: "cluster.local" };
    expect(onlyEdge(observe({ rows: [TLS_HTTP], configuration }, judgeOf({})))).toMatchObject({ state: "application TLS", rule: "EDGE-5" });
    const mixed = onlyEdge(observe({ rows: [TLS_HTTP, { ...TLS_HTTP, connectionSecurityPolicy: "mutual_tls" }], configuration }, judgeOf({})));
    expect(mixed).toMatchObject({ state: "mixed", rule: "EDGE-3", counts: { tls: 900, mtls: 900 } });
  });
});

describe("when an edge exists", () => {
  it("[EDGE-12] not because a policy would allow it", () => {
    expect(observe({}, judgeOf(answering(path({ transport: "mTLS" }))))).toEqual([]);
  });

  it("[EDGE-12] not from rows that say nothing happened", () => {
    expect(observe({ rows: [row({ count: 0 })], before: [row({ count: 0 })] }, judgeOf({}))).toEqual([]);
  });

  it("[EDGE-12] once, where the window and the look-back both saw it, with the window's counts", () => {
    const edge = onlyEdge(observe({ rows: [row({ count: 5, lastSeenMs: 20 })], before: [row({ count: 70, lastSeenMs: 10 })] }, judgeOf({})));
    expect(edge).toMatchObject({ counts: { mtls: 5 }, lastSeenMs: 20, state: "mTLS" });
  });

  it("[EDGE-12] idle edges count nothing and say when they were last seen", () => {
    const edge = onlyEdge(observe({ before: [row({ lastSeenMs: 10 }), row({ lastSeenMs: 30, client: { ...UNPROVED, principal: "spiffe://cluster.local/ns/foo/sa/other" } })] }, judgeOf({})));
    expect(edge).toMatchObject({ state: "idle", counts: { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 }, observations: [], lastSeenMs: 30, lastPlaintextMs: null });
  });

  it("[EDGE-12] an edge that is mTLS now remembers its plaintext before", () => {
    const edge = onlyEdge(observe({ rows: [row({ lastSeenMs: 20 })], before: [{ ...PLAIN, lastSeenMs: 10 }] }, judgeOf({})));
    expect(edge).toMatchObject({ state: "mTLS", lastPlaintextMs: 10 });
  });

  it("plaintext in the window without a time: nothing earlier is told as the last", () => {
    const edge = onlyEdge(observe({ rows: [{ ...PLAIN, lastSeenMs: null }], before: [{ ...PLAIN, lastSeenMs: 10 }] }, judgeOf({})));
    expect(edge).toMatchObject({ lastPlaintextMs: null, lastSeenMs: null });
  });

  it("a time known to within a bracket stays one, unless another row knows the same time exactly", () => {
    const within = { ...PLAIN, lastSeenMs: 30, lastSeenAfterMs: 10 };
    expect(onlyEdge(observe({ before: [within, { ...PLAIN, lastSeenMs: 20 }] }, judgeOf({})))).toMatchObject({ lastSeenMs: 30, lastSeenAfterMs: 10, lastPlaintextMs: 30, lastPlaintextAfterMs: 10 });
    expect(onlyEdge(observe({ before: [within, { ...PLAIN, lastSeenMs: 30 }] }, judgeOf({}))).lastSeenAfterMs).toBeUndefined();
  });

  it("[SND-5] one unidentified sender per server, never one for the mesh", () => {
    const nameless = row({ connectionSecurityPolicy: "none", client: NOBODY });
    const edges = observe({ rows: [nameless, { ...nameless, count: 7 }, { ...nameless, server: { ...nameless.server, namespace: "bar" } }] }, judgeOf({}));
    expect(edges.map((edge) => [edge.client.kind, edge.counts.plaintext])).toEqual([["unidentified", 900], ["unidentified", 907]]);
  });
});

describe("nothing is counted twice", () => {
  it("[OBS-14] the server's report beats the client's", () => {
    expect(onlyEdge(observe({ rows: [clientRow({ count: 1080 }), row()] }, judgeOf({}))).counts).toMatchObject({ mtls: 900, unclear: 0 });
  });

  it("[OBS-14] a plaintext report of the server is not lifted by the client's certificate", () => {
    expect(onlyEdge(observe({ rows: [clientRow(), PLAIN] }, judgeOf({}))).counts).toMatchObject({ mtls: 0, plaintext: 900 });
  });

  it("[OBS-14] the waypoint's report beats the client's, the server's beats the waypoint's", () => {
    expect(onlyEdge(observe({ rows: [clientRow({ count: 5 }), row({ reporter: "waypoint", count: 6 })] }, judgeOf({ workloads: TUNNELLED }))).counts.mtls).toBe(6);
    expect(onlyEdge(observe({ rows: [row({ count: 7 }), row({ reporter: "waypoint", count: 6 })] }, judgeOf({}))).counts.mtls).toBe(7);
  });

  it("[OBS-14] what the waypoint says was plaintext is not lifted by the mTLS that a server saw", () => {
    const rows = [row({ count: 5 }), row({ reporter: "waypoint", connectionSecurityPolicy: "none", count: 100 }), row({ reporter: "waypoint", count: 6 })];
    expect(onlyEdge(observe({ rows }, judgeOf({})))).toMatchObject({ state: "mixed", counts: { mtls: 5, plaintext: 100 } });
  });

  it("[OBS-14] ztunnel at both ends counts once", () => {
    const both = ztunnelRow({ connectionSecurityPolicy: "mutual_tls" });
    expect(onlyEdge(observe({ rows: [both, { ...both, reporter: "source" }] }, judgeOf({}))).counts.mtls).toBe(90);
  });

  it("[OBS-9, OBS-14] what an unknown reporter told counts beside all other reports", () => {
    const [odd, gone] = [{ ...PLAIN, reporter: "proxy", count: 900 }, { ...PLAIN, reporter: "", count: 5 }];
    const edge = onlyEdge(observe({ rows: [row({ count: 1 }), clientRow({ count: 1 }), odd, gone] }, judgeOf({})));
    expect([edge.counts, edge.state]).toEqual([{ mtls: 1, plaintext: 0, tls: 0, unclear: 905, refused: 0 }, "mTLS"]);
    expect(edge.gaps).toEqual([
      { wanted: "who reported observed traffic", because: "the metrics do not carry the label `reporter`" },
      { wanted: "who reported observed traffic", because: "`reporter` is `proxy`, which Istio does not write there" },
    ]);
    expect(onlyEdge(observe({ rows: [row({ reporter: "waypoint", count: 1 }), odd] }, judgeOf({ workloads: TUNNELLED }))).counts).toMatchObject({ mtls: 1, unclear: 900 });
  });

  it("[OBS-9] an unknown reporter beside ztunnel proves no mTLS, and is no hop to a waypoint", () => {
    const odd = ztunnelRow({ reporter: "", connectionSecurityPolicy: "mutual_tls" });
    expect(onlyEdge(observe({ rows: [odd, { ...odd, responseFlags: "DENY", count: 20 }] }, judgeOf({}))).counts).toMatchObject({ mtls: 0, unclear: 90, refused: 0 });
    const waypoint = workload("foo/waypoint", { dataPlaneMode: "waypoint" });
    const hop = { ...odd, client: row().client, server: { namespace: "foo", workload: "waypoint", principal: null } };
    expect(observe({ rows: [row({ reporter: "waypoint" }), hop] }, judgeOf({ workloads: [...TUNNELLED, waypoint] })).map((edge) => edge.state)).toEqual(["mTLS", "unclear"]);
  });

  it("[OBS-9] what an unknown reporter told past the registry is nobody's twin", () => {
    const past = clientRow({ client: UNPROVED, server: NOBODY, serviceHost: "shop.example", serviceName: "PassthroughCluster", reporter: "odd" });
    const arrived = row({ client: UNPROVED, connectionSecurityPolicy: "none", serviceName: "InboundPassthroughCluster", serviceHost: null });
    expect(observe({ rows: [past, arrived] }, judgeOf({})).map((edge) => edge.state).sort()).toEqual(["plaintext", "unclear"]);
  });

  it("[OBS-14] requests and connections are different edges", () => {
    const edges = observe({ rows: [row(), row({ family: "tcp", connectionSecurityPolicy: "none", count: 180 })] }, judgeOf({}));
    expect(edges.map((edge) => [edge.family, edge.state])).toEqual([["http", "mTLS"], ["tcp", "plaintext"]]);
  });

  it("[OBS-15] hops to and from a waypoint that reported are one edge", () => {
    const waypoint = workload("foo/waypoint", { dataPlaneMode: "waypoint" });
    const hop = { namespace: "foo", workload: "waypoint", principal: "spiffe://cluster.local/ns/foo/sa/waypoint" };
    const there = ztunnelRow({ connectionSecurityPolicy: "mutual_tls", client: row().client, server: { ...hop, principal: null } });
    const onward = ztunnelRow({ connectionSecurityPolicy: "mutual_tls", client: hop });
    const judge = judgeOf({ workloads: [...TUNNELLED, waypoint] });
    expect(onlyEdge(observe({ rows: [row({ reporter: "waypoint" }), there, onward] }, judge)).counts.mtls).toBe(900);
    expect(observe({ rows: [there, onward] }, judge)).toHaveLength(2);
    expect(observe({ rows: [row({ reporter: "waypoint" }), { ...onward, connectionSecurityPolicy: "unknown" }] }, judge).map((edge) => edge.state)).toEqual(["mTLS", "plaintext"]);
  });

  it("[OBS-16] PassthroughCluster is the same traffic seen from the client", () => {
    const past = clientRow({ client: UNPROVED, server: NOBODY, serviceHost: "10.0.0.10:8080", serviceName: "PassthroughCluster" });
    const arrived = row({ client: UNPROVED, connectionSecurityPolicy: "none", serviceName: "InboundPassthroughCluster", serviceHost: null });
    const judge = judgeOf({ workloads: PAIR });
    expect(onlyEdge(observe({ rows: [past, arrived] }, judge))).toMatchObject({ key: "foo/sleep|foo/httpbin||http", host: null, state: "plaintext", counts: { plaintext: 900, unclear: 0 } });
    expect(onlyEdge(observe({ rows: [past, { ...arrived, serviceName: "httpbin", serviceHost: "httpbin.foo.svc.cluster.local" }] }, judge))).toMatchObject({ state: "plaintext", counts: { plaintext: 900, unclear: 0 } });
    expect(onlyEdge(observe({ rows: [past] }, judge))).toMatchObject({ server: { kind: "workload", id: "foo/httpbin" }, state: "unclear" });
  });

  it("[OBS-16] a dialled address without Service is the same traffic that the server put to one", () => {
    const tunnelled = ztunnelRow({ connectionSecurityPolicy: "mutual_tls" });
    expect(onlyEdge(observe({ rows: [tunnelled, { ...tunnelled, reporter: "source", serviceHost: null, serviceName: null }] }, judgeOf({}))).counts.mtls).toBe(90);
  });

  it("[OBS-16] a pod dialled with another Host is one edge where the numbers are those of one traffic", () => {
    const past = clientRow({ client: UNPROVED, server: NOBODY, serviceHost: "shop.example.com", serviceName: "PassthroughCluster" });
    const arrived = row({ client: UNPROVED, connectionSecurityPolicy: "none", serviceName: "InboundPassthroughCluster", serviceHost: "shop.example.com", count: 890 });
    expect(onlyEdge(observe({ rows: [past, arrived] }, judgeOf({})))).toMatchObject({ state: "plaintext", counts: { plaintext: 890 } });
    const more = observe({ rows: [{ ...past, count: 2000 }, arrived] }, judgeOf({}));
    expect(more.map((edge) => [edge.server.kind, edge.state])).toEqual([["external", "unclear"], ["workload", "plaintext"]]);
    const explained = observe({ rows: [past, arrived, clientRow({ client: UNPROVED })] }, judgeOf({}));
    expect(explained.map((edge) => edge.server.kind)).toContain("external");
  });

  it("[SND-9] a node's address leads to no pod that shares it", () => {
    const dialled = clientRow({ client: UNPROVED, server: NOBODY, serviceHost: "192.168.0.5:30080", serviceName: "PassthroughCluster", count: 40 });
    const agent = (hostNetwork: boolean) => judgeOf({ workloads: [...PAIR, workload("kube-system/agent", { address: "192.168.0.5", hostNetwork, nodeName: "n1" })] });
    expect([true, false].map((shares) => onlyEdge(observe({ rows: [dialled] }, agent(shares))).server)).toEqual([{ kind: "address", address: "192.168.0.5" }, { kind: "workload", id: "kube-system/agent" }]);
  });

  it("[OBS-16] an address that nobody owns and a host outside stay what they are", () => {
    const past = clientRow({ server: NOBODY, serviceName: "PassthroughCluster", client: UNPROVED });
    const servers = ["203.0.113.9:443", "[2001:db8::1]:443", "2001:db8::7", "api.example.com", null].map((serviceHost) => onlyEdge(observe({ rows: [{ ...past, serviceHost }] }, judgeOf({ workloads: PAIR }))).server);
    expect(servers).toEqual([{ kind: "address", address: "203.0.113.9" }, { kind: "address", address: "[2001:db8::1]" }, { kind: "address", address: "2001:db8::7" }, { kind: "external", host: "api.example.com" }, { kind: "external", host: "PassthroughCluster" }]);
  });
});

const PORT: PortVerdict = {
  instance: { namespace: "foo", name: "httpbin-1" }, targetPort: 8080, protocol: "HTTP", services: [{ host: row().serviceHost as PortVerdict["services"][number]["host"], port: 8000, name: "http" }],
  serverMode: known("STRICT", { rule: "PA-0", object: null, field: null }),
};

describe("whose traffic it is", () => {
  it("[SND-1] a principal proves the identity", () => {
    expect(onlyEdge(observe({ rows: [row()] }, judgeOf({}))).sender).toMatchObject({ confidence: "proved by identity", principals: ["spiffe://cluster.local/ns/foo/sa/sleep"], evidence: [{ method: "principal", count: 900 }] });
  });

  it("[SND-1] a principal names the one workload that runs with it, where the metrics name none", () => {
    const edge = onlyEdge(observe({ rows: [row({ client: { ...NOBODY, principal: "spiffe://cluster.local/ns/foo/sa/sleep" } })] }, judgeOf({ workloads: PAIR })));
    expect(edge).toMatchObject({ client: { kind: "workload", id: "foo/sleep" }, sender: { confidence: "proved by identity" } });
  });

  it("[SND-1] a principal that several workloads share leaves them as candidates", () => {
    const shared = ["foo/a", "foo/b"].map((id) => workload(id, { serviceAccountName: "default" }));
    const edge = onlyEdge(observe({ rows: [row({ client: { ...NOBODY, principal: "spiffe://cluster.local/ns/foo/sa/default" } })] }, judgeOf({ workloads: shared })));
    expect(edge).toMatchObject({ client: { kind: "unidentified" }, sender: { confidence: "proved by identity", candidates: ["foo/a", "foo/b"] } });
  });

  it.each([
    ["peer metadata", PLAIN],
    ["ztunnel", ztunnelRow()],
    ["own report", UNCLEAR],
  ] as const)("[SND-2] a name without principal is by address: %s", (method, reported) => {
    expect(onlyEdge(observe({ rows: [reported] }, judgeOf({}))).sender).toMatchObject({ confidence: "address, one owner", principals: [], evidence: [{ method }] });
  });

  it("[SND-2] the sender of a refused connection is the workload that has its address", () => {
    const judge = judgeOf({ workloads: [...PAIR, workload("legacy/sleep", { address: "10.0.0.30" })], ports: () => [PORT] });
    const edge = onlyEdge(observe({ rows: [refusal()] }, judge));
    expect(edge).toMatchObject({ key: "legacy/sleep|foo/httpbin|httpbin.foo.svc.cluster.local|http", state: "blocked", lastSeenMs: refusal().lastSeenMs });
    expect(edge.sender).toMatchObject({ confidence: "address, one owner", addresses: ["10.0.0.30"], evidence: [{ method: "access log", count: 3 }] });
  });

  it("[OBS-12] a refused connection belongs to the edge that traffic drew before", () => {
    const judge = judgeOf({ workloads: [...PAIR, workload("legacy/sleep", { address: "10.0.0.30" })], ports: () => [{ ...PORT, protocol: "AUTO" }] });
    const before = row({ connectionSecurityPolicy: "none", client: { namespace: "legacy", workload: "sleep", principal: null } });
    expect(onlyEdge(observe({ rows: [refusal()], before: [before] }, judge))).toMatchObject({ family: "http", state: "blocked", counts: { refused: 3 } });
  });

  it.each([
    { name: "the client's 503 UC and the server's line are one refusal", failed: 3, refused: 3 },
    { name: "attempts beyond what the log shows count too", failed: 10, refused: 10 },
    { name: "lines beyond what the client saw count too: it retried", failed: 1, refused: 3 },
  ])("[OBS-22] $name", ({ failed, refused }) => {
    const judge = judgeOf({ workloads: PAIR, ports: () => [PORT], paths: () => [path({ transport: "blocked", serverMode: "STRICT" })] });
    const rows = [clientRow({ client: UNPROVED, responseCode: "503", responseFlags: "UC", count: failed }), refusal({ clientAddress: "10.0.0.11" })];
    const edge = onlyEdge(observe({ rows }, judge));
    expect(edge).toMatchObject({ state: "blocked", counts: { refused } });
    expect(edge.observations.find(({ reporter }) => reporter === "log")?.count).toBe(3);
  });

  it("[SND-3] a node's address names the node and its candidates", () => {
    const onNode = ["kube-system/kubelet-probe", "monitoring/exporter"].map((id) => workload(id, { address: "10.0.0.30", hostNetwork: true, nodeName: "node-1" }));
    const edge = onlyEdge(observe({ rows: [refusal()] }, judgeOf({ workloads: [...PAIR, ...onNode] })));
    expect(edge).toMatchObject({ client: { kind: "node", name: "node-1" }, sender: { confidence: "address, several candidates", candidates: ["kube-system/kubelet-probe", "monitoring/exporter"] } });
  });

  it("[SND-5] an address that nobody has is shown as that address", () => {
    const edge = onlyEdge(observe({ rows: [refusal({ clientAddress: "192.0.2.7" })] }, judgeOf({ workloads: PAIR })));
    expect(edge).toMatchObject({ client: { kind: "address", address: "192.0.2.7" }, sender: { confidence: "unidentified", addresses: ["192.0.2.7"], candidates: [] } });
  });

  it("[SND-3] a pod that did not exist yet is not the sender", () => {
    const bornMs = refusal().lastSeenMs + 1;
    const client = (createdAtMs: number) => onlyEdge(observe({ rows: [refusal()] }, judgeOf({ workloads: [...PAIR, workload("legacy/sleep", { address: "10.0.0.30", createdAtMs })] }))).client.kind;
    expect([client(bornMs), client(bornMs - 1)]).toEqual(["address", "workload"]);
  });

  it("[SND-6] an edge is named no more surely than its least sure part", () => {
    const edge = onlyEdge(observe({ rows: [row(), { ...PLAIN, count: 1 }] }, judgeOf({})));
    expect(edge.sender).toMatchObject({ confidence: "address, one owner", principals: ["spiffe://cluster.local/ns/foo/sa/sleep"] });
    expect(edge.sender.evidence.map(({ method, count }) => [method, count])).toEqual([["peer metadata", 1], ["principal", 900]]);
  });
});

describe("connections the server could not name", () => {
  const counted = row({ family: "tcp", connectionSecurityPolicy: "none", client: NOBODY, count: 100 });
  const sent = clientRow({ family: "tcp", client: UNPROVED, count: 60 });
  const alsoSent = { ...sent, client: { namespace: "bar", workload: "sleep", principal: null }, count: 40 };
  const summary = (rows: readonly TrafficRow[]) => observe({ rows }, judgeOf({})).map((edge) => [edge.key.split("|")[0], edge.state, edge.counts.plaintext, edge.sender.confidence]);

  it("[OBS-20] are those that the clients' proxies sent; the rest stays unidentified", () => {
    expect(summary([counted, sent])).toEqual([["foo/sleep", "plaintext", 60, "inferred"], ["unidentified", "plaintext", 40, "unidentified"]]);
  });

  it("[OBS-20] leave no unidentified sender where the clients account for all", () => {
    expect(summary([counted, sent, alsoSent])).toEqual([["bar/sleep", "plaintext", 40, "inferred"], ["foo/sleep", "plaintext", 60, "inferred"]]);
  });

  it("[SND-4] are nobody's where the clients sent more than the server counted", () => {
    expect(summary([counted, { ...sent, count: 103 }])).toEqual([["foo/sleep", "unclear", 0, "address, one owner"], ["unidentified", "plaintext", 100, "unidentified"]]);
  });

  it("[OBS-20] are never mTLS turned into plaintext", () => {
    expect(summary([counted, clientRow({ family: "tcp", count: 60 })])).toEqual([["foo/sleep", "mTLS", 0, "proved by identity"], ["unidentified", "plaintext", 100, "unidentified"]]);
  });
});

/** A way that configuration sends through the tunnel. */
const TUNNEL: ConfiguredPath = { ...path({ transport: "mTLS" }), verdict: { ...path({ transport: "mTLS" }).verdict, clientMode: known("HBONE", { rule: "AMB-10", object: null, field: null }) } };

describe("a sidecar that calls an ambient workload", () => {
  const judge = (dataPlaneMode: "ambient" | "sidecar", ...ways: readonly ConfiguredPath[]) => judgeOf({ workloads: [workload("foo/sleep"), workload("foo/httpbin", { dataPlaneMode })], paths: () => ways });
  const carried = ztunnelRow({ connectionSecurityPolicy: "mutual_tls", client: row().client });
  const requests = (rows: readonly TrafficRow[], by = judge("ambient", TUNNEL)) => observe({ rows: [UNCLEAR, ...rows] }, by).filter((edge) => edge.family === "http").map((edge) => [edge.state, edge.observations[0]?.rule]);

  it("[OBS-21] sent its requests as the server's ztunnel says of all its connections, and configuration of every way", () => {
    expect(requests([carried])).toEqual([["mTLS", "OBS-21"]]);
    expect(requests([ztunnelRow()], judge("ambient", path({ transport: "plaintext" })))).toEqual([["plaintext", "OBS-21"]]);
    expect(requests([{ ...carried, count: 0, bytes: 10 }])).toEqual([["mTLS", "OBS-21"]]);
  });

  it("[OBS-21] is said to be inferred", () => {
    const [edge] = observe({ rows: [UNCLEAR, carried] }, judge("ambient", TUNNEL));
    expect(edge?.observations[0]?.detail).toBe("inferred: by configuration the client sends through the tunnel on every way, and every connection from it that the server's ztunnel reported is mTLS");
  });

  it("[OBS-5] one connection that ztunnel told of is no word for requests that configuration does not send that way", () => {
    const many = (by: MeshJudge) => observe({ rows: [{ ...UNCLEAR, count: 5000 }, { ...carried, count: 1 }] }, by).filter((edge) => edge.family === "http").map((edge) => edge.counts.unclear);
    expect(many(judge("ambient"))).toEqual([5000]);
    expect(many(judge("ambient", path({ transport: "mTLS" })))).toEqual([5000]);
    expect(many(judge("ambient", TUNNEL, path({ transport: "plaintext" })))).toEqual([5000]);
    expect(many(judge("ambient", path({ transport: "plaintext" })))).toEqual([5000]);
    expect(requests([ztunnelRow()])).toEqual([["unclear", "OBS-5"]]);
    expect(requests([ztunnelRow()], judge("ambient", path({ transport: "plaintext" }), path({ transport: "unknown" })))).toEqual([["unclear", "OBS-5"]]);
  });

  it("[OBS-5] is unclear where ztunnel says two things, under whatever host, nothing, or does not see all", () => {
    expect(requests([carried, ztunnelRow({ client: row().client })])).toEqual([["unclear", "OBS-5"]]);
    expect(requests([carried, ztunnelRow({ serviceHost: null, serviceName: null })])).toEqual([["unclear", "OBS-5"]]);
    expect(requests([{ ...carried, serviceHost: "other.foo.svc.cluster.local" }])).toEqual([["unclear", "OBS-5"]]);
    expect(requests([carried, ztunnelRow({ client: { ...UNPROVED, workload: "other" } })])).toEqual([["mTLS", "OBS-21"]]);
    expect(requests([carried, ztunnelRow({ responseFlags: "DENY" })])).toEqual([["unclear", "OBS-5"]]);
    expect(requests([])).toEqual([["unclear", "OBS-5"]]);
    expect(requests([{ ...carried, reporter: "source" }])).toEqual([["unclear", "OBS-5"]]);
    expect(requests([carried], judge("sidecar", TUNNEL))).toEqual([["unclear", "OBS-5"]]);
  });

  it("[EDGE-7] has ways over HTTP ports too, since ztunnel reports connections whatever they carry", () => {
    const asked: string[] = [];
    const ambient = judge("ambient");
    const listening = { ...ambient, paths: (...question: Parameters<typeof ambient.paths>) => (asked.push(question[3]), []) };
    observe({ rows: [carried] }, listening);
    observe({ rows: [carried] }, { ...judge("sidecar"), paths: listening.paths });
    expect(asked).toEqual(["tcp", "http", "tcp"]);
  });
});

describe("observed against configured", () => {
  const disagreement = (rows: readonly TrafficRow[], ...paths: readonly ConfiguredPath[]) => contradiction(onlyEdge(observe({ rows }, judgeOf(answering(...paths)))));

  it.each([
    ["plaintext where every way is mTLS", [PLAIN], [path({ transport: "mTLS" })], "plaintext: mTLS"],
    ["one plaintext request is enough", [row(), { ...PLAIN, count: 1 }], [path({ transport: "mTLS" })], "plaintext: mTLS"],
    ["mTLS where every way is plaintext", [row()], [path({ transport: "plaintext" })], "mtls: plaintext"],
    ["traffic where every way is blocked", [PLAIN], [path({ transport: "blocked" })], "plaintext: blocked"],
    ["traffic that authorization denies", [row()], [path({ transport: "mTLS", authorization: "deny" })], "mtls: mTLS, denied"],
    ["refused where nothing refuses", [DENIED], [path({ transport: "mTLS" })], "refused: mTLS"],
    ["plaintext at a server that is STRICT, whoever sends it", [PLAIN], [path({ transport: "unknown", serverMode: "STRICT" })], "plaintext: STRICT"],
    ["bytes of an old connection", [row({ family: "tcp", count: 0, bytes: 5, connectionSecurityPolicy: "none" })], [path({ transport: "mTLS" })], "plaintext: mTLS"],
    ["agreement", [row()], [path({ transport: "mTLS" })], null],
    ["plaintext on one of two ways", [PLAIN], [path({ transport: "mTLS" }), path({ transport: "plaintext" })], null],
    ["an unknown way may explain it", [PLAIN], [path({ transport: "mTLS" }), path({ transport: "unknown" })], null],
    ["refused as configuration says", [DENIED], [path({ transport: "blocked" })], null],
    ["unclear contradicts nothing", [UNCLEAR], [path({ transport: "plaintext" })], null],
    ["without configuration nothing is contradicted", [PLAIN], [], null],
  ] as const)("[EDGE-13] %s", (_name, rows, paths, sentence) => {
    expect(disagreement(rows, ...paths)).toBe(sentence);
  });
});
