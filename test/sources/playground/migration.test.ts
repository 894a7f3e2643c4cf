import { evaluateMesh, judgeMesh, type Edge, type MeshChange, type PeerAuthentication } from "#mesh";
import { beforeEach, describe, expect, it } from "vitest";
import { playgroundSources } from "../../../lib/sources/playground/index.ts";
import type { MeshSources, PlaygroundControls } from "../../../lib/sources/source.ts";
import { between, handClock, NOON_MS, read, refusals, type HandClock } from "./wallClock.ts";

const strictFoo: PeerAuthentication = {
  kind: "PeerAuthentication", namespace: "foo", name: "default", labels: {}, annotations: {}, createdAtMs: null, selector: null, mode: "STRICT", portLevelMtls: {},
};
const STRICT_FOO: MeshChange = { add: [strictFoo], update: [], remove: [] };

let clock: HandClock;
let sources: MeshSources;
let controls: PlaygroundControls;

beforeEach(() => {
  clock = handClock();
  sources = playgroundSources({ scene: "migration", now: clock.now });
  if (sources.playground === null) throw new Error("no playground");
  controls = sources.playground;
});

describe("the migration before any policy", () => {
  it("reports mTLS between sidecars at both ends, with the identities of both", async () => {
    const rows = between(await read(sources), "foo/sleep", "foo/httpbin");
    const common = {
      what: "traffic", proxy: "envoy", family: "http", serviceHost: "httpbin.foo.svc.cluster.local", serviceName: "httpbin", responseCode: "200", responseFlags: "-",
      client: { namespace: "foo", workload: "sleep", principal: "spiffe://cluster.local/ns/foo/sa/sleep" },
      server: { namespace: "foo", workload: "httpbin", principal: "spiffe://cluster.local/ns/foo/sa/httpbin" },
      count: 1800, bytes: 0, extrapolated: false,
    };
    expect(rows).toEqual([
      expect.objectContaining({ ...common, reporter: "source", connectionSecurityPolicy: "unknown" }),
      expect.objectContaining({ ...common, reporter: "destination", connectionSecurityPolicy: "mutual_tls" }),
    ]);
  });

  it("reports legacy's plaintext at the server only, named by its address and without identity", async () => {
    const telemetry = await read(sources);
    expect(between(telemetry, "legacy/sleep", "foo/httpbin")).toEqual([
      expect.objectContaining({
        reporter: "destination", connectionSecurityPolicy: "none", count: 720,
        client: { namespace: "legacy", workload: "sleep", principal: null }, server: { namespace: "foo", workload: "httpbin", principal: null },
      }),
    ]);
    expect(between(telemetry, "legacy/sleep", "bar/httpbin").map((row) => [row.reporter, row.connectionSecurityPolicy, row.count])).toEqual([["destination", "none", 450]]);
    expect(refusals(telemetry)).toEqual([]);
  });

  it("tells of six pairs and nothing else: eight rows of sidecars to each other, two of plaintext", async () => {
    const telemetry = await read(sources);
    expect(telemetry.rows).toHaveLength(4 * 2 + 2);
    expect(telemetry.gaps).toEqual([]);
    expect(telemetry.windowEndMs).toBe(NOON_MS);
    expect(telemetry.windowStartMs).toBe(NOON_MS - 900_000);
    expect(telemetry.lookBackStartMs).toBe(NOON_MS - 4_500_000);
    for (const row of telemetry.rows) {
      expect(row.lastSeenMs).toBeGreaterThan(NOON_MS - 5000);
      expect(row.lastSeenMs).toBeLessThanOrEqual(NOON_MS);
    }
  });

  it("leaves the sender unnamed where sidecars do not resolve addresses", async () => {
    controls.setResolvePeersByAddress(false);
    const telemetry = await read(sources);
    expect(between(telemetry, "legacy/sleep", "foo/httpbin")).toEqual([]);
    expect(between(telemetry, "null/null", "foo/httpbin").map((row) => [row.connectionSecurityPolicy, row.client.principal, row.count])).toEqual([["none", null, 720]]);
    expect(between(telemetry, "foo/sleep", "foo/httpbin")).toHaveLength(2);
  });

  it("is named by its scene, and its sources say that they are simulated", () => {
    expect(sources.name).toBe("Mutual TLS migration: foo, bar and legacy");
    expect([...sources.configuration.status(), ...sources.telemetry.status()].map(({ kind, name, state }) => [kind, name, state])).toEqual([
      ["configuration", "playground configuration (simulated)", "live"],
      ["telemetry", "playground traffic (simulated)", "live"],
    ]);
  });

  it("gives the same rows at the same time, and other numbers of the same size later", async () => {
    const again = playgroundSources({ scene: "migration", now: clock.now });
    expect(await read(again)).toEqual(await read(sources));
    clock.advanceSeconds(3600);
    expect(between(await read(sources), "foo/sleep", "foo/httpbin").map((row) => row.count)).toEqual([1800, 1800]);
  });
});

describe("STRICT applied to foo", () => {
  it("refuses legacy at once: no metric of it, one line of the listener with the addresses of both pods", async () => {
    await read(sources);
    controls.apply("STRICT for foo", STRICT_FOO);
    const telemetry = await read(sources);
    expect(between(telemetry, "legacy/sleep", "foo/httpbin")).toEqual([]);
    expect(refusals(telemetry)).toEqual([
      {
        what: "refusal", serverAddress: "10.244.1.10", targetPort: 8080, clientAddress: "10.244.1.30", requestedServerName: null,
        detail: "NR filter_chain_not_found", count: 720, lastSeenMs: expect.closeTo(NOON_MS, -4) as number,
      },
    ]);
  });

  it("changes nothing else", async () => {
    const before = await read(sources);
    controls.apply("STRICT for foo", STRICT_FOO);
    const after = await read(sources);
    for (const [client, server] of [["foo/sleep", "foo/httpbin"], ["bar/sleep", "foo/httpbin"], ["foo/sleep", "bar/httpbin"], ["bar/sleep", "bar/httpbin"], ["legacy/sleep", "bar/httpbin"]] as const) {
      const numbers = (telemetry: typeof before): unknown => between(telemetry, client, server).map((row) => [row.reporter, row.connectionSecurityPolicy, row.count]);
      expect(numbers(after)).toEqual(numbers(before));
      expect(between(after, client, server)).not.toEqual([]);
    }
  });

  it("names what it shows and a cluster does not, by the switch that makes it so", async () => {
    const [logs, names] = ["on a cluster: plaintext that STRICT sidecars refused from callers without a proxy", "on a cluster whose proxies do not resolve peers by address: who sends plaintext without a proxy"];
    const wanted = async () => (await read(sources)).blindSpots?.map((gap) => gap.wanted);
    expect(await wanted()).toEqual([logs, names]);
    controls.setResolvePeersByAddress(false);
    expect(await wanted()).toEqual([logs]);
    controls.setAccessLogs(false);
    expect(await wanted()).toEqual(["plaintext that STRICT sidecars refused from callers without a proxy"]);
  });

  it("names the connections of which only a log tells", async () => {
    const because = async () => (await read(sources)).blindSpots?.[0]?.because;
    expect(await because()).toBe("here the sidecars' access logs are read, and mtlscope reads none of a cluster; with that switched off the playground shows what a cluster shows");
    controls.apply("STRICT for foo", STRICT_FOO);
    expect(await because()).toContain("(only they tell that something was refused from legacy/sleep → foo/httpbin), and mtlscope reads none of a cluster");
  });

  it("names none that the client's own proxy saw fail", async () => {
    controls.openScene("shop");
    expect((await read(sources)).blindSpots?.[0]?.because).toContain("(only they tell that something was refused from accounts/addresses → payments/fraud-scoring, legacy/erp → payments/ledger), and");
  });

  it("without access logs leaves nothing to be seen in the window, and the plaintext before it", async () => {
    controls.setAccessLogs(false);
    controls.apply("STRICT for foo", STRICT_FOO);
    const telemetry = await read(sources);
    expect(refusals(telemetry)).toEqual([]);
    expect(between(telemetry, "legacy/sleep", "foo/httpbin")).toEqual([]);
    expect(between({ ...telemetry, rows: telemetry.lookBackRows }, "legacy/sleep", "foo/httpbin").map((row) => [row.connectionSecurityPolicy, row.count])).toEqual([["none", 0.8 * 3600]]);
    expect(telemetry.blindSpots?.map((gap) => gap.wanted)[0]).toBe("plaintext that STRICT sidecars refused from callers without a proxy");
  });

  it("moves the simulated clock on by the window last read, says so, and dates the object to then, and its application to when a person made it", async () => {
    await read(sources, 1800);
    controls.apply("STRICT for foo", STRICT_FOO);
    expect(sources.telemetry.status()[0]?.message).toBe('"STRICT for foo" was applied, and the simulated clock was moved on by 30 min: the window holds traffic since then');
    expect(controls.applied).toEqual([{ id: "change-1", title: "STRICT for foo", atMs: NOON_MS }]);
    expect(sources.configuration.current().objects.PeerAuthentication).toEqual([{ ...strictFoo, createdAtMs: NOON_MS - 1_800_000 }]);
  });

  it("shows both in a window that reaches over the change", async () => {
    await read(sources, 900);
    controls.apply("STRICT for foo", STRICT_FOO);
    const telemetry = await read(sources, 1800);
    expect(between(telemetry, "legacy/sleep", "foo/httpbin").map((row) => row.count)).toEqual([720]);
    expect(refusals(telemetry).map((row) => row.count)).toEqual([720]);
  });

  it("is undone: the object is gone, and legacy speaks plaintext again", async () => {
    const id = controls.apply("STRICT for foo", STRICT_FOO);
    controls.undo(id);
    const telemetry = await read(sources);
    expect(sources.configuration.current().objects.PeerAuthentication).toEqual([]);
    expect(between(telemetry, "legacy/sleep", "foo/httpbin").map((row) => [row.connectionSecurityPolicy, row.count])).toEqual([["none", 720]]);
    expect(refusals(telemetry)).toEqual([]);
    expect(controls.applied).toEqual([]);
  });

  it("runs on: 15 s at 60 times the speed fill a window of 15 minutes", async () => {
    const fast = playgroundSources({ scene: "migration", now: clock.now, speed: 60 });
    fast.playground?.apply("STRICT for foo", STRICT_FOO);
    clock.advanceSeconds(15);
    const telemetry = await read(fast, 1800);
    expect(refusals(telemetry).map((row) => row.count)).toEqual([1440]);
    expect(between(telemetry, "legacy/sleep", "foo/httpbin")).toEqual([]);
  });
});

describe("edges of the migration", () => {
  const edge = async (client: string, server: string): Promise<Edge | undefined> => {
    const telemetry = await read(sources);
    const configuration = sources.configuration.current();
    const { edges } = evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration, telemetry }, judgeMesh(configuration));
    expect(edges).toHaveLength(6);
    return edges.find((one) => one.client.kind === "workload" && one.client.id === client && one.server.kind === "workload" && one.server.id === server);
  };

  it("go from plaintext to blocked by the access log's evidence, and back", async () => {
    expect(await edge("legacy/sleep", "foo/httpbin")).toMatchObject({ state: "plaintext", counts: { plaintext: 720, refused: 0 }, sender: { confidence: "address, one owner", principals: [] } });
    const id = controls.apply("STRICT for foo", STRICT_FOO);
    expect(await edge("legacy/sleep", "foo/httpbin")).toMatchObject({ state: "blocked", counts: { plaintext: 0, refused: 720 } });
    expect(await edge("legacy/sleep", "bar/httpbin")).toMatchObject({ state: "plaintext" });
    expect(await edge("foo/sleep", "foo/httpbin")).toMatchObject({ state: "mTLS", counts: { mtls: 1800 } });
    controls.undo(id);
    expect(await edge("legacy/sleep", "foo/httpbin")).toMatchObject({ state: "plaintext", counts: { plaintext: 720, refused: 0 } });
  });

  it("go to expected blocked where nobody logs", async () => {
    controls.setAccessLogs(false);
    controls.apply("STRICT for foo", STRICT_FOO);
    expect(await edge("legacy/sleep", "foo/httpbin")).toMatchObject({ state: "expected blocked", counts: { plaintext: 0, refused: 0 } });
  });
});

describe("changes", () => {
  const strict = (namespace: string): MeshChange => ({ add: [{ ...strictFoo, namespace }], update: [], remove: [] });

  it("are undone in any order while they touch different objects", () => {
    const foo = controls.apply("foo", strict("foo"));
    const bar = controls.apply("bar", strict("bar"));
    expect(controls.applied.map((change) => change.title)).toEqual(["bar", "foo"]);
    controls.undo(foo);
    expect(sources.configuration.current().objects.PeerAuthentication.map((policy) => policy.namespace)).toEqual(["bar"]);
    controls.undo(bar);
    expect(sources.configuration.current().objects.PeerAuthentication).toEqual([]);
  });

  it("that a later one builds on are not undone before it", () => {
    const first = controls.apply("STRICT", STRICT_FOO);
    const second = controls.apply("back to PERMISSIVE", { add: [], update: [[strictFoo, { ...strictFoo, mode: "PERMISSIVE" }]], remove: [] });
    expect(() => { controls.undo(first); }).toThrow('cannot undo "STRICT": "back to PERMISSIVE" changed PeerAuthentication foo/default after it; undo that first');
    controls.undo(second);
    expect(sources.configuration.current().objects.PeerAuthentication.map((policy) => policy.mode)).toEqual(["STRICT"]);
    controls.undo(first);
  });

  it("that do not fit what stands there are refused by the name of the object, and change nothing", () => {
    controls.apply("STRICT", STRICT_FOO);
    expect(() => controls.apply("again", STRICT_FOO)).toThrow("cannot add PeerAuthentication foo/default: it exists in the playground already");
    expect(() => controls.apply("remove", { add: [], update: [], remove: [{ ...strictFoo, name: "other" }] })).toThrow("cannot remove PeerAuthentication foo/other: there is no such object in the playground");
    expect(() => { controls.undo("change-9"); }).toThrow('cannot undo "change-9": no such change is applied in the playground');
    expect(controls.applied).toHaveLength(1);
  });

  it("are told to listeners until they unsubscribe", () => {
    let calls = 0;
    const unsubscribe = sources.configuration.onChange(() => (calls += 1));
    controls.apply("STRICT", STRICT_FOO);
    controls.setAccessLogs(false);
    expect(calls).toBe(2);
    unsubscribe();
    controls.setAccessLogs(true);
    expect(calls).toBe(2);
  });

  it("are forgotten when a scene is opened", () => {
    controls.apply("STRICT", STRICT_FOO);
    controls.openScene("shop");
    expect(controls.scene).toBe("shop");
    expect(controls.applied).toEqual([]);
    expect(sources.name).toBe("Shop: nine namespaces, half way to STRICT");
    expect(() => { controls.openScene("__proto__"); }).toThrow('playground `__proto__`: there is no such scene; there are migration and shop');
    controls.openScene("migration");
    expect(sources.configuration.current().objects.PeerAuthentication).toEqual([]);
  });
});
