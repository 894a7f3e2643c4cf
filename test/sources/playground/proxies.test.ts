import { describe, expect, it } from "vitest";
import type { Call } from "../../../lib/sources/playground/calls.ts";
import type { Peer } from "../../../lib/sources/playground/cast.ts";
import { reportsOf, type ProxySettings, type Report } from "../../../lib/sources/playground/proxies.ts";
import type { Plane } from "../../../lib/sources/playground/scene.ts";

// What each proxy writes: rows of istio/semantics.md E.2 to E.4 (situation numbers are those of the recorded Envoy logs).
const BOTH: ProxySettings = { resolvePeersByAddress: true, accessLogs: true };

function peer(namespace: string, workload: string, plane: Plane): Peer {
  return {
    namespace, workload, plane, pod: `${workload}-1`, address: namespace === "foo" ? "10.244.1.10" : "10.244.1.30", hostNetwork: false,
    principal: `spiffe://cluster.local/ns/${namespace}/sa/${workload}`,
  };
}

const httpbin = { host: "httpbin.foo.svc.cluster.local", name: "httpbin", headless: false };

function call(planes: { readonly client: Plane; readonly server: Plane }, more: Partial<Call>): Call {
  return {
    client: peer("bar", "sleep", planes.client), server: peer("foo", "httpbin", planes.server), dialled: httpbin, authority: "httpbin.foo:8000", targetPort: 8080,
    declaredBy: httpbin, clientFamily: "http", serverFamily: "http", clientMode: "NONE", carried: "plaintext", result: "accepted", captured: planes.server !== "none",
    applicationTls: false, waypoint: null, ...more,
  };
}

/** reporter, family, policy, code, flags, who called, what service: enough to tell rows apart */
function told(reports: readonly Report[]): readonly string[] {
  return reports.map((report) => {
    if (report.what === "refusal") return `log ${report.serverAddress}:${report.targetPort} from ${report.clientAddress} sni=${report.requestedServerName ?? "-"} ${report.detail}`;
    const client = report.client.workload === null ? "nobody" : `${report.client.workload}${report.client.principal === null ? "" : "+id"}`;
    const server = report.server.workload === null ? "nobody" : `${report.server.workload}${report.server.principal === null ? "" : "+id"}`;
    return `${report.proxy} ${report.reporter} ${report.family} ${report.connectionSecurityPolicy ?? "-"} ${report.responseCode ?? "-"} ${report.responseFlags ?? "-"} ${client}>${server} ${report.serviceName ?? "-"}|${report.serviceHost ?? "-"}`;
  });
}

const HOST = "httpbin|httpbin.foo.svc.cluster.local";

describe("sidecars", () => {
  it("mTLS: both ends, the client's certificate in use shows at the client", () => {
    expect(told(reportsOf(call({ client: "sidecar", server: "sidecar" }, { clientMode: "AUTO_MTLS", carried: "mTLS" }), BOTH))).toEqual([
      `envoy source http unknown 200 - sleep+id>httpbin+id ${HOST}`,
      `envoy destination http mutual_tls 200 - sleep+id>httpbin+id ${HOST}`,
    ]);
  });

  it("plaintext of a DestinationRule, HTTP (09a): the client is named by its own headers, with or without look-up", () => {
    const rows = [`envoy source http unknown 200 - sleep>httpbin ${HOST}`, `envoy destination http none 200 - sleep>httpbin ${HOST}`];
    const plain = call({ client: "sidecar", server: "sidecar" }, { clientMode: "DR_DISABLE" });
    expect(told(reportsOf(plain, BOTH))).toEqual(rows);
    expect(told(reportsOf(plain, { ...BOTH, resolvePeersByAddress: false }))).toEqual(rows);
  });

  it("plaintext of a DestinationRule, TCP (09b): only a look-up names the client", () => {
    const plain = call({ client: "sidecar", server: "sidecar" }, { clientMode: "DR_DISABLE", clientFamily: "tcp", serverFamily: "tcp" });
    expect(told(reportsOf(plain, { ...BOTH, resolvePeersByAddress: false }))).toEqual([
      `envoy source tcp unknown 0 - sleep>httpbin ${HOST}`,
      `envoy destination tcp none 0 - nobody>httpbin ${HOST}`,
    ]);
    expect(told(reportsOf(plain, BOTH))[1]).toBe(`envoy destination tcp none 0 - sleep>httpbin ${HOST}`);
  });

  it("a call to a pod's address (10a): PassthroughCluster at the client, the Service of the port at the server", () => {
    const byAddress = call({ client: "sidecar", server: "sidecar" }, { clientMode: "PASSTHROUGH", dialled: null, authority: "10.244.1.10:8080", clientFamily: "tcp" });
    expect(told(reportsOf(byAddress, { ...BOTH, resolvePeersByAddress: false }))).toEqual([
      "envoy source tcp unknown 0 - sleep>nobody PassthroughCluster|-",
      `envoy destination http none 200 - nobody>httpbin ${HOST}`,
    ]);
    expect(told(reportsOf({ ...byAddress, clientFamily: "http" }, BOTH))[0]).toBe("envoy source http unknown 200 - sleep>nobody PassthroughCluster|10.244.1.10:8080");
  });

  it("a port that no Service names (12c): InboundPassthroughCluster", () => {
    const scrape = call({ client: "none", server: "sidecar" }, { dialled: null, declaredBy: null, targetPort: 9090 });
    expect(told(reportsOf(scrape, BOTH))).toEqual(["envoy destination http none 200 - sleep>httpbin InboundPassthroughCluster|-"]);
  });

  it("a call past the client's proxy: the server alone tells", () => {
    expect(told(reportsOf(call({ client: "sidecar", server: "sidecar" }, { clientMode: "BYPASS" }), BOTH))).toEqual([`envoy destination http none 200 - sleep>httpbin ${HOST}`]);
    expect(told(reportsOf(call({ client: "sidecar", server: "sidecar" }, { clientMode: "BYPASS" }), { ...BOTH, resolvePeersByAddress: false }))).toEqual([`envoy destination http none 200 - nobody>httpbin ${HOST}`]);
  });

  it("an agent in the node's network: its address names nobody", () => {
    const agent = { ...peer("bar", "agent", "none"), hostNetwork: true };
    expect(told(reportsOf(call({ client: "none", server: "sidecar" }, { client: agent }), BOTH))).toEqual([`envoy destination http none 200 - nobody>httpbin ${HOST}`]);
  });

  it("a server without proxy: the client alone tells, and says nothing of security", () => {
    expect(told(reportsOf(call({ client: "sidecar", server: "none" }, { clientMode: "AUTO_PLAINTEXT" }), BOTH))).toEqual([`envoy source http unknown 200 - sleep>httpbin ${HOST}`]);
    expect(told(reportsOf(call({ client: "none", server: "none" }, {}), BOTH))).toEqual([]);
  });

  it("a headless Service in plaintext: the client's proxy knows the server by look-up only", () => {
    const headless = call({ client: "sidecar", server: "none" }, { clientMode: "AUTO_PLAINTEXT", clientFamily: "tcp", serverFamily: "tcp", dialled: { ...httpbin, headless: true } });
    expect(told(reportsOf(headless, BOTH))).toEqual([`envoy source tcp unknown 0 - sleep>httpbin ${HOST}`]);
    expect(told(reportsOf(headless, { ...BOTH, resolvePeersByAddress: false }))).toEqual([`envoy source tcp unknown 0 - sleep>nobody ${HOST}`]);
  });
});

describe("refusals of sidecars", () => {
  const line = "log 10.244.1.10:8080 from 10.244.1.30 sni=- NR filter_chain_not_found";

  it("plaintext of a client without proxy: the listener's line, and no metric (03)", () => {
    const refused = call({ client: "none", server: "sidecar" }, { result: "refused" });
    expect(told(reportsOf(refused, BOTH))).toEqual([line]);
    expect(told(reportsOf(refused, { ...BOTH, accessLogs: false }))).toEqual([]);
  });

  it("plaintext of a client with proxy: HTTP 503 UC (09c), TCP 0 UR (09d, 10s), beside the line", () => {
    const refused = call({ client: "sidecar", server: "sidecar" }, { clientMode: "DR_DISABLE", result: "refused" });
    expect(told(reportsOf(refused, BOTH))).toEqual([`envoy source http unknown 503 UC sleep>httpbin ${HOST}`, line]);
    expect(told(reportsOf({ ...refused, clientFamily: "tcp", serverFamily: "tcp" }, BOTH))).toEqual([`envoy source tcp unknown 0 UR sleep>httpbin ${HOST}`, line]);
    expect(told(reportsOf({ ...refused, clientMode: "PASSTHROUGH", clientFamily: "tcp" }, BOTH))[0]).toBe("envoy source tcp unknown 0 UR sleep>nobody PassthroughCluster|-");
  });

  it("TLS without a mesh certificate: no line (04a, 09e)", () => {
    expect(told(reportsOf(call({ client: "sidecar", server: "sidecar" }, { clientMode: "DR_SIMPLE", carried: "tls", result: "refused" }), BOTH))).toEqual([
      `envoy source http unknown 503 UC sleep>httpbin ${HOST}`,
    ]);
    expect(told(reportsOf(call({ client: "none", server: "sidecar" }, { applicationTls: true, result: "refused" }), BOTH))).toEqual([]);
  });

  it("mTLS to a server without proxy: the handshake fails at the client, no certificate was accepted", () => {
    const refused = call({ client: "sidecar", server: "none" }, { clientMode: "DR_ISTIO_MUTUAL", carried: "mTLS", result: "refused" });
    expect(told(reportsOf(refused, BOTH))).toEqual([`envoy source http unknown 503 URX,UF sleep>httpbin ${HOST}`]);
    expect(told(reportsOf({ ...refused, clientFamily: "tcp" }, BOTH))).toEqual([`envoy source tcp unknown 0 UF,URX sleep>httpbin ${HOST}`]);
  });

  it("AuthorizationPolicy (14r2): 403 at both ends over mTLS", () => {
    expect(told(reportsOf(call({ client: "sidecar", server: "sidecar" }, { clientMode: "AUTO_MTLS", carried: "mTLS", result: "denied" }), BOTH))).toEqual([
      `envoy source http unknown 403 - sleep+id>httpbin+id ${HOST}`,
      `envoy destination http mutual_tls 403 - sleep+id>httpbin+id ${HOST}`,
    ]);
  });

  it("REGISTRY_ONLY (16): BlackHoleCluster at the client, nothing at the server", () => {
    expect(told(reportsOf(call({ client: "sidecar", server: "sidecar" }, { clientMode: "BLACKHOLE", result: "refused" }), BOTH))).toEqual(["envoy source http unknown 502 - sleep>nobody BlackHoleCluster|httpbin.foo:8000"]);
  });
});

describe("ztunnel and waypoints", () => {
  it("HBONE: mutual_tls at both ends, always TCP", () => {
    expect(told(reportsOf(call({ client: "ambient", server: "ambient" }, { clientMode: "HBONE", carried: "HBONE" }), BOTH))).toEqual([
      `ztunnel source tcp mutual_tls - - sleep+id>httpbin+id ${HOST}`,
      `ztunnel destination tcp mutual_tls - - sleep+id>httpbin+id ${HOST}`,
    ]);
  });

  it("a sidecar's HBONE: its own certificate does not show at the client", () => {
    expect(told(reportsOf(call({ client: "sidecar", server: "ambient" }, { clientMode: "HBONE", carried: "HBONE" }), BOTH))).toEqual([
      `envoy source http unknown 200 - sleep>httpbin ${HOST}`,
      `ztunnel destination tcp mutual_tls - - sleep+id>httpbin+id ${HOST}`,
    ]);
  });

  it("plaintext: unknown, never none; named by address whatever the sidecars are set to", () => {
    expect(told(reportsOf(call({ client: "none", server: "ambient" }, {}), { ...BOTH, resolvePeersByAddress: false }))).toEqual([`ztunnel destination tcp unknown - - sleep>httpbin ${HOST}`]);
  });

  it("STRICT: opened, and closed with DENY", () => {
    expect(told(reportsOf(call({ client: "none", server: "ambient" }, { result: "refused" }), BOTH))).toEqual([
      `ztunnel destination tcp unknown - - sleep>httpbin ${HOST}`,
      `ztunnel destination tcp unknown - DENY sleep>httpbin ${HOST}`,
    ]);
  });

  it("to a sidecar that offers no tunnel: unknown at the client, none at the server", () => {
    expect(told(reportsOf(call({ client: "ambient", server: "sidecar" }, { clientMode: "ZT_PLAINTEXT" }), BOTH))).toEqual([
      `ztunnel source tcp unknown - - sleep>httpbin ${HOST}`,
      `envoy destination http none 200 - sleep>httpbin ${HOST}`,
    ]);
  });

  it("through a waypoint: one hop to it, its own report, one hop from it", () => {
    const waypoint = peer("foo", "waypoint", "waypoint");
    expect(told(reportsOf(call({ client: "ambient", server: "ambient" }, { clientMode: "HBONE", carried: "HBONE", waypoint }), BOTH))).toEqual([
      `ztunnel source tcp mutual_tls - - sleep+id>waypoint+id ${HOST}`,
      `envoy waypoint http mutual_tls 200 - sleep+id>httpbin+id ${HOST}`,
      `ztunnel destination tcp mutual_tls - - waypoint+id>httpbin+id ${HOST}`,
    ]);
  });
});
