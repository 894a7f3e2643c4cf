import { setTimeout as wait } from "node:timers/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { Misconfiguration } from "#sources";
import type { Answer, Halt, ViewEvent } from "#pipeline";
import type { MeshView } from "#view";
import { afterEach, describe, expect, it } from "vitest";
import { MeshThread } from "../../lib/pipeline/thread/meshThread.ts";
import { logged } from "../sources/logged.ts";

const program = join(resolve(import.meta.dirname, "../.."), "lib/pipeline/thread/worker.ts");

interface Watched {
  readonly thread: MeshThread;
  /** every thread that was started, the one at work last */
  readonly workers: Worker[];
  readonly events: ViewEvent[];
  readonly halts: Halt[];
  ended: boolean;
}

const opened: MeshThread[] = [];

function open(settings: Readonly<Record<string, string>> = { MTLSCOPE_PLAYGROUND: "migration" }): Watched {
  const workers: Worker[] = [];
  const thread = new MeshThread((workerData) => {
    const worker = new Worker(program, { workerData, env: settings, execArgv: [], stderr: true });
    workers.push(worker);
    return worker;
  });
  opened.push(thread);
  const watched: Watched = { thread, workers, events: [], halts: [], ended: false };
  thread.subscribe({ view: (event) => watched.events.push(event), halted: (halt) => watched.halts.push(halt), end: () => (watched.ended = true) });
  return watched;
}

afterEach(async () => {
  for (const thread of opened.splice(0)) await thread.stop();
});

function viewIn(answer: Answer): MeshView {
  if (answer.kind === "refused") throw new Error(answer.message);
  return JSON.parse(gunzipSync(answer.bytes).toString("utf8")) as MeshView;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await condition()) return;
    await wait(20);
  }
  throw new Error("not within 10 s");
}

async function untilTraffic({ thread }: Watched): Promise<MeshView> {
  await thread.opened();
  await until(async () => {
    const answer = await thread.ask("mesh");
    return answer.kind === "page" && viewIn(answer).edges.length > 0;
  });
  return viewIn(await thread.ask("mesh"));
}

describe("the mesh, read in another thread", () => {
  it("answers every question as bytes, and what cannot be answered as a refusal", async () => {
    const watched = open();
    const view = await untilTraffic(watched);
    expect(view.nodes.map(({ id }) => id)).toContain("foo/httpbin");
    const { thread } = watched;
    expect(await thread.ask("workload", "foo", "httpbin")).toMatchObject({ kind: "page", encoding: "identity" });
    expect(await thread.ask("edge", view.edges[0]?.id ?? "")).toMatchObject({ kind: "page" });
    expect(await thread.ask("edge", "nobody")).toMatchObject({ kind: "refused", status: 404 });
  });

  it("shows a change in the picture before the change is answered", async () => {
    const watched = open();
    await untilTraffic(watched);
    const answer = await watched.thread.ask("apply", "namespace:foo");
    if (answer.kind === "refused") throw new Error(answer.message);
    const { revision } = JSON.parse(new TextDecoder().decode(answer.bytes)) as { readonly revision: number };
    expect(viewIn(await watched.thread.ask("mesh")).revision).toBeGreaterThanOrEqual(revision);
    expect(watched.events.map((event) => event.revision)).toContain(revision);
  });

  it("is sent from memory while the thread is busy", async () => {
    const watched = open();
    await untilTraffic(watched);
    const [first, second] = [await watched.thread.ask("mesh"), await watched.thread.ask("mesh")];
    expect(second).toBe(first);
  });

  it.each([
    ["no such scene", { MTLSCOPE_PLAYGROUND: "nowhere" }, "nowhere"],
    ["no such kubeconfig", { MTLSCOPE_KUBECONFIG: "/does-not-exist" }, "/does-not-exist"],
  ])("says what is wrong with the settings: %s", async (_, settings, words) => {
    const opening = open(settings).thread.opened();
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.toBeInstanceOf(Misconfiguration);
  });

  it("a fault of ours while it opens is not told as one of the settings: where it happened is logged, and it is tried again", async () => {
    const failing = `Date.now = () => { throw new TypeError("planted"); }; await import(${JSON.stringify(pathToFileURL(program).href)});`;
    let starts = 0;
    const lines = await logged(async () => {
      const thread = new MeshThread((workerData) => {
        starts += 1;
        return new Worker(new URL(`data:text/javascript,${encodeURIComponent(failing)}`), { workerData, env: { MTLSCOPE_PLAYGROUND: "migration" }, execArgv: [] });
      });
      opened.push(thread);
      await thread.opened();
      expect(thread.health.notReady.join()).toContain("started again");
      await until(() => starts === 2);
    });
    expect(lines[0]).toMatchObject({ level: "error", message: expect.stringContaining("this is a fault of mtlscope") as string, because: expect.stringMatching(/TypeError: planted.* at /) as string });
  });
});

describe("health", () => {
  it("is known at once, and becomes ready", async () => {
    const { thread } = open();
    expect(thread.health.notReady).toEqual(["the mesh has not been read yet"]);
    await until(() => thread.health.notReady.length === 0);
    expect(thread.health.sources.map(({ state }) => state)).toEqual(["live", "live"]);
  });

  it("is told in numbers of both threads", async () => {
    const watched = open();
    await untilTraffic(watched);
    const text = await watched.thread.metrics();
    expect(text).toContain("mtlscope_thread_up 1\n");
    expect(text).toContain("mtlscope_subscribers 1\n");
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
    expect(text).toMatch(/^mtlscope_evaluation_seconds_count [1-9]/m);
    for (const stage of ["judge", "evaluate", "presentWhole", "delta"]) expect(text).toMatch(new RegExp(`^mtlscope_stage_seconds_count\\{stage="${stage}"\\} [1-9]`, "m"));
    const names = text.match(/^# TYPE \S+/gm) ?? [];
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("a thread that dies", () => {
  it("is started again: its questions are refused meanwhile, revisions go on, subscribers stay", async () => {
    const watched = open();
    const before = await untilTraffic(watched);
    const asked = watched.thread.ask("proposals");
    await watched.workers[0]?.terminate();
    expect(["page", "restarting"]).toContain(await asked.then((answer) => (answer.kind === "page" ? "page" : answer.code)));
    expect(await watched.thread.ask("mesh")).toMatchObject({ kind: "refused", status: 503, code: "restarting" });
    expect(watched.thread.health.notReady.join()).toContain("started again");
    expect(await watched.thread.metrics()).toMatch(/^mtlscope_thread_up 0$/m);
    expect(watched.halts).toMatchObject([{ message: expect.stringContaining("started again") as string }]);
    const seen = watched.events.length;
    await until(() => watched.events.length > seen);
    const after = await untilTraffic(watched);
    expect(watched.workers).toHaveLength(2);
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(watched.events.map(({ revision }) => revision)).toEqual([...new Set(watched.events.map(({ revision }) => revision))].sort((left, right) => left - right));
  });

  it("is given up when it hangs, and started again", async () => {
    const hanging = `import { parentPort } from "node:worker_threads"; parentPort.on("message", ({ kind }) => { while (kind === "hang"); }); await import(${JSON.stringify(pathToFileURL(program).href)});`;
    const workers: Worker[] = [];
    const thread = new MeshThread((workerData) => {
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(hanging)}`), { workerData, env: { MTLSCOPE_PLAYGROUND: "migration" }, execArgv: [], stderr: true });
      workers.push(worker);
      return worker;
    }, { everyMs: 200, missed: 15 });
    opened.push(thread);
    await thread.opened();
    await until(() => thread.health.notReady.length === 0);
    workers[0]?.postMessage({ kind: "hang" });
    expect(workers).toHaveLength(1);
    await until(() => workers.length === 2);
    await until(() => thread.health.notReady.length === 0);
  }, 60_000);

  it("is not started again once everything was stopped", async () => {
    const watched = open();
    await watched.thread.opened();
    await watched.thread.stop();
    expect(watched.ended).toBe(true);
    await wait(700);
    expect(watched.workers).toHaveLength(1);
    expect(await watched.thread.ask("mesh")).toMatchObject({ kind: "refused" });
  });

  it("stops within its second when it is stopped while it starts", async () => {
    const watched = open();
    const askedMs = performance.now();
    await watched.thread.stop();
    expect(performance.now() - askedMs).toBeLessThan(1_500);
  });
});
