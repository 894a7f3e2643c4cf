import { setTimeout as wait } from "node:timers/promises";
import type { MeshView } from "#view";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApp, type RunningApp } from "../support/app.ts";
import { FakeApiServer } from "../support/fakeApiServer.ts";
import { startMetricsServer, type MetricsServer } from "../support/prometheus.ts";
import { peerAuthentication } from "../sources/kubernetes/objects.ts";
import { openStream } from "./connection.ts";
import { MIGRATION, plaintextSeries } from "./migrationObjects.ts";

// The whole product against an API server and a real Prometheus: what a user sees who points it at a cluster.
let cluster: FakeApiServer;
let prometheus: MetricsServer;
let app: RunningApp;

beforeAll(async () => {
  cluster = await FakeApiServer.start();
  await cluster.apply(...MIGRATION);
  prometheus = await startMetricsServer("prometheus");
  await prometheus.write(plaintextSeries(Date.now()));
  app = await startApp(["--kubeconfig", cluster.kubeconfigFile, "--prometheus", prometheus.url]);
});

afterAll(async () => {
  await app.stop();
  await cluster.stop();
  await prometheus.stop();
});

async function meshView(): Promise<MeshView> {
  return (await (await fetch(`${app.url}/api/v1/mesh`)).json()) as MeshView;
}

async function until(condition: (view: MeshView) => boolean, withinMs: number): Promise<MeshView> {
  const startedMs = performance.now();
  for (;;) {
    const view = await meshView();
    if (condition(view)) return view;
    if (performance.now() - startedMs > withinMs) throw new Error(`not within ${withinMs} ms: ${JSON.stringify({ sources: view.sources, gaps: view.gaps, edges: view.edges })}`);
    await wait(50);
  }
}

function legacyEdge(view: MeshView): MeshView["edges"][number] | undefined {
  return view.edges.find(({ client, server }) => client === "legacy/sleep" && server === "foo/httpbin");
}

describe("a cluster and its Prometheus", () => {
  it("are one picture: legacy/sleep sends plaintext to foo/httpbin, which is PERMISSIVE by default", async () => {
    // what has not been read yet is unknown, and never a guess
    const view = await until((one) => legacyEdge(one)?.accepts[0] === "PERMISSIVE" && one.sources.every(({ state }) => state === "live"), 10_000);
    expect(view.mesh).toMatchObject({ name: "fake", simulated: false, istioVersions: ["1.30.3"] });
    const edge = legacyEdge(view);
    expect(edge).toMatchObject({ state: "plaintext", accepts: ["PERMISSIVE"], configured: ["plaintext"], host: "httpbin.foo.svc.cluster.local", confidence: "address, one owner" });
    // one request every two seconds for 15 minutes
    expect(edge?.counts.plaintext).toBeGreaterThan(441);
    expect(edge?.counts.plaintext).toBeLessThan(459);
    expect(edge?.counts).toMatchObject({ mtls: 0, refused: 0 });
  });

  it("are ready, and asked in few requests", async () => {
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    const requests = (to: string): number => Number(new RegExp(`^mtlscope_requests_total\\{to="${to}",result="answered"\\} (\\d+)$`, "m").exec(metrics)?.[1]);
    expect(requests("kubernetes")).toBeGreaterThan(5);
    expect(requests("prometheus")).toBeGreaterThan(2);
  });

  it("tell browsers of a change within a second", async () => {
    const stream = await openStream(`${app.url}/api/v1/events`);
    const first = await stream.next();
    const changedAtMs = Date.now();
    await cluster.apply(peerAuthentication("foo", "default", "STRICT"));
    let event = await stream.next();
    while (event.data.revision <= first.data.revision || legacyEdge(await meshView())?.accepts[0] !== "STRICT") event = await stream.next();
    expect(event.receivedAtMs - changedAtMs).toBeLessThan(1_000);
    stream.close();
    const edge = legacyEdge(await meshView());
    // what was observed in the window stays what it was, and that it is not what the configuration says now is told
    expect(edge).toMatchObject({ state: "plaintext", accepts: ["STRICT"], configured: ["blocked"] });
    expect(edge?.disagreement).toMatchObject({ transports: ["blocked"] });
  });

  it("a Prometheus that goes away leaves its traffic on the page, with its age and the reason", async () => {
    const before = await meshView();
    await prometheus.stop();
    const view = await until((one) => one.sources.some(({ name, state }) => name === "Prometheus" && state === "stale"), 25_000);
    const source = view.sources.find(({ name }) => name === "Prometheus");
    expect(source?.readAtMs).toBeLessThanOrEqual(Date.now());
    expect(source?.message).toContain(prometheus.url);
    expect(view.gaps.length).toBeGreaterThan(before.gaps.length);
    expect(legacyEdge(view)?.counts).toEqual(legacyEdge(before)?.counts);
    const ready = await fetch(`${app.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ sources: expect.arrayContaining([source]) as unknown });
    expect(await (await fetch(`${app.url}/metrics`)).text()).toContain('mtlscope_source_state{source="Prometheus",state="stale"} 1\n');
  });

  it("an API server that goes away leaves its objects on the page, with their age and the reason; and is followed again when it is back", async () => {
    const port = Number(new URL(cluster.url).port);
    await cluster.down();
    const view = await until((one) => one.sources.some(({ name, state }) => name !== "Prometheus" && state === "stale"), 10_000);
    expect(view.nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(["foo/httpbin", "legacy/sleep"]));
    expect(legacyEdge(view)?.accepts).toEqual(["STRICT"]);
    await cluster.listen(port);
    await cluster.remove(peerAuthentication("foo", "default", "STRICT"));
    await until((one) => legacyEdge(one)?.accepts[0] === "PERMISSIVE" && one.sources.every(({ name, state }) => name === "Prometheus" || state === "live"), 20_000);
  });
});
