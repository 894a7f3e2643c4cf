import { describe, expect, it } from "vitest";
import { applyChange, evaluateMesh, judgeMesh, type Configuration, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { mesh, namespace, pod, service } from "../../support/mesh.ts";
import { clientRow, NOBODY, row, UNPROVED, WINDOW_START_MS } from "../../support/telemetry.ts";

// Reports that name a Service and no workload: whose they are.

const HTTPBIN = service("foo", "httpbin");
const ONE = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin", { proxy: "sidecar" }), HTTPBIN];
const TWO = [...ONE, pod("foo", "httpbin-v2", { proxy: "sidecar", labels: { app: "httpbin" } })];
const UNNAMED = row({ server: { namespace: "foo", workload: null, principal: null }, client: UNPROVED, connectionSecurityPolicy: "none" });

function evaluated(configuration: Configuration, rows: readonly TrafficRow[], before: MeshVerdicts | null = null): MeshVerdicts {
  const telemetry = before?.snapshot.telemetry ?? { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: 0, configuration, telemetry }, judgeMesh(configuration, before?.judge), before);
}

function told({ edges }: MeshVerdicts): readonly string[] {
  return edges.map(({ server, state, counts: { mtls, plaintext, unclear } }) => `${server.kind === "workload" ? server.id : server.kind} ${state} ${mtls} ${plaintext} ${unclear}`);
}

function seen(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): readonly string[] {
  return told(evaluated(mesh(objects), rows));
}

function gaps(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): readonly string[] {
  return evaluated(mesh(objects), rows).gaps.map(({ wanted, because }) => `${wanted}: ${because}`);
}

describe("reports of a Service and of no workload", () => {
  it("[OBS-24] are of the one workload behind it", () => {
    expect(seen(ONE, UNNAMED)).toEqual(["foo/httpbin plaintext 0 900 0"]);
    expect(seen(ONE, { ...UNNAMED, server: NOBODY, serviceHost: "HTTPBIN.foo.svc.cluster.local" })).toEqual(["foo/httpbin plaintext 0 900 0"]);
    expect(seen(ONE, UNNAMED, row({ count: 5 }))).toEqual(["foo/httpbin mixed 5 900 0"]);
    expect(gaps(ONE, UNNAMED)).toEqual([]);
  });

  it("[OBS-24] are of nobody where it leads to several, and a gap names that", () => {
    expect(seen(TWO, UNNAMED)).toEqual(["external plaintext 0 900 0"]);
    expect(gaps(TWO, UNNAMED, { ...UNNAMED, count: 3, responseCode: "404" })).toEqual([
      "the workload that took what was sent to `httpbin.foo.svc.cluster.local` without mTLS: reports of servers name none, and that Service leads to several, or to none that is known",
    ]);
    expect(gaps([namespace("foo"), HTTPBIN], UNNAMED)).toHaveLength(1);
    expect(gaps(TWO, { ...UNNAMED, reporter: "waypoint" })).toHaveLength(1);
  });

  it("[OBS-24] are missing a workload where all was mTLS, too", () => {
    const mutual = { ...UNNAMED, connectionSecurityPolicy: "mutual_tls", client: row().client };
    expect(seen(TWO, mutual)).toEqual(["external mTLS 900 0 0"]);
    expect(gaps(TWO, mutual)).toEqual(["the workload that took what was sent to `httpbin.foo.svc.cluster.local`: reports of servers name none, and that Service leads to several, or to none that is known"]);
    expect(gaps(ONE, mutual)).toEqual([]);
  });

  it("[OBS-24] say nothing that is missing where no server told, or the host is outside", () => {
    expect(gaps(TWO, clientRow({ server: NOBODY, client: UNPROVED }))).toEqual([]);
    expect(gaps(TWO, { ...UNNAMED, reporter: "waypoint", serviceHost: "api.example.com" })).toEqual([]);
    expect(seen(ONE, { ...UNNAMED, serviceHost: "api.example.com" })).toEqual(["external plaintext 0 900 0"]);
  });

  it("[OBS-24] are not what went past the registry under that name", () => {
    expect(seen(ONE, clientRow({ server: NOBODY, client: UNPROVED, serviceName: "PassthroughCluster" }))).toEqual(["external unclear 0 0 900"]);
    expect(seen(ONE, clientRow({ server: NOBODY, client: UNPROVED, serviceName: "BlackHoleCluster" }))).toEqual(["external blocked 0 0 0"]);
  });

  it("[OBS-24] are another's as soon as the Service leads elsewhere", () => {
    const before = evaluated(mesh(TWO.map((one) => (one === HTTPBIN ? { ...HTTPBIN, selector: { app: "sleep" } } : one))), [UNNAMED]);
    expect(told(before)).toEqual(["foo/sleep plaintext 0 900 0"]);
    const moved = before.snapshot.configuration.objects.Service[0];
    if (moved === undefined) throw new Error("there is one Service");
    const after = applyChange(before.snapshot.configuration, { add: [], update: [[moved, HTTPBIN]], remove: [] });
    const [anew, fresh] = [evaluated(after, [UNNAMED], before), evaluated(after, [UNNAMED])];
    expect(told(anew)).toEqual(["external plaintext 0 900 0"]);
    expect(anew.edges).toEqual(fresh.edges);
    expect(anew.gaps).toEqual(fresh.gaps);
  });
});
