// What other dashboards get wrong in the same telemetry, against real servers: G1 to G10 of a published comparison, and what its graph loses. Shares by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMPTY_CONFIGURATION, observeEdges, type Edge, type MeshJudge, type ObservedCounts, type Telemetry } from "#mesh";
import { prometheusSource } from "../../../lib/sources/prometheus/index.ts";
import { judgeOf, path, workload } from "../../support/judge.ts";
import { METRICS_SERVERS, startMetricsServer, type MetricsServer, type Series } from "../../support/prometheus.ts";
import { contradiction } from "../../support/telemetry.ts";

const FIRST_END_MS = Date.UTC(2026, 9, 1);
const APART_MS = 6 * 3_600_000;
const HTTPBIN = { destination_workload: "httpbin", destination_workload_namespace: "foo", destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin", destination_service_namespace: "foo" };
const SLEEP = { source_workload: "sleep", source_workload_namespace: "foo", source_principal: "spiffe://cluster.local/ns/foo/sa/sleep" };
const OUTSIDE = { source_workload: "unknown", source_workload_namespace: "unknown", source_principal: "unknown" };
const MTLS = { reporter: "destination", response_code: "200", response_flags: "-", connection_security_policy: "mutual_tls", ...SLEEP, ...HTTPBIN };
const PLAIN = { ...MTLS, connection_security_policy: "none", source_principal: "unknown" };

type Labels = Readonly<Record<string, string>>;

/** labels, how many a second, of which metric */
type Flow = readonly [labels: Labels, perSecond: number, metric?: string];

interface Defect {
  readonly id: string;
  readonly name: string;
  readonly flows: readonly Flow[];
  readonly judge?: MeshJudge;
  readonly edges: readonly { readonly client: string; readonly family?: Edge["family"]; readonly counts: Partial<ObservedCounts>; readonly state: Edge["state"]; readonly host?: string | null; readonly disagreement?: string; readonly principals?: readonly string[] }[];
  readonly gap?: string;
}

const TCP = "istio_tcp_connections_opened_total";
const principal = (account: string): string => `spiffe://cluster.local/ns/foo/sa/${account}`;
const without = (name: string): Labels => Object.fromEntries(Object.entries(MTLS).filter(([label]) => label !== name));
const BARE = { ...MTLS, reporter: "source", connection_security_policy: "unknown", source_principal: "unknown" };
const STRICT = judgeOf({ workloads: [workload("foo/sleep"), workload("foo/httpbin")], paths: () => [path({ transport: "blocked", serverMode: "STRICT" })] });

const defects: readonly Defect[] = [
  { id: "G1", name: "plaintext only is plaintext", flows: [[PLAIN, 10]], edges: [{ client: "foo/sleep", counts: { plaintext: 9000 }, state: "plaintext" }] },
  { id: "G2", name: "no report of the destination is unclear, which is not plaintext, and not safe", flows: [[BARE, 10]], edges: [{ client: "foo/sleep", counts: { unclear: 9000 }, state: "unclear" }] },
  { id: "G3", name: "1 in 300 stays: 99.67 % is no lock", flows: [[MTLS, 299], [PLAIN, 1]], edges: [{ client: "foo/sleep", counts: { mtls: 269_100, plaintext: 900 }, state: "mixed" }] },
  {
    id: "G4", name: "two versions behind one service add up, the last one read does not win", flows: [[{ ...MTLS, destination_version: "v1", pod: "a" }, 90], [{ ...MTLS, destination_version: "v2", pod: "b" }, 1], [{ ...PLAIN, destination_version: "v2", pod: "b" }, 100]],
    edges: [{ client: "foo/sleep", counts: { mtls: 81_900, plaintext: 90_000 }, state: "mixed" }],
  },
  {
    id: "G5", name: "three callers of one service keep their own", flows: [[MTLS, 100], [{ ...MTLS, source_workload: "other", source_principal: principal("other") }, 1], [{ ...PLAIN, ...OUTSIDE }, 100]],
    edges: [{ client: "foo/sleep", counts: { mtls: 90_000 }, state: "mTLS" }, { client: "foo/other", counts: { mtls: 900 }, state: "mTLS" }, { client: "unidentified", counts: { plaintext: 90_000 }, state: "plaintext" }],
  },
  {
    id: "G6", name: "two service accounts of one workload add up, and both are named", flows: [[MTLS, 1], [{ ...MTLS, source_principal: principal("second") }, 1], [PLAIN, 1]],
    edges: [{ client: "foo/sleep", counts: { mtls: 1800, plaintext: 900 }, state: "mixed", principals: [principal("second"), principal("sleep")] }],
  },
  {
    id: "G7", name: "requests, connections and bytes are never added", flows: [[MTLS, 1], [PLAIN, 0.1, TCP], [PLAIN, 100_000, "istio_tcp_sent_bytes_total"]],
    edges: [{ client: "foo/sleep", family: "http", counts: { mtls: 900 }, state: "mTLS" }, { client: "foo/sleep", family: "tcp", counts: { plaintext: 90 }, state: "plaintext" }],
  },
  {
    id: "G8", name: "senders from outside the mesh are one per server, not one for all", flows: [[{ ...PLAIN, ...OUTSIDE }, 1], [{ ...PLAIN, ...OUTSIDE, destination_workload: "db", destination_service: "db.foo.svc.cluster.local", destination_service_name: "db" }, 1]],
    edges: [{ client: "unidentified", counts: { plaintext: 900 }, state: "plaintext" }, { client: "unidentified", host: "db.foo.svc.cluster.local", counts: { plaintext: 900 }, state: "plaintext" }],
  },
  {
    id: "G10", name: "three callers, three principals", flows: ["a", "b", "c"].map((name) => [{ ...MTLS, source_workload: name, source_principal: principal(name) }, 1] as const),
    edges: ["a", "b", "c"].map((name) => ({ client: `foo/${name}`, counts: { mtls: 900 }, state: "mTLS" as const, principals: [principal(name)] })),
  },
  { id: "T1", name: "TCP that only receives has its security, too", flows: [[MTLS, 0.1, TCP], [MTLS, 5000, "istio_tcp_received_bytes_total"]], edges: [{ client: "foo/sleep", family: "tcp", counts: { mtls: 90 }, state: "mTLS" }] },
  { id: "T2", name: "a service of another namespace, or of none, loses nothing", flows: [[{ ...MTLS, destination_service_namespace: "unknown", destination_service: "unknown", destination_service_name: "unknown" }, 1]], edges: [{ client: "foo/sleep", host: null, counts: { mtls: 900 }, state: "mTLS" }] },
  { id: "T3", name: "both ends, several codes and protocols: each request once", flows: [[MTLS, 1], [{ ...MTLS, response_code: "404" }, 1], [{ ...MTLS, request_protocol: "grpc" }, 1], [{ ...MTLS, reporter: "source", connection_security_policy: "unknown" }, 3]], edges: [{ client: "foo/sleep", counts: { mtls: 2700 }, state: "mTLS" }] },
  { id: "P1", name: "what the client says it sent without a certificate, and no server reported, is not lost", flows: [[MTLS, 2], [{ ...MTLS, reporter: "source", connection_security_policy: "unknown" }, 2], [BARE, 1]], edges: [{ client: "foo/sleep", counts: { mtls: 1800, unclear: 900 }, state: "mTLS" }] },
  { id: "P2", name: "a client's label that somebody dropped is no word about certificates", flows: [[MTLS, 2], [Object.fromEntries(Object.entries(BARE).filter(([label]) => label !== "source_principal")), 1]], edges: [{ client: "foo/sleep", counts: { mtls: 1800 }, state: "mTLS" }], gap: "source_principal" },
  {
    id: "B1", name: "a character that turns text around is written out, and no other name becomes the same", flows: [[{ ...MTLS, source_workload: "a\u202eb" }, 1], [{ ...MTLS, source_workload: "a\\u202eb" }, 2]],
    edges: [{ client: "foo/a\\u202eb", counts: { mtls: 900 }, state: "mTLS" }, { client: "foo/a\\\\u202eb", counts: { mtls: 1800 }, state: "mTLS" }],
  },
  { id: "T4", name: "plaintext where STRICT says blocked is a disagreement with both sides", judge: STRICT, flows: [[PLAIN, 1]], edges: [{ client: "foo/sleep", counts: { plaintext: 900 }, state: "plaintext", disagreement: "plaintext: blocked" }] },
  { id: "C1", name: "callers of another cluster are said to be of several", flows: ["east", "west"].map((from) => [{ ...MTLS, source_cluster: from, destination_cluster: "east" }, 1] as const), edges: [], gap: "east`, `west" },
  { id: "C2", name: "what another cluster's servers report is said, too", flows: [[{ ...MTLS, source_cluster: "east", destination_cluster: "west" }, 0.1, TCP]], edges: [], gap: "east`, `west" },
  ...["connection_security_policy", "source_principal", "destination_service", "destination_service_name", "reporter", "source_workload", "destination_workload_namespace", "response_flags"].map((label) => ({ id: `L ${label}`, name: "a label that was dropped is said", flows: [[without(label), 1] as const], edges: [], gap: label })),
];

const WINDOW_SECONDS = 900;

function seriesOf({ flows }: Defect, endMs: number): readonly Series[] {
  return flows.map(([labels, perSecond, metric = "istio_requests_total"]) => ({
    labels: { __name__: metric, ...labels },
    samples: Array.from({ length: 121 }, (_, at) => ({ atMs: endMs - (120 - at) * 15_000, value: 1000 + at * 15 * perSecond })),
  }));
}

function nameOf({ client }: Edge): string {
  return client.kind === "workload" ? client.id : client.kind;
}

function near(count: number, wanted: number): boolean {
  return wanted === 0 ? count === 0 : Math.abs(count - wanted) <= Math.max(1, wanted * 0.02);
}

function check(edges: readonly Edge[], { edges: expected }: Defect): void {
  expect(edges).toHaveLength(expected.length);
  for (const want of expected) {
    const edge = edges.find((one) => nameOf(one) === want.client && (want.family === undefined || one.family === want.family) && (want.host === undefined ? one.host === HTTPBIN.destination_service : one.host === want.host));
    expect(edge?.state).toBe(want.state);
    const counts = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0, ...want.counts };
    for (const kind of Object.keys(counts) as (keyof ObservedCounts)[]) expect([kind, near(edge?.counts[kind] ?? -1, counts[kind])]).toEqual([kind, true]);
    if (want.disagreement !== undefined) expect(edge === undefined ? null : contradiction(edge)).toBe(want.disagreement);
    if (want.principals !== undefined) expect(edge?.sender.principals.toSorted()).toEqual(want.principals);
  }
}

describe.each(METRICS_SERVERS)("what others get wrong, in a real %s", (name) => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await startMetricsServer(name);
    await server.write(defects.flatMap((one, index) => seriesOf(one, FIRST_END_MS + index * APART_MS)));
  });

  afterAll(async () => {
    await server.stop();
  });

  async function read(endMs: number): Promise<Telemetry> {
    const source = prometheusSource({ url: server.url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null });
    const telemetry = await source.read({ windowSeconds: WINDOW_SECONDS, lookBackSeconds: 3600, endMs });
    await source.stop();
    return telemetry;
  }

  it("C3 of one cluster there is nothing to say, whoever is not named", async () => {
    const endMs = FIRST_END_MS + defects.length * APART_MS;
    const flows: Defect["flows"] = [[{ ...MTLS, source_cluster: "east", destination_cluster: "east" }, 1], [{ ...MTLS, source_cluster: "unknown", destination_cluster: "east" }, 1], [MTLS, 1]];
    await server.write(seriesOf({ id: "C3", name: "", flows, edges: [] }, endMs));
    expect((await read(endMs)).gaps.map(({ wanted }) => wanted)).not.toContain("of which cluster the workloads are that traffic is counted of");
  });

  it.each(defects.map((one, index) => ({ ...one, endMs: FIRST_END_MS + index * APART_MS })))("$id $name", async (one) => {
    const telemetry = await read(one.endMs);
    const edges = observeEdges({ capturedAtMs: one.endMs, configuration: EMPTY_CONFIGURATION, telemetry }, one.judge ?? judgeOf({}));
    if (one.gap === undefined) check(edges, one);
    else expect([...telemetry.gaps, ...edges.flatMap((edge) => edge.gaps)].map(({ wanted, because }) => `${wanted}: ${because}`)).toEqual(expect.arrayContaining([expect.stringContaining(`\`${one.gap}\``)]));
  });
});
