import { setTimeout as wait } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { Telemetry } from "#mesh";
import type { Answer, AskedWindow } from "#pipeline";
import type { MeshSources, TelemetryRequest } from "#sources";
import type { MeshView } from "#view";
import { afterEach, describe, expect, it } from "vitest";
import { MeshPipeline } from "../../lib/pipeline/pipeline.ts";
import { STAGES } from "../../lib/pipeline/stages.ts";
import { lengthText } from "../../lib/pipeline/windowReading.ts";
import { playgroundSources } from "../../lib/sources/playground/index.ts";

const DAY: AskedWindow = { windowSeconds: 86_400, endMs: null };
const opened: MeshPipeline[] = [];

interface Asking {
  readonly requests: TelemetryRequest[];
  /** what a window other than the followed one is answered */
  readonly read: (request: TelemetryRequest, told: (partial: Telemetry) => void) => Promise<Telemetry>;
}

function open({ requests, read }: Asking, more: Partial<MeshSources> = {}): MeshPipeline {
  const scene = playgroundSources({ scene: "migration" });
  const telemetry: MeshSources["telemetry"] = {
    ...scene.telemetry,
    refreshMs: 1_000_000,
    read: (request, told = () => undefined) => {
      if (request.endMs === null) return scene.telemetry.read(request);
      requests.push(request);
      return read(request, told);
    },
  };
  const pipeline = new MeshPipeline({ ...scene, telemetry, ...more }, STAGES);
  opened.push(pipeline);
  return pipeline;
}

afterEach(async () => {
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
    const pipeline = open({ requests: [], read: (_, told) => {
      told({ ...full, rows: full.rows.slice(0, 3), lookBackRows: [], covered });
      return whole.promise;
    } });
    const first = await pipeline.mesh(DAY);
    expect(bodyOf(first).sources).toContainEqual({ name: "window of 1 d", state: "starting", readAtMs: null, message: "being read, the newest first: 4 h 20 min of 1 d read" });
    expect(bodyOf(first).window).toMatchObject({ covered, coveredSeconds: 15_600 });
    whole.resolve(full);
    await wait(20);
    const second = await pipeline.mesh(DAY);
    expect(bodyOf(second).sources.find(({ name }) => name === "window of 1 d")).toMatchObject({ state: "live", message: "" });
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
    expect(view.sources).toContainEqual(expect.objectContaining({ name: "window of 1 d", state: "absent", message: expect.stringContaining("please report it") as string }));
    expect(view.edges).toEqual([]);
    expect(bodyOf(await pipeline.mesh()).window.followed).toBe(true);
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

it.each([[30, "30 s"], [90, "1 min 30 s"], [900, "15 min"], [3600, "1 h"], [90_000, "1 d 1 h"], [273_600, "3 d 4 h"], [604_800, "7 d"], [0, "0 s"], [86_460, "1 d"]])("%i s in words: %s", (seconds, text) => {
  expect(lengthText(seconds)).toBe(text);
});
