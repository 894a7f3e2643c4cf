import { describe, expect, it } from "vitest";
import { EMPTY_CONFIGURATION, evaluateMesh, type MeshSnapshot } from "#mesh";
import { judgeOf } from "../../support/judge.ts";
import { row } from "../../support/telemetry.ts";

const UNREAD = { wanted: "`Sidecar` objects", because: "forbidden" };
const DOWN = { wanted: "traffic", because: "Prometheus is down" };
const LABEL = { wanted: "the security of observed traffic", because: "the metrics do not carry the label `connection_security_policy`" };

function snapshot(): MeshSnapshot {
  const rows = [row({ connectionSecurityPolicy: null }), row({ connectionSecurityPolicy: null, serviceHost: "other.foo.svc.cluster.local" })];
  return { capturedAtMs: 1, configuration: EMPTY_CONFIGURATION, telemetry: { windowStartMs: 0, windowEndMs: 1, rows, lookBackRows: [], lookBackStartMs: 0, gaps: [DOWN, DOWN], queries: [] } };
}

describe("evaluateMesh", () => {
  it("names each gap once: of configuration, of telemetry, of edges", () => {
    const judge = { ...judgeOf({}), gaps: [UNREAD] };
    const verdicts = evaluateMesh(snapshot(), judge);
    expect(verdicts.gaps).toEqual([UNREAD, DOWN, LABEL]);
    expect(verdicts.judge).toBe(judge);
  });

  it("judges the configuration itself where no judge is at hand", () => {
    const verdicts = evaluateMesh(snapshot());
    expect(verdicts.judge.workloads.size).toBe(0);
    expect(verdicts.edges.map((edge) => edge.key)).toEqual(["foo/sleep|foo/httpbin|httpbin.foo.svc.cluster.local|http", "foo/sleep|foo/httpbin|other.foo.svc.cluster.local|http"]);
  });
});
