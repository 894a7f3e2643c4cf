import { describe, expect, it } from "vitest";
import { EMPTY_CONFIGURATION, type ObservedCounts, type Service, type TelemetryRow } from "#mesh";
import { judgeOf, path, workload, type JudgeAnswers } from "../../support/judge.ts";
import { meshConfig, unread } from "../../support/mesh.ts";
import { clientRow, NOBODY, observe, onlyEdge, refusal, row, UNPROVED, ztunnelRow } from "../../support/telemetry.ts";

const NOTHING: ObservedCounts = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
const SERVERS = [workload("foo/sleep", { address: "10.0.0.11" }), workload("foo/httpbin", { address: "10.0.0.10" })];
const BLOCKED: JudgeAnswers = { workloads: SERVERS, paths: () => [path({ transport: "blocked", serverMode: "STRICT" })] };
const DENIED: JudgeAnswers = { workloads: SERVERS, paths: () => [path({ transport: "mTLS", authorization: "deny" })] };
const OPEN: JudgeAnswers = { workloads: SERVERS, paths: () => [path({ transport: "mTLS", serverMode: "PERMISSIVE" })] };

function service(ports: readonly (readonly [name: string, port: number])[]): Service {
  return {
    kind: "Service", namespace: "foo", name: "httpbin", labels: {}, annotations: {}, createdAtMs: null, type: "ClusterIP", selector: {}, clusterIPs: [], externalIPs: [], externalName: null,
    publishNotReadyAddresses: false, ports: ports.map(([name, port]) => ({ name, port, targetPort: port, protocol: "TCP", appProtocol: null, nodePort: null })),
  };
}

function withService(ports: readonly (readonly [name: string, port: number])[]): typeof EMPTY_CONFIGURATION {
  return { ...EMPTY_CONFIGURATION, objects: { ...EMPTY_CONFIGURATION.objects, Service: [service(ports)] } };
}

function withMesh(options: Parameters<typeof meshConfig>[0]): typeof EMPTY_CONFIGURATION {
  return { ...EMPTY_CONFIGURATION, objects: { ...EMPTY_CONFIGURATION.objects, MeshConfig: [meshConfig(options)] } };
}

interface Row {
  readonly rule: string;
  readonly name: string;
  readonly rows: readonly TelemetryRow[];
  readonly counts: Partial<ObservedCounts>;
  readonly judge?: JudgeAnswers;
  readonly configuration?: typeof EMPTY_CONFIGURATION;
  readonly refusal?: "transport" | "authorization" | "inferred";
  /** what is missing */
  readonly gaps?: readonly string[];
}

const table: readonly Row[] = [
  { rule: "OBS-1", name: "mutual_tls at the server's sidecar is mTLS", rows: [row()], counts: { mtls: 900 } },
  { rule: "OBS-1", name: "mutual_tls at a waypoint is mTLS where it sends on through a tunnel", rows: [row({ reporter: "waypoint" })], counts: { mtls: 900 }, judge: { workloads: [workload("foo/httpbin", { dataPlaneMode: "ambient" })] } },
  { rule: "OBS-25", name: "mutual_tls at a waypoint says nothing of what it sends on to a sidecar", rows: [row({ reporter: "waypoint" })], counts: { unclear: 900 }, judge: OPEN },
  { rule: "OBS-1", name: "to a server of which no instance is known it is mTLS, and something is missing", rows: [row({ reporter: "waypoint" })], counts: { mtls: 900 }, gaps: ["whether what the waypoint sends on to `foo/httpbin` is mTLS"] },
  { rule: "OBS-25", name: "nor to a host outside", rows: [row({ reporter: "waypoint", server: { namespace: null, workload: null, principal: null }, serviceHost: "example.com" })], counts: { unclear: 900 } },
  { rule: "OBS-2", name: "none at the server's sidecar is plaintext", rows: [row({ connectionSecurityPolicy: "none", client: UNPROVED })], counts: { plaintext: 900 } },
  { rule: "OBS-2", name: "none at a waypoint is plaintext", rows: [row({ reporter: "waypoint", connectionSecurityPolicy: "none" })], counts: { plaintext: 900 } },
  { rule: "OBS-3", name: "none is application TLS where every port is declared HTTPS or TLS", rows: [row({ family: "tcp", connectionSecurityPolicy: "none" })], counts: { tls: 900 }, configuration: withService([["https", 443], ["tls-db", 5432]]) },
  { rule: "OBS-3", name: "an HTTP port beside it cannot have been reached by TCP", rows: [row({ family: "tcp", connectionSecurityPolicy: "none" })], counts: { tls: 900 }, configuration: withService([["https", 443], ["http", 80]]) },
  { rule: "OBS-2", name: "one port that is not declared TLS makes it plaintext", rows: [row({ family: "tcp", connectionSecurityPolicy: "none" })], counts: { plaintext: 900 }, configuration: withService([["https", 443], ["tcp-echo", 9000]]) },
  { rule: "OBS-2", name: "a port without declaration is no TLS port", rows: [row({ family: "tcp", connectionSecurityPolicy: "none" })], counts: { plaintext: 900 }, configuration: withService([["https", 443], ["echo", 9000]]) },
  { rule: "OBS-2", name: "requests that a proxy could read were not TLS", rows: [row({ connectionSecurityPolicy: "none" })], counts: { plaintext: 900 }, configuration: withService([["https", 443]]) },
  { rule: "OBS-2", name: "a connection past the Service can have reached any port", rows: [row({ family: "tcp", connectionSecurityPolicy: "none", serviceName: "InboundPassthroughCluster" })], counts: { plaintext: 900 }, configuration: withService([["https", 443]]) },
  { rule: "OBS-4", name: "a client's certificate in use is mTLS", rows: [clientRow()], counts: { mtls: 900 } },
  { rule: "OBS-26", name: "a certificate that is none of the mesh's is TLS of the client's own", rows: [clientRow({ client: { ...UNPROVED, principal: "spiffe://corp.example/client/7" } })], counts: { tls: 900 } },
  { rule: "OBS-26", name: "nor is one in Istio's form of a domain that no server lets in", rows: [clientRow({ client: { ...UNPROVED, principal: "spiffe://corp.example/ns/foo/sa/sleep" } })], counts: { tls: 900 } },
  { rule: "OBS-4", name: "one of a domain that servers let in is", rows: [clientRow({ client: { ...UNPROVED, principal: "spiffe://corp.example/ns/foo/sa/sleep" } })], counts: { mtls: 900 }, configuration: withMesh({ caTrustDomains: ["corp.example"] }) },
  { rule: "OBS-4", name: "so is any in Istio's form where the mesh's domains were not read", rows: [clientRow({ client: { ...UNPROVED, principal: "spiffe://corp.example/ns/foo/sa/sleep" } })], counts: { mtls: 900 }, configuration: { ...EMPTY_CONFIGURATION, unread: [unread("MeshConfig")] } },
  { rule: "OBS-5", name: "a client without certificate in use proves nothing", rows: [clientRow({ client: UNPROVED })], counts: { unclear: 900 } },
  { rule: "OBS-6", name: "mutual_tls at the server's ztunnel is mTLS", rows: [ztunnelRow({ connectionSecurityPolicy: "mutual_tls" })], counts: { mtls: 90 } },
  { rule: "OBS-6", name: "mutual_tls at the client's ztunnel is mTLS", rows: [ztunnelRow({ reporter: "source", connectionSecurityPolicy: "mutual_tls" })], counts: { mtls: 90 } },
  { rule: "OBS-7", name: "unknown at the server's ztunnel is plaintext", rows: [ztunnelRow()], counts: { plaintext: 90 } },
  { rule: "OBS-8", name: "unknown at the client's ztunnel is unclear", rows: [ztunnelRow({ reporter: "source" })], counts: { unclear: 90 } },
  { rule: "OBS-9", name: "a missing label is unclear", rows: [row({ connectionSecurityPolicy: null })], counts: { unclear: 900 } },
  { rule: "OBS-9", name: "a value that Istio does not write is unclear", rows: [row({ connectionSecurityPolicy: "permissive" })], counts: { unclear: 900 } },
  { rule: "OBS-9", name: "unknown at a server's sidecar is unclear, not mTLS", rows: [row({ connectionSecurityPolicy: "unknown" })], counts: { unclear: 900 } },
  { rule: "OBS-9", name: "none of ztunnel is unclear", rows: [ztunnelRow({ connectionSecurityPolicy: "none" })], counts: { unclear: 90 } },
  { rule: "OBS-9", name: "a reporter nobody knows is unclear, whatever it says", rows: [row({ reporter: "" })], counts: { unclear: 900 } },
  { rule: "OBS-10", name: "DENY of plaintext while configuration says blocked is refused by mTLS", rows: [ztunnelRow({ responseFlags: "DENY" })], counts: { refused: 90 }, judge: BLOCKED, refusal: "transport" },
  { rule: "OBS-10", name: "DENY over mTLS is refused by authorization", rows: [ztunnelRow({ responseFlags: "DENY", connectionSecurityPolicy: "mutual_tls" })], counts: { refused: 90 }, refusal: "authorization" },
  { rule: "OBS-10", name: "DENY while configuration denies is refused by authorization", rows: [ztunnelRow({ responseFlags: "DENY" })], counts: { refused: 90 }, judge: DENIED, refusal: "authorization" },
  { rule: "OBS-10", name: "what was denied was opened first and did not get through", rows: [ztunnelRow({ responseFlags: "-", count: 100 }), ztunnelRow({ responseFlags: "DENY" })], counts: { plaintext: 10, refused: 90 } },
  { rule: "OBS-10", name: "denied plaintext is not taken out of mTLS", rows: [ztunnelRow({ connectionSecurityPolicy: "mutual_tls" }), ztunnelRow({ responseFlags: "DENY" })], counts: { mtls: 90, refused: 90 } },
  { rule: "OBS-11", name: "503 UC while blocked is an inferred refusal", rows: [clientRow({ client: UNPROVED, responseCode: "503", responseFlags: "UC" })], counts: { refused: 900 }, judge: BLOCKED, refusal: "inferred" },
  { rule: "OBS-11", name: "TCP UR while blocked is an inferred refusal", rows: [clientRow({ family: "tcp", client: UNPROVED, responseFlags: "UR" })], counts: { refused: 900 }, judge: BLOCKED, refusal: "inferred" },
  { rule: "OBS-11", name: "the server's silence about it is no contradiction: both count", rows: [row({ count: 10 }), clientRow({ client: UNPROVED, responseCode: "503", responseFlags: "UC", count: 5 })], counts: { mtls: 10, refused: 5 }, judge: BLOCKED, refusal: "inferred" },
  { rule: "OBS-18", name: "503 UC where configuration blocks nothing is an ordinary reset", rows: [clientRow({ client: UNPROVED, responseCode: "503", responseFlags: "UC" })], counts: { unclear: 900 }, judge: OPEN },
  { rule: "OBS-18", name: "what never left the client for want of a healthy endpoint carried nothing", rows: [clientRow({ client: UNPROVED, responseCode: "503", responseFlags: "UH" })], counts: { unclear: 900 }, judge: OPEN },
  { rule: "OBS-18", name: "nor did what no route led to", rows: [clientRow({ client: UNPROVED, responseCode: "404", responseFlags: "NR" })], counts: { unclear: 900 }, judge: OPEN },
  { rule: "OBS-18", name: "a reset proves no mTLS, whatever certificate was in use", rows: [clientRow({ responseCode: "503", responseFlags: "UC" })], counts: { unclear: 900 }, judge: OPEN },
  { rule: "OBS-5", name: "another code with UC is no refusal", rows: [clientRow({ client: UNPROVED, responseCode: "502", responseFlags: "-" })], counts: { unclear: 900 }, judge: BLOCKED },
  { rule: "OBS-12", name: "NR filter_chain_not_found is a refused connection", rows: [refusal()], counts: { refused: 3 }, judge: OPEN, refusal: "transport" },
  { rule: "OBS-13", name: "an RBAC line is refused by authorization", rows: [refusal({ detail: "rbac_access_denied_matched_policy[none]" })], counts: { refused: 3 }, judge: OPEN, refusal: "authorization" },
  { rule: "OBS-13", name: "403 where configuration denies every way is refused by authorization", rows: [row({ responseCode: "403" })], counts: { refused: 900 }, judge: DENIED, refusal: "authorization" },
  { rule: "OBS-1", name: "403 where configuration allows is the application's own answer", rows: [row({ responseCode: "403" })], counts: { mtls: 900 }, judge: OPEN },
  { rule: "OBS-17", name: "BlackHoleCluster was refused by the client's own proxy", rows: [clientRow({ server: NOBODY, client: UNPROVED, serviceHost: "example.com", serviceName: "BlackHoleCluster" })], counts: { refused: 900 }, refusal: "transport" },
  { rule: "OBS-18", name: "a failed TLS handshake of ztunnel is refused, not mTLS", rows: [ztunnelRow({ reporter: "source", connectionSecurityPolicy: "mutual_tls", responseFlags: "TLS_FAILURE" })], counts: { refused: 90 }, refusal: "transport" },
  { rule: "OBS-18", name: "a server that ztunnel could not reach is unclear, not mTLS", rows: [ztunnelRow({ reporter: "source", connectionSecurityPolicy: "mutual_tls", responseFlags: "CONNECT" })], counts: { unclear: 90 } },
  { rule: "OBS-19", name: "UF,URX while blocked is an inferred refusal", rows: [clientRow({ client: UNPROVED, responseCode: "503", responseFlags: "URX,UF" })], counts: { refused: 900 }, judge: BLOCKED, refusal: "inferred" },
  { rule: "OBS-9", name: "a missing label at the client is unclear even with a certificate", rows: [clientRow({ connectionSecurityPolicy: null })], counts: { unclear: 900 } },
  { rule: "OBS-7", name: "sums keep the kinds apart", rows: [ztunnelRow(), ztunnelRow({ connectionSecurityPolicy: "mutual_tls", count: 7 }), ztunnelRow({ count: 3, lastSeenMs: 5 })], counts: { plaintext: 93, mtls: 7 } },
];

describe("what one report counts as", () => {
  it.each(table)("[$rule] $name", ({ rule, rows, counts, judge = {}, configuration, refusal: how, gaps }) => {
    const edge = onlyEdge(observe({ rows, ...(configuration === undefined ? {} : { configuration }) }, judgeOf(judge)));
    expect(edge.counts).toEqual({ ...NOTHING, ...counts });
    if (gaps !== undefined) expect(edge.gaps.map(({ wanted }) => wanted)).toEqual(gaps);
    expect(edge.observations.map((observation) => observation.rule)).toContain(rule);
    if (how !== undefined) expect(edge.observations.find((observation) => observation.counts === "refused")?.refusal).toBe(how);
  });

  it("[OBS-10] says neither transport nor authorization where configuration does not tell which refused", () => {
    const edge = onlyEdge(observe({ rows: [ztunnelRow({ responseFlags: "DENY" })] }, judgeOf({})));
    expect(edge.observations.map((observation) => observation.refusal)).toEqual([undefined]);
  });

  it("[OBS-9] names the label in a gap, once", () => {
    const edge = onlyEdge(observe({ rows: [row({ connectionSecurityPolicy: null }), row({ connectionSecurityPolicy: null, count: 3 })] }, judgeOf({})));
    expect(edge.gaps).toEqual([{ wanted: "the security of observed traffic", because: "the metrics do not carry the label `connection_security_policy`" }]);
  });

  it("[OBS-12] tells TLS of the application, TLS of the mesh and plaintext apart by the SNI", () => {
    const details = [null, "httpbin.example.com", "outbound_.8000_._.httpbin.foo.svc.cluster.local"].map((requestedServerName) => onlyEdge(observe({ rows: [refusal({ requestedServerName })] }, judgeOf(OPEN))).observations[0]?.detail);
    expect(details).toEqual([
      "plaintext refused: NR filter_chain_not_found",
      "TLS of the application refused (SNI `httpbin.example.com`): NR filter_chain_not_found",
      "TLS of a mesh client refused (SNI `outbound_.8000_._.httpbin.foo.svc.cluster.local`): NR filter_chain_not_found",
    ]);
  });
});
