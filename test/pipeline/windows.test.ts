import { setTimeout as wait } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { Telemetry } from "#mesh";
import type { Answer, AskedWindow } from "#pipeline";
import type { MeshSources, TelemetryRequest, Waiting } from "#sources";
import type { MeshView } from "#view";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MeshPipeline } from "../../lib/pipeline/pipeline.ts";
import { STAGES } from "../../lib/pipeline/stages.ts";
import { playgroundSources } from "../../lib/sources/playground/index.ts";

const DAY: AskedWindow = { windowSeconds: 86_400, endMs: null };
const opened: MeshPipeline[] = [];

interface Asking {
  readonly requests: TelemetryRequest[];
  /** what a window other than the followed one is answered */
  readonly read: (request: TelemetryRequest, waiting: Waiting) => Promise<Telemetry>;
}

function open({ requests, read }: Asking, more: Partial<MeshSources> = {}): MeshPipeline {
  const scene = playgroundSources({ scene: "migration" });
  const telemetry: MeshSources["telemetry"] = {
    ...scene.telemetry,
    refreshMs: 1_000_000,
    read: (request, waiting) => {
      if (request.endMs === null || waiting === undefined) return scene.telemetry.read(request);
      requests.push(request);
      return read(request, waiting);
    },
  };
  const pipeline = new MeshPipeline({ ...scene, telemetry, ...more }, STAGES);
  opened.push(pipeline);
  return pipeline;
}

afterEach(async () => {
  vi.useRealTimers();
  for (const pipeline of opened.splice(0)) await pipeline.stop();
});

function simulated(request: TelemetryRequest): Promise<Telemetry> {
  return playgroundSources({ scene: "migration" }).telemetry.read(request);
}

function bodyOf(answer: Answer): MeshView {
  if (answer.kind === "refused") throw new Error(`${answer.status} ${answer.code} ${answer.message}`);
  return JSON.parse(new TextDecoder().decode(answer.encoding === "gzip" ? gunzipSync(answer.bytes) : answer.bytes)) as MeshView;
}

describe("a window other than the followed one", () => {
  it("is read once for all who ask, with the look-back that goes with it, and drawn once", async () => {
    const requests: TelemetryRequest[] = [];
    const pipeline = open({ requests, read: simulated });
    const endMs = Date.UTC(2026, 10, 24, 10);
    const asked = { windowSeconds: 21_600, endMs };
    const answers = await Promise.all([pipeline.mesh(asked), pipeline.mesh({ ...asked, endMs: endMs + 59_000 }), pipeline.senders(asked), pipeline.proposals(asked)]);
    expect(requests).toEqual([{ windowSeconds: 21_600, lookBackSeconds: 21_600, endMs }]);
    expect(await pipeline.mesh(asked)).toBe(answers[0]);
    expect(bodyOf(answers[0]).window).toMatchObject({ startMs: endMs - 21_600_000, endMs, seconds: 21_600, followed: false });
    expect(bodyOf(await pipeline.mesh()).window).toMatchObject({ seconds: 900, followed: true });
  });

  it.each([[300, 3600], [3600, 3600], [21_600, 21_600], [86_400, 86_400], [604_800, 86_400]])("of %i s has a look-back of %i s", async (windowSeconds, lookBackSeconds) => {
    const requests: TelemetryRequest[] = [];
    const pipeline = open({ requests, read: simulated });
    await pipeline.mesh({ windowSeconds, endMs: null });
    expect(requests).toMatchObject([{ windowSeconds, lookBackSeconds }]);
  });

  it("shows what has been read so far and how much that is, then the whole, with another ETag", async () => {
    const whole = Promise.withResolvers<Telemetry>();
    const request = { windowSeconds: 86_400, lookBackSeconds: 86_400, endMs: Date.now() };
    const full = await simulated(request);
    const covered = [{ startMs: full.windowEndMs - 15_600_000, endMs: full.windowEndMs }];
    const pipeline = open({ requests: [], read: (_, { told }) => {
      told({ ...full, rows: full.rows.slice(0, 3), lookBackRows: [], covered });
      return whole.promise;
    } });
    const first = await pipeline.mesh(DAY);
    expect(bodyOf(first).sources).toContainEqual({ kind: "window", name: "window of 1 d", state: "starting", readAtMs: null, message: "being read, the newest first: 4 h 20 min of 1 d read" });
    expect(bodyOf(first).window).toMatchObject({ covered, coveredSeconds: 15_600 });
    whole.resolve(full);
    await wait(20);
    const second = await pipeline.mesh(DAY);
    expect(bodyOf(second).sources.find(({ kind }) => kind === "window")).toMatchObject({ state: "live", message: "" });
    expect(bodyOf(second).edges.length).toBeGreaterThan(bodyOf(first).edges.length);
    expect(second.kind === "page" && first.kind === "page" && second.revision !== first.revision).toBe(true);
  });

  it("too short for how often is scraped is refused with the reason", async () => {
    const refused = "a window of 60 s is shorter than 4 scrapes: job `envoy-stats` is scraped about every 30 s";
    const pipeline = open({ requests: [], read: async (request) => ({ ...(await simulated(request)), rows: [], lookBackRows: [], refused }) });
    expect(await pipeline.mesh({ windowSeconds: 60, endMs: null })).toEqual({ kind: "refused", status: 422, code: "window_too_short", message: refused });
  });

  it("of which nothing could be read says why, and a fault of the source leaves the others alone", async () => {
    const pipeline = open({ requests: [], read: () => Promise.reject(new Error("a fault for the test")) });
    const view = bodyOf(await pipeline.mesh(DAY));
    expect(view.sources).toContainEqual(expect.objectContaining({ kind: "window", name: "window of 1 d", state: "stale", message: expect.stringContaining("please report it") as string }));
    expect(view.edges).toEqual([]);
    expect(bodyOf(await pipeline.mesh()).window.followed).toBe(true);
  });

  it("that could not be read to its end is stale with the reason, and a minute later goes on for whoever asks", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const startedMs = Date.UTC(2026, 10, 24, 10);
    vi.setSystemTime(startedMs);
    const requests: TelemetryRequest[] = [];
    const waiting = new Set<Waiting>();
    const pipeline = open({ requests, read: async (request, one) => {
      waiting.add(one);
      const full = await simulated(request);
      if (requests.length > 1) return full;
      one.gaveUp("`http://prometheus:9090` failed (HTTP 500)");
      return { ...full, covered: [{ startMs: full.windowEndMs - 64_800_000, endMs: full.windowEndMs }] };
    } });
    const asked = { windowSeconds: 604_800, endMs: startedMs - 3_600_000 };
    const source = async (): Promise<unknown> => bodyOf(await pipeline.mesh(asked)).sources.find(({ kind }) => kind === "window");
    expect(await source()).toEqual({
      kind: "window", name: "window of 7 d", state: "stale", readAtMs: startedMs,
      message: "18 h of 7 d read: `http://prometheus:9090` failed (HTTP 500); it is tried again for whoever asks after 60 s",
    });
    vi.setSystemTime(startedMs + 59_000);
    await source();
    expect(requests).toHaveLength(1);
    vi.setSystemTime(startedMs + 61_000);
    await source();
    await wait(20);
    expect(await source()).toEqual({ kind: "window", name: "window of 7 d", state: "live", readAtMs: startedMs + 61_000, message: "" });
    expect([requests.length, waiting.size]).toEqual([2, 1]);
    vi.setSystemTime(startedMs + 864_000_000);
    await source();
    expect(requests).toHaveLength(2);
  });

  it("that ends now goes on with the end it had, and an answer that tells less than the one before does not replace it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const startedMs = Date.UTC(2026, 10, 24, 10);
    vi.setSystemTime(startedMs);
    const requests: TelemetryRequest[] = [];
    const coveredDays = [1, 3, 2];
    const pipeline = open({ requests, read: async (request, { gaveUp }) => {
      const full = await simulated(request);
      gaveUp("it failed");
      return { ...full, covered: [{ startMs: full.windowEndMs - (coveredDays[requests.length - 1] ?? 0) * 86_400_000, endMs: full.windowEndMs }] };
    } });
    const seen: unknown[] = [];
    for (const minutes of [0, 2, 31]) {
      vi.setSystemTime(startedMs + minutes * 60_000);
      await pipeline.mesh({ windowSeconds: 604_800, endMs: null });
      await wait(20);
      const { sources, window } = bodyOf(await pipeline.mesh({ windowSeconds: 604_800, endMs: null }));
      seen.push([sources.find(({ kind }) => kind === "window")?.message.split(";")[0], window.coveredSeconds]);
    }
    expect(requests.map(({ endMs }) => ((endMs ?? 0) - startedMs) / 60_000)).toEqual([0, 0, 31]);
    expect(seen).toEqual([["1 d of 7 d read: it failed", 86_400], ["3 d of 7 d read: it failed", 259_200], ["not read anew: it failed", 259_200]]);
  });

  it("that was read just after its end is read again when it may have become more; one read later is not", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const endMs = Date.UTC(2026, 10, 24, 10);
    const requests: TelemetryRequest[] = [];
    const pipeline = open({ requests, read: simulated });
    const numbers: number[] = [];
    for (const minutes of [1, 12, 600]) {
      vi.setSystemTime(endMs + minutes * 60_000);
      await pipeline.mesh({ windowSeconds: 3600, endMs });
      await wait(20);
      numbers.push(requests.length);
    }
    expect(numbers).toEqual([1, 2, 2]);
  });

  it("the last few are kept, the longest unasked goes first", async () => {
    const requests: TelemetryRequest[] = [];
    const pipeline = open({ requests, read: simulated });
    const ended = (hour: number): AskedWindow => ({ windowSeconds: 3600, endMs: Date.UTC(2026, 10, 1, hour) });
    for (const hour of [1, 2, 3, 4, 5, 6, 1, 7]) await pipeline.mesh(ended(hour));
    expect(requests).toHaveLength(7);
    await pipeline.mesh(ended(1));
    expect(requests).toHaveLength(7);
    await pipeline.mesh(ended(2));
    expect(requests).toHaveLength(8);
  });

  it("is read beside one other at most; those that nobody asks for any more are ended, the rest wait and say so", async () => {
    const state = { underWay: 0, most: 0 };
    const requests: TelemetryRequest[] = [];
    const pipeline = open({ requests, read: async (request, { signal }) => {
      state.underWay += 1;
      state.most = Math.max(state.most, state.underWay);
      await new Promise<void>((ended) => { signal.addEventListener("abort", () => { ended(); }); });
      state.underWay -= 1;
      return simulated(request);
    } });
    const ended = (hour: number): AskedWindow => ({ windowSeconds: 604_800, endMs: Date.UTC(2026, 9, 1, hour) });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, hour) => pipeline.mesh(ended(hour))));
    expect([state.most, state.underWay]).toEqual([2, 2]);
    // the last six are kept: of those two are being read
    expect(requests.slice(-2).map(({ endMs }) => endMs)).toEqual([34, 35].map((hour) => Date.UTC(2026, 9, 1, hour)));
    const messages = answers.slice(-6).map((answer) => bodyOf(answer).sources.find(({ kind }) => kind === "window"));
    expect(answers.slice(-6).map((answer) => bodyOf(answer).window.coveredSeconds)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(messages.map((source) => source?.state)).toEqual(Array.from({ length: 6 }, () => "starting"));
    expect(messages.map((source) => source?.message)).toEqual(["being read", "being read", ...Array.from({ length: 4 }, () => "not begun: two other windows are being read, this one comes after them")]);
    await pipeline.setPlayground({ accessLogs: false });
    await expect.poll(() => state.underWay).toBe(0);
  }, 15_000);

  it("does not exist of a saved state, which holds the window that was saved", async () => {
    const pipeline = open({ requests: [], read: simulated }, { saved: { atMs: 1, simulated: true } });
    expect(await pipeline.mesh(DAY)).toMatchObject({ kind: "refused", status: 409, code: "saved_state" });
  });

  it("is read anew after a change in the playground", async () => {
    const requests: TelemetryRequest[] = [];
    const pipeline = open({ requests, read: simulated });
    const asked = { windowSeconds: 3600, endMs: Date.UTC(2026, 10, 1) };
    await pipeline.mesh(asked);
    await pipeline.setPlayground({ accessLogs: false });
    await pipeline.mesh(asked);
    expect(requests).toHaveLength(2);
  });
});
