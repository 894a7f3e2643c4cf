import { setTimeout as wait } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { withMeshDelta } from "#delta";
import type { Configuration, Telemetry } from "#mesh";
import type { Answer, ViewEvent } from "#pipeline";
import type { MeshSources, SourceStatus } from "#sources";
import type { MeshDelta, MeshView } from "#view";
import { afterEach, describe, expect, it } from "vitest";
import { MeshPipeline } from "../../lib/pipeline/pipeline.ts";
import { STAGES, type Stages } from "../../lib/pipeline/stages.ts";
import { playgroundSources } from "../../lib/sources/playground/index.ts";

/** The migration scene as a cluster would give it: nothing can be applied, telemetry is read when asked, and each part can fail. */
class Cluster implements MeshSources {
  readonly saved = null;
  readonly #scene = playgroundSources({ scene: "migration" });
  readonly #listeners = new Set<() => void>();
  readonly name = "staging";
  readonly playground = null;
  configurationStatus: SourceStatus = { kind: "configuration", name: "Kubernetes", state: "live", readAtMs: 1, message: "" };
  telemetryStatus: SourceStatus = { kind: "telemetry", name: "Prometheus", state: "live", readAtMs: 2, message: "" };
  now: Configuration = this.#scene.configuration.current();
  read: () => Promise<Telemetry> = () => this.#scene.telemetry.read({ windowSeconds: 900, lookBackSeconds: 3600, endMs: null });
  refreshMs = 1_000_000;
  readyWhen: Promise<void> = Promise.resolve();
  stopped = false;

  readonly configuration = {
    current: (): Configuration => this.now,
    status: (): readonly SourceStatus[] => [this.configurationStatus],
    ready: (): Promise<void> => this.readyWhen,
    onChange: (listener: () => void): (() => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    stop: (): Promise<void> => Promise.resolve(),
  };

  get telemetry(): MeshSources["telemetry"] {
    return { read: () => this.read(), status: () => [this.telemetryStatus], refreshMs: this.refreshMs, stop: () => Promise.resolve() };
  }

  change(configuration: Configuration = { ...this.now }): void {
    this.now = configuration;
    for (const listener of this.#listeners) listener();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.#scene.stop();
  }
}

interface Watched {
  readonly pipeline: MeshPipeline;
  readonly events: ViewEvent[];
  ended: boolean;
}

const opened: MeshPipeline[] = [];

function open(sources: MeshSources, stages: Stages = STAGES): Watched {
  const pipeline = new MeshPipeline(sources, stages);
  opened.push(pipeline);
  const watched: Watched = { pipeline, events: [], ended: false };
  pipeline.subscribe({
    view: (event) => watched.events.push(event),
    halted: () => undefined,
    end: () => {
      watched.ended = true;
    },
  });
  return watched;
}

afterEach(async () => {
  for (const pipeline of opened.splice(0)) await pipeline.stop();
});

function bodyOf(answer: Answer): unknown {
  if (answer.kind === "refused") throw new Error(`${answer.status} ${answer.message}`);
  return JSON.parse(new TextDecoder().decode(answer.encoding === "gzip" ? gunzipSync(answer.bytes) : answer.bytes));
}

function textOf(answer: Answer): string {
  if (answer.kind === "refused") throw new Error(answer.message);
  return new TextDecoder().decode(answer.bytes);
}

async function viewOf(pipeline: MeshPipeline): Promise<MeshView> {
  return bodyOf(await pipeline.mesh()) as MeshView;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await condition()) return;
    await wait(10);
  }
  throw new Error("not within 2 s");
}

async function untilTraffic(pipeline: MeshPipeline): Promise<MeshView> {
  await until(async () => (await viewOf(pipeline)).edges.length > 0);
  return await viewOf(pipeline);
}

describe("the picture", () => {
  it("is there at once, says that telemetry was not read yet, and has traffic as soon as it was", async () => {
    const { pipeline } = open(new Cluster());
    const first = await viewOf(pipeline);
    expect(first.nodes.map(({ id }) => id)).toContain("foo/httpbin");
    expect(first.gaps).toContainEqual({ wanted: "traffic", because: "telemetry has not been read yet" });
    const next = await untilTraffic(pipeline);
    expect(next.revision).toBeGreaterThan(first.revision);
    expect(next.gaps.map(({ because }) => because)).not.toContain("telemetry has not been read yet");
  });

  it("of a large mesh waits a moment for its traffic, and is not drawn without", async () => {
    const cluster = new Cluster();
    const whole = cluster.now;
    const [namespace] = whole.objects.Namespace;
    if (namespace === undefined) throw new Error("the scene has namespaces");
    const many = Array.from({ length: 5_000 }, (_, at) => ({ ...namespace, name: `team-${at}` }));
    const [configuration, traffic] = [Promise.withResolvers<undefined>(), Promise.withResolvers<Telemetry>()];
    const telemetry = await cluster.read();
    cluster.now = { ...whole, objects: { ...whole.objects, Pod: [], Service: [], Namespace: [] } };
    cluster.readyWhen = configuration.promise;
    cluster.read = () => traffic.promise;
    const { pipeline, events } = open(cluster);
    const before = events.length;
    cluster.change({ ...whole, objects: { ...whole.objects, Namespace: [...whole.objects.Namespace, ...many] } });
    configuration.resolve(undefined);
    await wait(300);
    expect(events.length).toBe(before);
    traffic.resolve(telemetry);
    await until(() => events.length > before);
    const view = await viewOf(pipeline);
    expect(view.nodes.map(({ id }) => id)).toContain("foo/httpbin");
    expect(view.edges.length).toBeGreaterThan(0);
  });

  it("follows a change of configuration, and many changes at once in one revision", async () => {
    const cluster = new Cluster();
    const { pipeline, events } = open(cluster);
    await untilTraffic(pipeline);
    const before = events.length;
    for (let change = 0; change < 100; change += 1) cluster.change();
    await until(() => events.length > before);
    await wait(150);
    expect(events.length).toBe(before + 1);
  });

  it("is serialised once per revision", async () => {
    const { pipeline } = open(new Cluster());
    await untilTraffic(pipeline);
    const [first, second] = [await pipeline.senders(), await pipeline.senders()];
    expect(second).toBe(first);
    expect(await pipeline.mesh()).toBe(await pipeline.mesh());
  });

  it("judges a configuration once, however often telemetry changes", async () => {
    let judged = 0;
    let evaluated = 0;
    const counting: Stages = {
      ...STAGES,
      judge: (configuration, before) => {
        judged += 1;
        return STAGES.judge(configuration, before);
      },
      evaluate: (snapshot, judge, before) => {
        evaluated += 1;
        return STAGES.evaluate(snapshot, judge, before);
      },
    };
    const cluster = new Cluster();
    cluster.refreshMs = 10;
    const { pipeline, events } = open(cluster, counting);
    await until(() => events.length > 4);
    expect(evaluated).toBeGreaterThan(4);
    expect(judged).toBe(1);
    cluster.refreshMs = 1_000_000;
    cluster.change();
    await until(() => judged === 2);
    await pipeline.stop();
  });

  it("evaluates nothing again when only a status changed, and shows the status", async () => {
    let evaluated = 0;
    const cluster = new Cluster();
    const { pipeline, events } = open(cluster, {
      ...STAGES,
      evaluate: (snapshot, judge, before) => {
        evaluated += 1;
        return STAGES.evaluate(snapshot, judge, before);
      },
    });
    await untilTraffic(pipeline);
    const before = { evaluated, events: events.length };
    cluster.configurationStatus = { ...cluster.configurationStatus, state: "stale", message: "https://staging: connection refused" };
    cluster.change(cluster.now);
    await until(() => events.length > before.events);
    expect(evaluated).toBe(before.evaluated);
    expect((await viewOf(pipeline)).sources).toContainEqual(cluster.configurationStatus);
  });
});

describe("when something fails, the last picture stays", () => {
  it("with the traffic of a Prometheus that went away, its age, and what is missing", async () => {
    const cluster = new Cluster();
    cluster.refreshMs = 20;
    const { pipeline } = open(cluster);
    const before = await untilTraffic(pipeline);
    const lastRead = cluster.read;
    cluster.telemetryStatus = { kind: "telemetry", name: "Prometheus", state: "stale", readAtMs: Date.now(), message: "http://prometheus: connection refused" };
    cluster.read = async () => ({ ...(await lastRead()), rows: [], lookBackRows: [], gaps: [{ wanted: "traffic", because: "connection refused" }] });
    await until(async () => (await viewOf(pipeline)).gaps.some(({ because }) => because === "connection refused"));
    const after = await viewOf(pipeline);
    expect(after.edges.map(({ id, state }) => [id, state])).toEqual(before.edges.map(({ id, state }) => [id, state]));
    expect(after.window.endMs).toBeLessThanOrEqual(cluster.telemetryStatus.readAtMs ?? 0);
    expect(after.sources).toContainEqual(cluster.telemetryStatus);
  });

  it("when the engine throws, with a source that names the fault; and the next good state replaces it", async () => {
    const cluster = new Cluster();
    let broken = false;
    const { pipeline, events } = open(cluster, {
      ...STAGES,
      judge: (configuration) => {
        if (broken) throw new RangeError("a fault for the test");
        return STAGES.judge(configuration);
      },
    });
    const before = await untilTraffic(pipeline);
    broken = true;
    const seen = events.length;
    cluster.change();
    await until(() => events.length > seen);
    const outdated = await viewOf(pipeline);
    expect(outdated.revision).toBeGreaterThan(before.revision);
    expect(outdated.edges).toEqual(before.edges);
    expect(outdated.capturedAtMs).toBe(before.capturedAtMs);
    const fault = outdated.sources.find(({ kind }) => kind === "evaluation");
    expect(fault).toMatchObject({ state: "stale", readAtMs: before.capturedAtMs });
    expect(fault?.message).toContain("a fault for the test");
    broken = false;
    cluster.change();
    await until(async () => (await viewOf(pipeline)).sources.every(({ kind }) => kind !== "evaluation"));
  });

  it("and where there was none yet, an error says why until there is one", async () => {
    const cluster = new Cluster();
    let broken = true;
    const { pipeline } = open(cluster, {
      ...STAGES,
      presentWhole: (verdicts, circumstances) => {
        if (broken) throw new Error("a fault for the test");
        return STAGES.presentWhole(verdicts, circumstances);
      },
    });
    expect(await pipeline.mesh()).toMatchObject({ kind: "refused", status: 503, code: "no_picture_yet", message: expect.stringContaining("a fault for the test") as string });
    expect(await pipeline.workload("foo", "httpbin")).toMatchObject({ kind: "refused", status: 503 });
    broken = false;
    cluster.change();
    await until(async () => (await pipeline.mesh()).kind === "page");
  });

  it("and a page that cannot be presented fails alone", async () => {
    const { pipeline } = open(new Cluster(), {
      ...STAGES,
      presentSenders: () => {
        throw new Error("a fault for the test");
      },
    });
    expect(await pipeline.senders()).toMatchObject({ kind: "refused", status: 500, code: "internal", message: expect.stringContaining("a fault for the test") as string });
    expect((await pipeline.mesh()).kind).toBe("page");
    expect((await pipeline.proposals()).kind).toBe("page");
  });
});

describe("health", () => {
  it("is not ready before each source was read once, and says which was not", async () => {
    const cluster = new Cluster();
    cluster.telemetryStatus = { kind: "telemetry", name: "Prometheus", state: "starting", readAtMs: null, message: "http://prometheus: connection refused" };
    const { pipeline } = open(cluster);
    await untilTraffic(pipeline);
    expect(pipeline.health().notReady).toEqual(["Prometheus has not been read yet: http://prometheus: connection refused"]);
    cluster.telemetryStatus = { kind: "telemetry", name: "Prometheus", state: "stale", readAtMs: 2, message: "http://prometheus: connection refused" };
    expect(pipeline.health().notReady).toEqual([]);
    cluster.telemetryStatus = { kind: "telemetry", name: "Prometheus", state: "absent", readAtMs: null, message: "no Prometheus was given" };
    expect(pipeline.health()).toMatchObject({ notReady: [], sources: [cluster.configurationStatus, cluster.telemetryStatus] });
  });

  it("is not ready while the newest state cannot be evaluated", async () => {
    const cluster = new Cluster();
    let broken = false;
    const { pipeline } = open(cluster, {
      ...STAGES,
      presentWhole: (verdicts, circumstances) => {
        if (broken) throw new Error("a fault for the test");
        return STAGES.presentWhole(verdicts, circumstances);
      },
    });
    await untilTraffic(pipeline);
    expect(pipeline.health().notReady).toEqual([]);
    broken = true;
    cluster.change();
    await until(() => pipeline.health().notReady.length > 0);
    expect(pipeline.health().notReady.join()).toContain("a fault for the test");
    expect(textOf(await pipeline.metrics())).toMatch(/^mtlscope_evaluation_failures_total [1-9]/m);
    broken = false;
    cluster.change();
    await until(() => pipeline.health().notReady.length === 0);
  });

  it("is told in numbers: sources, evaluations, the picture; of no workload by name", async () => {
    const cluster = new Cluster();
    cluster.telemetryStatus = { kind: "telemetry", name: "Prometheus", state: "stale", readAtMs: Date.now() - 90_000, message: "gone" };
    const { pipeline } = open(cluster);
    const view = await untilTraffic(pipeline);
    const text = textOf(await pipeline.metrics());
    expect(text).toContain('mtlscope_source_state{source="Prometheus",state="stale"} 1\n');
    expect(text).toContain('mtlscope_source_state{source="Prometheus",state="live"} 0\n');
    expect(Number(/^mtlscope_source_read_age_seconds\{source="Prometheus"\} (.*)$/m.exec(text)?.[1])).toBeCloseTo(90, 0);
    expect(text).toContain(`mtlscope_edges{state="plaintext"} ${view.edges.filter(({ state }) => state === "plaintext").length}\n`);
    expect(text).toContain(`mtlscope_revision ${view.revision}\n`);
    expect(text).toContain(`mtlscope_workloads ${view.totals.workloads}\n`);
    expect(text).toMatch(/^mtlscope_evaluation_seconds_count [1-9]/m);
    expect(text).toMatch(/^mtlscope_view_bytes [1-9]\d+$/m);
    for (const part of ["used", "total", "external"]) expect(text).toMatch(new RegExp(`^mtlscope_heap_bytes\\{part="${part}"\\} [1-9]`, "m"));
    expect(text).toContain('mtlscope_requests_total{to="prometheus",result="failed"} 0\n');
    expect(text).not.toContain("httpbin");
  });
});

describe("small changes", () => {
  it("one after the other make the whole picture of the newest revision", async () => {
    const watched = open(playgroundSources({ scene: "migration" }));
    const { pipeline, events } = watched;
    let view = await untilTraffic(pipeline);
    const from = events.length;
    const { id } = bodyOf(await pipeline.apply("namespace:foo")) as { readonly id: string };
    await pipeline.setPlayground({ accessLogs: false });
    await pipeline.undo(id);
    const told = events.slice(from).filter(({ revision }) => revision > view.revision);
    expect(told.length).toBeGreaterThanOrEqual(3);
    for (const { since, delta } of told) {
      expect(since).toBe(view.revision);
      view = withMeshDelta(view, JSON.parse(delta ?? "") as MeshDelta);
    }
    expect(view).toEqual(await viewOf(pipeline));
  });

  it("of another scene are none: the picture is to be taken whole", async () => {
    const { pipeline, events } = open(playgroundSources({ scene: "migration" }));
    await untilTraffic(pipeline);
    await pipeline.setPlayground({ scene: "shop" });
    for (const { delta } of events) expect((delta ?? "").length).toBeLessThan(480_000);
    expect(events.at(-1)?.revision).toBe((await viewOf(pipeline)).revision);
  });
});

describe("a cluster is only read", () => {
  it("nothing can be applied, undone or set", async () => {
    const { pipeline } = open(new Cluster());
    const refusal = { kind: "refused", status: 409, code: "not_playground", message: expect.stringContaining("kubectl") as string };
    expect(await pipeline.apply("namespace:foo")).toMatchObject(refusal);
    expect(await pipeline.undo("1")).toMatchObject(refusal);
    expect(await pipeline.setPlayground({ accessLogs: true })).toMatchObject(refusal);
    expect((await viewOf(pipeline)).mesh).toMatchObject({ name: "staging", simulated: false, playground: null });
    expect(bodyOf(await pipeline.proposal("namespace:foo"))).toMatchObject({ applicable: false, notApplicableBecause: expect.stringContaining("only reads clusters") as string });
  });
});

describe("the playground", () => {
  it("answers a change when the picture shows it", async () => {
    const { pipeline } = open(playgroundSources({ scene: "migration" }));
    await untilTraffic(pipeline);
    const { revision, id } = bodyOf(await pipeline.apply("namespace:foo")) as { readonly revision: number; readonly id: string };
    const view = await viewOf(pipeline);
    expect(view.revision).toBe(revision);
    expect(view.mesh.playground?.applied.map((change) => change.id)).toEqual([id]);
    expect(view.namespaces.find(({ name }) => name === "foo")?.readiness.kind).toBe("is STRICT");
    expect(await pipeline.apply("namespace:foo")).toMatchObject({ kind: "refused", status: 409, code: "nothing_to_propose" });
    const decidedBy = [{ kind: "PeerAuthentication", namespace: "foo", name: "default" }];
    expect(bodyOf(await pipeline.proposal("namespace:foo"))).toMatchObject({ schema: "mtlscope-no-proposal/1", id: "namespace:foo", scope: { kind: "namespace", namespace: "foo" }, sentence: "foo is STRICT already.", reopening: { decidedBy } });
    expect(await pipeline.proposal("namespace:nowhere")).toMatchObject({ kind: "refused", status: 404 });
    await pipeline.undo(id);
    expect((await viewOf(pipeline)).mesh.playground?.applied).toEqual([]);
    expect(await pipeline.undo(id)).toMatchObject({ kind: "refused", status: 404 });
  });

  it("applies one proposal once, however often it is asked at the same time", async () => {
    const { pipeline } = open(playgroundSources({ scene: "migration" }));
    await untilTraffic(pipeline);
    const answers = await Promise.all([1, 2, 3].map(() => pipeline.apply("namespace:foo")));
    expect(answers.map((answer) => (answer.kind === "refused" ? answer.code : "page"))).toEqual(["page", "nothing_to_propose", "nothing_to_propose"]);
    expect((await viewOf(pipeline)).mesh.playground?.applied).toHaveLength(1);
  });

  it("opens another scene, and its picture holds nothing of the first", async () => {
    const { pipeline } = open(playgroundSources({ scene: "migration" }));
    await untilTraffic(pipeline);
    await pipeline.setPlayground({ scene: "shop" });
    const view = await viewOf(pipeline);
    expect(view.mesh.playground?.scene).toBe("shop");
    expect(view.namespaces.map(({ name }) => name)).not.toContain("foo");
    expect(view.nodes.map(({ id }) => id).filter((id) => id.includes("httpbin"))).toEqual([]);
    expect(view.edges.length).toBeGreaterThan(40);
  });
});

describe("stop", () => {
  it("ends subscriptions at once, then the sources, and nothing follows", async () => {
    const cluster = new Cluster();
    cluster.refreshMs = 10;
    const watched = open(cluster);
    await untilTraffic(watched.pipeline);
    const stopping = watched.pipeline.stop();
    expect(watched.ended).toBe(true);
    await stopping;
    expect(cluster.stopped).toBe(true);
    const seen = watched.events.length;
    cluster.change();
    await wait(120);
    expect(watched.events.length).toBe(seen);
  });
});
