import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type Telemetry, type TimeSpan, type TrafficRow } from "#mesh";
import { namespaceOutlook } from "#proposals";
import { presentMesh, type MeshView, type ReadinessView } from "#view";
import { mesh, namespace, peerAuthentication, pod, service } from "../support/mesh.ts";
import { clientRow, row, UNPROVED } from "../support/telemetry.ts";

// "Ready" is good news: what proves it must be what STRICT is about, and all of the evidence must be there.

const AT_MS = Date.UTC(2026, 5, 1);
const HOUR_MS = 3_600_000;
const PLAINTEXT = row({ connectionSecurityPolicy: "none", client: UNPROVED, count: 30 });
const NAMESPACE = namespace("foo");
const SLEEP = pod("foo", "sleep", { proxy: "sidecar" });
const HTTPBIN = pod("foo", "httpbin", { proxy: "sidecar" });
const SERVICE = service("foo", "httpbin");
const PAIR: readonly MeshObject[] = [NAMESPACE, SLEEP, HTTPBIN, SERVICE];

type Window = Partial<Pick<Telemetry, "windowStartMs" | "windowEndMs">> & { readonly covered?: readonly TimeSpan[] | "unknown" };

function view(objects: readonly MeshObject[], rows: readonly TrafficRow[], { windowStartMs = AT_MS - 900_000, windowEndMs = AT_MS, covered = [{ startMs: windowStartMs, endMs: windowEndMs }] }: Window = {}): MeshView {
  const verdicts = evaluateMesh({
    capturedAtMs: AT_MS,
    configuration: mesh(objects),
    telemetry: { windowStartMs, windowEndMs, ...(covered === "unknown" ? {} : { covered }), rows, lookBackRows: [], lookBackStartMs: windowStartMs - HOUR_MS, gaps: [], queries: [] },
  });
  return presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) });
}

function readiness(...of: Parameters<typeof view>): Pick<ReadinessView, "kind" | "sentence"> {
  const found = view(...of).namespaces.find(({ name }) => name === "foo")?.readiness;
  if (found === undefined) throw new Error("foo is not shown");
  return { kind: found.kind, sentence: found.sentence };
}

describe("plaintext that STRICT would not refuse", () => {
  const OWN = peerAuthentication("foo", "own", "PERMISSIVE", { selector: { app: "httpbin" } });

  it("[PRE-33] proves nothing, where it is all that arrives", () => {
    expect(readiness([...PAIR, OWN], [PLAINTEXT])).toEqual({
      kind: "unknown",
      sentence: "Nothing that STRICT would protect was seen arriving at foo in 15 min: 30 requests stay plaintext, and STRICT protects none of them (foo/httpbin, kept open by a policy of its own).",
    });
  });

  it("nor at a port that stays open, nor at a pod without a proxy", () => {
    const port = peerAuthentication("foo", "own", "STRICT", { selector: { app: "httpbin" }, portLevelMtls: { 8080: "DISABLE" } });
    expect(readiness([...PAIR, port], [PLAINTEXT]).kind).toBe("unknown");
    expect(readiness([NAMESPACE, SLEEP, pod("foo", "httpbin"), SERVICE], [clientRow({ client: UNPROVED, count: 30 })]).kind).toBe("unknown");
  });

  it("is told beside what is proved, where other traffic is protected", () => {
    const others = [pod("foo", "db", { proxy: "sidecar" }), service("foo", "db")];
    const toDb = row({ server: { namespace: "foo", workload: "db", principal: null }, serviceHost: "db.foo.svc.cluster.local", serviceName: "db" });
    expect(readiness([...PAIR, ...others, OWN], [PLAINTEXT, toDb])).toEqual({
      kind: "ready",
      sentence: "Ready by what was seen: 930 requests in 15 min, none of which STRICT would block; 30 requests stay plaintext, and STRICT protects none of them (foo/httpbin, kept open by a policy of its own).",
    });
  });
});

describe("a window", () => {
  it("[PRE-28] of which the newest hours are not known tells nothing of now", () => {
    const windowStartMs = AT_MS - 24 * HOUR_MS;
    expect(readiness(PAIR, [row()], { windowStartMs, covered: [{ startMs: windowStartMs, endMs: AT_MS - 10 * HOUR_MS }] })).toEqual({
      kind: "unknown",
      sentence: "Traffic is known until 10 h ago only: what came to foo since then may have been plaintext.",
    });
  });

  it("of which nobody knows what was scraped is not taken for a whole one", () => {
    expect(readiness(PAIR, [row()], { covered: "unknown" })).toEqual({
      kind: "unknown",
      sentence: "It is not known which part of the window of 15 min was scraped: what came in the rest may have been plaintext.",
    });
  });

  it("that ends after the configuration was read is of another time", () => {
    expect(readiness(PAIR, [row()], { windowStartMs: AT_MS + HOUR_MS - 900_000, windowEndMs: AT_MS + HOUR_MS })).toEqual({
      kind: "unknown",
      sentence: "The window ends 1 h after the configuration was read: it is not known what it tells of now.",
    });
  });
});
