import { describe, expect, it } from "vitest";
import type { MeshJudge, RefusalRow, TelemetryRow, TrafficRow } from "#mesh";
import { judgeOf, path, workload } from "../../support/judge.ts";
import { observe, refusal, row } from "../../support/telemetry.ts";

// A small generator with a fixed seed: equal runs, printed on failure by the row it made.
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

function pick<T>(values: readonly [T, ...T[]], random: () => number): T {
  return values[Math.floor(random() * values.length)] ?? values[0];
}

function randomRow(random: () => number): TrafficRow {
  const name = pick(["a", "b", "c", null], random);
  const principal = pick([null, "spiffe://cluster.local/ns/foo/sa/a", "spiffe://cluster.local/ns/foo/sa/b"], random);
  return row({
    reporter: pick(["destination", "destination", "source", "waypoint", ""], random), proxy: pick(["envoy", "envoy", "ztunnel"], random), family: pick(["http", "tcp"], random),
    connectionSecurityPolicy: pick(["mutual_tls", "none", "unknown", null], random), client: { namespace: name === null ? null : "foo", workload: name, principal },
    server: pick([{ namespace: "foo", workload: "x", principal: null }, { namespace: "bar", workload: "x", principal: null }, { namespace: null, workload: null, principal: null }], random),
    serviceHost: pick(["x.foo.svc.cluster.local", "10.0.0.10:8080", null], random), serviceName: pick(["x", "PassthroughCluster", "InboundPassthroughCluster", "BlackHoleCluster"], random),
    responseCode: pick([null, "503", "403"], random), responseFlags: pick([null, "-", "UC", "DENY", "UR"], random), count: Math.floor(random() * 50), bytes: Math.floor(random() * 3) * 1000,
    lastSeenMs: pick([null, 5, 9], random),
  });
}

function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values.map((value) => ({ value, at: random() })).sort((one, other) => one.at - other.at).map(({ value }) => value);
}

const WORKLOADS = ["foo/a", "foo/b", "foo/x", "bar/x"].map((id, index) => workload(id, { address: `10.0.0.${10 + index}` }));
const JUDGE = judgeOf({ workloads: WORKLOADS, paths: (client) => [path({ transport: client === "foo/a" ? "blocked" : "mTLS" })] });

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}

function judged(rows: readonly TelemetryRow[], before: readonly TrafficRow[]): string {
  return JSON.stringify(observe({ rows, before }, JUDGE));
}

describe("laws over generated telemetry", () => {
  const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);

  it.each(seeds)("the order of rows is irrelevant, and input is never changed (seed %i)", (seed) => {
    const random = chance(seed);
    const rows: readonly TelemetryRow[] = [...Array.from({ length: 60 }, () => randomRow(random)), refusal(), refusal({ clientAddress: "10.0.0.11" })];
    const before = Array.from({ length: 20 }, () => randomRow(random));
    deepFreeze([rows, before]);
    expect(judged(shuffled(rows, random), shuffled(before, random))).toBe(judged(rows, before));
  });

  it.each(seeds)("no edge shows nothing, and plaintext that a server reported stays visible (seed %i)", (seed) => {
    const random = chance(seed);
    const rows = Array.from({ length: 80 }, () => randomRow(random));
    const edges = observe({ rows }, JUDGE);
    expect(edges.filter((edge) => edge.observations.length === 0)).toEqual([]);
    const reported = rows.filter((one) => one.reporter === "destination" && one.proxy === "envoy" && one.connectionSecurityPolicy === "none").reduce((sum, one) => sum + one.count, 0);
    const shown = edges.flatMap((edge) => edge.observations).filter((one) => one.reporter === "destination" && one.proxy === "envoy" && one.counts === "plaintext").reduce((sum, one) => sum + one.count, 0);
    expect(shown).toBe(reported);
    expect(edges.filter((edge) => edge.counts.plaintext > 0 && (edge.state === "mTLS" || edge.state === "application TLS" || edge.state === "unclear"))).toEqual([]);
  });

  it.each(seeds)("taking the security label away never improves a state (seed %i)", (seed) => {
    const random = chance(seed);
    const rows = Array.from({ length: 40 }, () => randomRow(random));
    const without = observe({ rows: rows.map((one) => ({ ...one, connectionSecurityPolicy: null })) }, JUDGE);
    expect(without.filter((edge) => edge.counts.mtls > 0 || edge.counts.tls > 0 || edge.state === "mTLS")).toEqual([]);
  });
});

describe("size", () => {
  function many(edges: number): { readonly rows: readonly TelemetryRow[]; readonly judge: MeshJudge; readonly asked: () => number } {
    let asked = 0;
    const workloads = Array.from({ length: Math.ceil(edges / 5) }, (_, at) => workload(`ns${at % 100}/w${at}`, { address: `10.1.${at >> 8}.${at & 255}` }));
    const rows = Array.from({ length: edges }, (_, at) => {
      const client = workloads[at % workloads.length]?.instances[0];
      const server = workloads[(at * 7 + Math.floor(at / workloads.length) + 1) % workloads.length]?.instances[0];
      const named = (instance: typeof client) => ({ namespace: instance?.ref.namespace ?? null, workload: instance?.workload.split("/")[1] ?? null, principal: null });
      const told = row({ client: { ...named(client), principal: `spiffe://cluster.local/ns/x/sa/${at}` }, server: named(server), serviceHost: `s${at}.svc` });
      return [told, { ...told, connectionSecurityPolicy: "none", count: 1 }, { ...told, reporter: "source", connectionSecurityPolicy: "unknown" }];
    }).flat();
    const refusals: readonly RefusalRow[] = Array.from({ length: edges / 50 }, (_, at) => refusal({ clientAddress: `10.1.${at >> 8}.${at & 255}`, serverAddress: "10.1.0.1" }));
    const judge = judgeOf({ workloads, paths: () => ((asked += 1), [path({ transport: "mTLS" })]) });
    const byAddress = new Map(workloads.flatMap(({ instances }) => instances.flatMap((instance) => instance.addresses.map((address) => [address, [instance]] as const))));
    return { rows: [...rows, ...refusals], judge: { ...judge, instancesByAddress: (address) => byAddress.get(address) ?? [] }, asked: () => asked };
  }

  function timed(edges: number): { readonly tookMs: number; readonly found: number; readonly asked: number } {
    const mesh = many(edges);
    const before = process.cpuUsage();
    const found = observe({ rows: mesh.rows }, mesh.judge).length;
    const { user, system } = process.cpuUsage(before);
    return { tookMs: (user + system) / 1000, found, asked: mesh.asked() };
  }

  it("asks the engine once per edge and grows with the number of rows", () => {
    timed(5_000);
    const small = timed(12_500);
    const large = timed(50_000);
    expect(large.asked).toBe(large.found);
    expect(large.found).toBeGreaterThanOrEqual(50_000);
    // four times the rows: a quadratic step would take sixteen times as long
    expect(large.tookMs / small.tookMs).toBeLessThan(10);
    expect(large.tookMs).toBeLessThan(10_000);
    console.log(`observeEdges: ${Math.round(small.tookMs)} ms of CPU for 12,500 edges, ${Math.round(large.tookMs)} ms for 50,000`);
  });
});
