import { describe, expect, it } from "vitest";
import type { Edge, MeshChange, MeshObject, MeshVerdicts, TelemetryRow } from "#mesh";
import { applyChange, evaluateMesh, judgeMesh } from "#mesh";
import { mesh, peerAuthentication, pod, service, slice, type PodOptions } from "../../support/mesh.ts";
import { clientRow, NOBODY, refusal, row, WINDOW_START_MS } from "../../support/telemetry.ts";

// Lines about refused connections name addresses and a port: whose they are is read anew where the mesh says another thing of these.

const at = (n: number) => `10.70.0.${n}`;
const shop = pod("bar", "shop", { proxy: "sidecar", ips: [at(1)] });
const mail = pod("baz", "mail", { ips: [at(2)] });
const cart = pod("foo", "cart", { proxy: "sidecar", ips: [at(3)] });
const web = service("bar", "shop");
const webSlice = slice(web, [shop]);
const strict = peerAuthentication("bar", "default", "STRICT");
const OBJECTS: readonly MeshObject[] = [shop, mail, cart, web, webSlice, strict];
const HOST = "shop.bar.svc.cluster.local";

const line = (clientAddress: string, special: Parameters<typeof refusal>[0] = {}) => refusal({ serverAddress: at(1), clientAddress, ...special });
const called = (ns: string, workload: string) => clientRow({ client: { namespace: ns, workload, principal: null }, server: { namespace: "bar", workload: "shop", principal: null }, serviceHost: HOST, serviceName: "shop" });
const drawn: readonly TelemetryRow[] = [called("foo", "cart"), called("baz", "mail"), called("zzz", "gone")];

function told(rows: readonly TelemetryRow[], objects: readonly MeshObject[] = OBJECTS): MeshVerdicts {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, lookBackStartMs: WINDOW_START_MS - 3_600_000, lookBackRows: [], gaps: [], queries: [], rows };
  return evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh(objects), telemetry });
}

function after(before: MeshVerdicts, change: Partial<MeshChange>): MeshVerdicts {
  const configuration = applyChange(before.snapshot.configuration, { add: [], update: [], remove: [], ...change });
  const there = evaluateMesh({ ...before.snapshot, configuration }, judgeMesh(configuration, before.judge), before);
  const fresh = evaluateMesh(there.snapshot);
  expect([there.edges, there.gaps]).toEqual([fresh.edges, fresh.gaps]);
  return there;
}

function refused({ edges }: Pick<MeshVerdicts, "edges">): readonly string[] {
  return edges.filter(({ counts }) => counts.refused > 0).map(({ key, counts }) => `${key} ${counts.refused}`);
}

const move = (one: typeof shop, ip: string): Partial<MeshChange> => ({ update: [[one, { ...one, ips: [ip] }]] });

describe("lines belong to", () => {
  it("the edge that traffic drew", () => {
    expect(refused(told([...drawn, line(at(2))]))).toEqual([`baz/mail|bar/shop|${HOST}|http 3`]);
  });

  it("an edge of their own where none was drawn: whoever has the address, or the address", () => {
    expect(refused(told([line(at(2)), line(at(9), { count: 1 })]))).toEqual([`address:${at(9)}|bar/shop|${HOST}|http 1`, `baz/mail|bar/shop|${HOST}|http 3`]);
  });

  it("edges that stand among those of traffic in the order of their keys", () => {
    const among = told([...drawn, line(at(9)), line(at(3), { serverAddress: at(2) }), line(at(1), { serverAddress: at(3) }), line(at(2), { serverAddress: at(3) })]);
    const keys = among.edges.map(({ key }) => key);
    expect(keys).toEqual([`address:${at(9)}|bar/shop|${HOST}|http`, "bar/shop|foo/cart||tcp", "baz/mail|bar/shop|shop.bar.svc.cluster.local|http", "baz/mail|foo/cart||tcp", "foo/cart|bar/shop|shop.bar.svc.cluster.local|http", "foo/cart|baz/mail||tcp", "zzz/gone|bar/shop|shop.bar.svc.cluster.local|http"]);
  });

  it("the node where its pods share the address, and the address where they are on several", () => {
    const shared = (name: string, nodeName: string | null): MeshObject => pod("kube", name, { hostNetwork: true, nodeName, ips: [at(8)] } satisfies PodOptions);
    const sender = (...pods: readonly MeshObject[]) => told([line(at(8))], [...OBJECTS, ...pods]).edges.map(({ client }) => client);
    expect(sender(shared("one", "node-1"), shared("two", "node-1"))).toEqual([{ kind: "node", name: "node-1" }]);
    expect(sender(shared("one", "node-1"), shared("two", "node-2"))).toEqual([{ kind: "address", address: at(8) }]);
    expect(sender(shared("one", null), shared("two", null))).toEqual([{ kind: "address", address: at(8) }]);
    expect(sender()).toEqual([{ kind: "address", address: at(8) }]);
  });

  it("[SND-9] the node where one pod shares its address: kubelets, NodePorts and pods that were not read have it too", () => {
    const agent = pod("kube", "agent", { hostNetwork: true, nodeName: "node-1", ips: [at(8)] });
    const [edge] = told([line(at(8))], [...OBJECTS, agent]).edges;
    expect(edge?.client).toEqual({ kind: "node", name: "node-1" });
    expect(edge?.sender).toMatchObject({ confidence: "address, several candidates", addresses: [at(8)], candidates: ["kube/agent"] });
    expect(told([line(at(8))], [...OBJECTS, { ...agent, nodeName: null }]).edges.map(({ client }) => client)).toEqual([{ kind: "address", address: at(8) }]);
  });

  it("[SND-9] a pod of the host network that wrote them", () => {
    const agent = pod("bar", "gate", { proxy: "gateway", hostNetwork: true, nodeName: "node-1", ips: [at(8)] });
    expect(refused(told([line(at(2), { serverAddress: at(8) })], [...OBJECTS, agent]))).toEqual(["baz/mail|bar/gate||tcp 3"]);
  });

  it("the host of the only Service of the port, in the family of its protocol", () => {
    const of = (ports: Parameters<typeof service>[2], ...more: readonly MeshObject[]) => told([line(at(2))], [shop, mail, service("bar", "shop", ports), ...more]).edges.map(({ host, family }) => [host, family]);
    expect(of({})).toEqual([[HOST, "http"]]);
    expect(of({ ports: [{ port: 80, name: "tcp", targetPort: 8080 }] })).toEqual([[HOST, "tcp"]]);
    expect(of({ ports: [{ port: 80, targetPort: 8080 }] })).toEqual([[HOST, "tcp"]]);
    expect(of({ ports: [{ port: 80, name: "http", targetPort: 9090 }] })).toEqual([[null, "tcp"]]);
    expect(of({ ports: [{ port: 81, name: "tcp", targetPort: 9090 }, { port: 80, name: "http", targetPort: 8080 }] })).toEqual([[HOST, "http"]]);
    expect(of({}, service("bar", "twin", { selector: { app: "shop" } }))).toEqual([[null, "http"]]);
  });

  it("an edge that was drawn under any host and family that the port can have", () => {
    const tcp = (serviceHost: string | null) => ({ ...called("baz", "mail"), family: "tcp" as const, serviceHost, serviceName: serviceHost === null ? "PassthroughCluster" : "shop" });
    const unnamed = [shop, mail, service("bar", "shop", { ports: [{ port: 80, targetPort: 8080 }] })];
    expect(refused(told([called("baz", "mail"), line(at(2))], unnamed))).toEqual([`baz/mail|bar/shop|${HOST}|http 3`]);
    expect(refused(told([tcp(HOST), line(at(2))], unnamed))).toEqual([`baz/mail|bar/shop|${HOST}|tcp 3`]);
    expect(refused(told([tcp(null), line(at(2))], unnamed))).toEqual(["baz/mail|bar/shop||tcp 3"]);
    expect(refused(told([tcp(HOST), line(at(2))]))).toEqual([`baz/mail|bar/shop|${HOST}|http 3`]);
  });

  it("one edge, however many they are", () => {
    const [edge] = told([line(at(9)), line(at(9), { count: 4, requestedServerName: "x" }), line(at(9), { requestedServerName: "y" })]).edges;
    expect(edge).toMatchObject({ state: "blocked", counts: { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 10 }, bytes: 0, extrapolated: false, sender: { confidence: "unidentified", addresses: [at(9)] } });
    expect(edge?.observations).toHaveLength(3);
  });
});

describe("lines are told in full:", () => {
  it.each<[string, Parameters<typeof refusal>[0], Partial<Edge["observations"][number]>]>([
    ["plaintext", {}, { rule: "OBS-12", refusal: "transport", detail: "plaintext refused: NR filter_chain_not_found" }],
    ["TLS of others", { requestedServerName: "x.example" }, { rule: "OBS-12", refusal: "transport", detail: "TLS of the application refused (SNI `x.example`): NR filter_chain_not_found" }],
    ["a policy", { detail: "rbac_access_denied_matched_policy[none]" }, { rule: "OBS-13", refusal: "authorization", detail: "rbac_access_denied_matched_policy[none]" }],
  ])("%s", (_name, special, says) => {
    const [edge] = told([line(at(9), { ...special, lastSeenMs: 7 })]).edges;
    expect(edge?.observations).toEqual([{ counts: "refused", count: 3, bytes: 0, reporter: "log", proxy: "envoy", connectionSecurityPolicy: null, extrapolated: false, lastSeenMs: 7, ...says }]);
  });

  it("[OBS-22] what the client inferred is taken out once, from the first that it may be", () => {
    const failed = (count: number, responseFlags: string) => ({ ...called("baz", "mail"), responseCode: "503", responseFlags, count });
    const observed = (...rows: readonly TelemetryRow[]) => told(rows).edges[0]?.observations.map(({ rule, count, reporter }) => `${rule} ${count} ${reporter}`);
    expect(observed(failed(2, "UC"), failed(5, "UF"), line(at(2)))).toEqual(["OBS-19 4 source", "OBS-12 3 log"]);
    expect(observed(failed(5, "UC"), line(at(2)))).toEqual(["OBS-11 2 source", "OBS-12 3 log"]);
    expect(observed(failed(3, "UC"), line(at(2)))).toEqual(["OBS-12 3 log"]);
    expect(observed(failed(5, "UC"), line(at(2), { detail: "rbac_access_denied" }))).toEqual(["OBS-11 5 source", "OBS-13 3 log"]);
    expect(observed(failed(5, "UC"), called("baz", "mail"), line(at(2)))).toEqual(["OBS-5 900 source", "OBS-11 2 source", "OBS-12 3 log"]);
  });
});

describe("what lines tell after a change", () => {
  const lines = [...drawn, line(at(2)), line(at(9), { count: 1 })];
  const MAIL = `baz/mail|bar/shop|${HOST}|http 3`;
  const STRANGER = `address:${at(9)}|bar/shop|${HOST}|http 1`;

  it("is of another sender where the address is another's", () => {
    const before = told(lines);
    expect(refused(before)).toEqual([STRANGER, MAIL]);
    expect(refused(after(before, move(mail, at(22))))).toEqual([`address:${at(2)}|bar/shop|${HOST}|http 3`, STRANGER]);
    expect(refused(after(before, { add: [pod("qux", "new", { ips: [at(9)] })] }))).toEqual([MAIL, `qux/new|bar/shop|${HOST}|http 1`]);
    expect(refused(after(before, { add: [pod("qux", "thief", { ips: [at(2)] })] }))).toEqual([`address:${at(2)}|bar/shop|${HOST}|http 3`, STRANGER]);
    expect(refused(after(before, move(cart, at(9))))).toEqual([MAIL, `foo/cart|bar/shop|${HOST}|http 1`]);
  });

  it("is of another server where that address is another's", () => {
    const before = told(lines);
    expect(refused(after(before, move(shop, at(11))))).toEqual([`address:${at(9)}|address:${at(1)}||tcp 1`, `baz/mail|address:${at(1)}||tcp 3`]);
    expect(refused(after(before, { remove: [shop] }))).toEqual([`address:${at(9)}|address:${at(1)}||tcp 1`, `baz/mail|address:${at(1)}||tcp 3`]);
  });

  it("is of another host where the port is another Service's", () => {
    const before = told(lines);
    expect(refused(after(before, { remove: [web] }))).toEqual([`address:${at(9)}|bar/shop||tcp 1`, "baz/mail|bar/shop||tcp 3"]);
    expect(refused(after(before, { update: [[web, { ...web, ports: web.ports.map((port) => ({ ...port, name: "tcp" })) }]] }))).toEqual([`address:${at(9)}|bar/shop|${HOST}|tcp 1`, `baz/mail|bar/shop|${HOST}|tcp 3`]);
  });

  it("stays, edge by edge, where none of it changed", () => {
    const before = told(lines);
    const there = after(before, { add: [peerAuthentication("empty", "default", "STRICT")] });
    expect(there.edges.filter((edge) => !before.edges.includes(edge))).toEqual([]);
    const elsewhere = after(before, move(cart, at(33)));
    expect(elsewhere.edges.filter((edge) => before.edges.includes(edge)).map(({ key }) => key)).toEqual([`address:${at(9)}|bar/shop|${HOST}|http`, `baz/mail|bar/shop|${HOST}|http`, `zzz/gone|bar/shop|${HOST}|http`]);
  });

  it("is made anew with what configuration says now", () => {
    const before = told(lines);
    const open = after(before, { update: [[strict, { ...strict, mode: "PERMISSIVE" }]] });
    expect(refused(open)).toEqual([STRANGER, MAIL]);
    expect(open.edges.map(({ configured }) => configured.map(({ verdict }) => (verdict.serverMode.kind === "known" ? verdict.serverMode.value : "?")).join())).toEqual(open.edges.map(() => "PERMISSIVE"));
    expect(refused(after(open, { update: [[mail, { ...mail, ips: [at(22)] }]] }))).toEqual([`address:${at(2)}|bar/shop|${HOST}|http 3`, STRANGER]);
  });

  it("goes with the candidates that share an address", () => {
    const shared = (name: string) => pod("kube", name, { hostNetwork: true, nodeName: "node-1", ips: [at(9)] });
    const two = told(lines, [...OBJECTS, shared("one"), shared("two")]);
    const three = after(two, { add: [shared("three")] });
    const candidates = ({ edges }: MeshVerdicts) => edges.find(({ client }) => client.kind === "node")?.sender.candidates;
    expect(candidates(two)).toEqual(["kube/one", "kube/two"]);
    expect(candidates(three)).toEqual(["kube/one", "kube/three", "kube/two"]);
  });
});

describe("gaps of edges after a change", () => {
  const LABEL = { wanted: "the security of observed traffic", because: "the metrics do not carry the label `connection_security_policy`" };
  const SERVER = { namespace: "bar", workload: "shop", principal: null };
  const unlabelled = row({ connectionSecurityPolicy: null, client: { namespace: "foo", workload: "cart", principal: null }, server: SERVER, serviceHost: HOST });

  it("are those of evaluating afresh, whether the edge is reached or not", () => {
    const before = told([unlabelled, called("baz", "mail")]);
    expect(before.gaps).toEqual([LABEL]);
    expect(after(before, { update: [[strict, { ...strict, mode: "DISABLE" }]] }).gaps).toEqual([LABEL]);
    expect(after(before, { add: [peerAuthentication("empty", "default", "STRICT")] }).gaps).toEqual([LABEL]);
  });

  it("name each value that nobody writes", () => {
    const odd = (connectionSecurityPolicy: string | null, responseCode: string) => ({ ...unlabelled, connectionSecurityPolicy, responseCode });
    expect(told([odd("odd", "200"), odd(null, "201"), odd("odd", "202")]).gaps).toEqual([
      { ...LABEL, because: "the metrics do not carry the label `connection_security_policy`" },
      { ...LABEL, because: "`connection_security_policy` is `odd`, which Istio does not write there" },
    ]);
    expect(told([row({ reporter: "odd" as never, server: SERVER, client: NOBODY })]).gaps).toEqual([{ wanted: "who reported observed traffic", because: "`reporter` is `odd`, which Istio does not write there" }]);
  });
});
