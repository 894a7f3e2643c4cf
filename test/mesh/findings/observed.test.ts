import { describe, expect, it } from "vitest";
import { evaluateMesh, observedFindings, type Finding, type MeshObject, type TrafficRow } from "#mesh";
import { destinationRule, egress, mesh, peerAuthentication, pod, service, sidecar, trafficPolicy } from "../../support/mesh.ts";
import { HOST, httpbin, httpbinService, QUIET } from "./found.ts";

// What configuration alone may mean, and traffic shows to be done all the same.

const AT_MS = Date.UTC(2026, 5, 1);
const PLAIN: TrafficRow = {
  what: "traffic", reporter: "destination", proxy: "envoy", family: "http", connectionSecurityPolicy: "none", client: { namespace: "foo", workload: "sleep", principal: null },
  server: { namespace: "bar", workload: "httpbin", principal: null }, serviceHost: HOST, serviceName: "httpbin", responseCode: null, responseFlags: null, count: 540, bytes: 0, extrapolated: false, lastSeenMs: AT_MS - 1000,
};
const NARROW = sidecar("foo", "narrow", { workloadSelector: { app: "sleep" }, egress: egress("./*") });

function found(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): readonly Finding[] {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return observedFindings(evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry }));
}

describe("a Sidecar for some workloads", () => {
  it("[FND-56] that leaves out what one of them was seen calling in plaintext", () => {
    expect(found([...QUIET, NARROW], PLAIN)).toEqual([
      {
        rule: "FND-56", severity: "weaker than it seems", object: { kind: "Sidecar", namespace: "foo", name: "narrow" }, field: "spec.egress", fieldOf: "object", value: "does not name it", because: null,
        consequence: { kind: "sends", clients: { kind: "selected", namespace: "foo" }, sends: "PASSTHROUGH", transport: "plaintext", otherwise: "AUTO_MTLS" },
        affected: ["bar/httpbin"], hosts: [HOST], ports: [8080],
        fixes: [{ kind: "add", object: { kind: "Sidecar", namespace: "foo", name: "narrow" }, field: "spec.egress[].hosts", value: `bar/${HOST}` }, { kind: "set", object: { kind: "Sidecar", namespace: "foo", name: "narrow" }, field: "spec.outboundTrafficPolicy.mode", value: "REGISTRY_ONLY" }],
      },
    ]);
  });

  it("[FND-56] is no finding where nobody was seen, or what was seen was mTLS", () => {
    expect(found([...QUIET, NARROW])).toEqual([]);
    expect(found([...QUIET, NARROW], { ...PLAIN, connectionSecurityPolicy: "mutual_tls", client: { ...PLAIN.client, principal: "spiffe://cluster.local/ns/foo/sa/sleep" } })).toEqual([]);
  });

  it("[FND-56] is none where the client's proxy knows the service, or importing it would change nothing", () => {
    expect(found([...QUIET, { ...NARROW, egress: egress("./*", "bar/*") }], PLAIN)).toEqual([]);
    const bare = QUIET.map((object) => (object === httpbin ? pod("bar", "httpbin", { ips: httpbin.ips }) : object));
    expect(found([...bare, NARROW], PLAIN).filter(({ rule }) => rule === "FND-56")).toEqual([]);
  });

  it("[FND-56] breaks traffic where the server refuses it", () => {
    expect(found([...QUIET, NARROW, peerAuthentication("bar", "default", "STRICT")], PLAIN).map(({ rule, severity }) => [rule, severity])).toEqual([["FND-56", "breaks traffic"]]);
  });
});

describe("a Sidecar of the whole namespace", () => {
  const wide = sidecar("foo", "default", { egress: egress("./*") });
  const about = destinationRule("foo", "httpbin", HOST, { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "RANDOM" }) });
  const other = [pod("bar", "other", { proxy: "sidecar" }), service("bar", "other")];
  const toOther = { ...PLAIN, server: { ...PLAIN.server, workload: "other" }, serviceHost: "other.bar.svc.cluster.local", serviceName: "other" };

  it("[FND-56] is one finding with what configuration tells of it, and names every import", () => {
    const [only, ...others] = found([...QUIET, ...other, wide, about], toOther);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ rule: "FND-56", affected: ["bar/httpbin", "bar/other"], hosts: [HOST, "other.bar.svc.cluster.local"] });
    expect(only?.fixes.map(({ kind, ...fix }) => [kind, "value" in fix ? fix.value : ""])).toEqual([["add", `bar/${HOST}`], ["add", "bar/other.bar.svc.cluster.local"], ["set", "REGISTRY_ONLY"]]);
  });

  it("[FND-56] is found as before where no traffic adds to it", () => {
    expect(found([...QUIET, httpbinService, wide, about]).map(({ rule, affected }) => [rule, affected])).toEqual([["FND-56", ["bar/httpbin"]]]);
  });
});
