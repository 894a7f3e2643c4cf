import type { Gap, Telemetry, TrafficRow } from "#mesh";
import type { SourceStatus, TelemetrySource } from "#sources";
import { afterEach, describe, expect, it } from "vitest";
import { TelemetryFeed } from "../../lib/pipeline/telemetryFeed.ts";
import { logged } from "../sources/logged.ts";

const REQUEST = { windowSeconds: 900, lookBackSeconds: 3600, endMs: null };

const ROW: TrafficRow = {
  what: "traffic",
  reporter: "destination",
  proxy: "envoy",
  family: "http",
  connectionSecurityPolicy: "none",
  client: { namespace: "legacy", workload: "sleep", principal: null },
  server: { namespace: "foo", workload: "httpbin", principal: null },
  serviceHost: "httpbin.foo.svc.cluster.local",
  serviceName: "httpbin",
  responseCode: "200",
  responseFlags: "-",
  count: 450,
  bytes: 0,
  extrapolated: false,
  lastSeenMs: 900_000,
};

function telemetry(rows: readonly TrafficRow[], gaps: readonly Gap[] = [], windowEndMs = 1_000_000): Telemetry {
  return { windowStartMs: windowEndMs - 900_000, windowEndMs, rows, lookBackRows: [], lookBackStartMs: 0, gaps, queries: [] };
}

/** A source that answers what the test puts into it. */
class Scripted implements TelemetrySource {
  readonly refreshMs = 1_000_000;
  answer: () => Promise<Telemetry> = () => Promise.resolve(telemetry([]));
  state: SourceStatus["state"] = "live";
  reads = 0;

  read(): Promise<Telemetry> {
    this.reads += 1;
    return this.answer();
  }

  status(): readonly SourceStatus[] {
    return [{ kind: "telemetry", name: "Prometheus", state: this.state, readAtMs: 1_000_000, message: this.state === "live" ? "" : "connection refused" }];
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

const opened: TelemetryFeed[] = [];

function feedOf(source: TelemetrySource, onRead: () => void = () => undefined): TelemetryFeed {
  const feed = new TelemetryFeed(source, REQUEST, onRead);
  opened.push(feed);
  return feed;
}

afterEach(() => {
  for (const feed of opened.splice(0)) feed.stop();
});

describe("telemetry feed", () => {
  it("says before the first read that nothing was read, instead of showing an idle mesh", () => {
    const current = feedOf(new Scripted()).current();
    expect(current.rows).toEqual([]);
    expect(current.gaps).toEqual([{ wanted: "traffic", because: "telemetry has not been read yet" }]);
  });

  it("keeps the rows and their window while the source is down, and names what is missing once, however long it lasts", async () => {
    const source = new Scripted();
    const feed = feedOf(source);
    source.answer = () => Promise.resolve(telemetry([ROW], [{ wanted: "refused connections", because: "no access log is read" }]));
    await feed.readNow();
    source.answer = () => Promise.resolve(telemetry([], [{ wanted: "traffic", because: "connection refused" }], 2_000_000));
    source.state = "stale";
    await feed.readNow();
    await feed.readNow();
    expect(feed.current().rows).toEqual([ROW]);
    expect(feed.current().windowEndMs).toBe(1_000_000);
    expect(feed.current().gaps).toEqual([
      { wanted: "traffic", because: "connection refused" },
      { wanted: "refused connections", because: "no access log is read" },
    ]);
    expect(feed.status()[0]?.state).toBe("stale");
  });

  it("shows an empty window as empty when the source is up: traffic that ended is not kept", async () => {
    const source = new Scripted();
    const feed = feedOf(source);
    source.answer = () => Promise.resolve(telemetry([ROW]));
    await feed.readNow();
    source.answer = () => Promise.resolve(telemetry([], [], 2_000_000));
    await feed.readNow();
    expect(feed.current().rows).toEqual([]);
    expect(feed.current().windowEndMs).toBe(2_000_000);
  });

  it("recovers by itself", async () => {
    const source = new Scripted();
    const feed = feedOf(source);
    source.answer = () => Promise.resolve(telemetry([ROW]));
    await feed.readNow();
    source.state = "stale";
    source.answer = () => Promise.resolve(telemetry([], [{ wanted: "traffic", because: "connection refused" }]));
    await feed.readNow();
    source.state = "live";
    source.answer = () => Promise.resolve(telemetry([{ ...ROW, count: 7 }], [], 3_000_000));
    await feed.readNow();
    expect(feed.current().rows).toEqual([{ ...ROW, count: 7 }]);
    expect(feed.current().gaps).toEqual([]);
  });

  it("survives a source that throws: the last rows stay, the status says what happened, and the log where", async () => {
    const source = new Scripted();
    const feed = feedOf(source);
    source.answer = () => Promise.resolve(telemetry([ROW]));
    await feed.readNow();
    source.answer = () => Promise.reject(new Error("out of paper"));
    const lines = await logged(() => feed.readNow());
    expect(lines).toMatchObject([{ level: "error", because: expect.stringMatching(/Error: out of paper.* at .*telemetryFeed\.test/) as string }]);
    expect(feed.current().rows).toEqual([ROW]);
    expect(feed.status()).toHaveLength(1);
    expect(feed.status()[0]).toMatchObject({ kind: "telemetry", name: "telemetry", state: "stale", readAtMs: 1_000_000 });
    expect(feed.status()[0]?.message).toContain("out of paper");
  });

  it("reads one at a time, and a read asked for during another sees what came after it was asked", async () => {
    const source = new Scripted();
    const feed = feedOf(source);
    let reading = 0;
    let most = 0;
    source.answer = async () => {
      reading += 1;
      most = Math.max(most, reading);
      await new Promise((wake) => setTimeout(wake, 20));
      reading -= 1;
      return telemetry([{ ...ROW, count: source.reads }]);
    };
    const first = feed.readNow();
    await new Promise((wake) => setTimeout(wake, 5));
    await Promise.all([first, feed.readNow(), feed.readNow()]);
    expect(most).toBe(1);
    expect(source.reads).toBe(2);
    expect(feed.current().rows).toEqual([{ ...ROW, count: 2 }]);
  });

  it("does nothing after stop", async () => {
    const source = new Scripted();
    let told = 0;
    const feed = feedOf(source, () => (told += 1));
    feed.stop();
    await feed.readNow();
    expect(source.reads).toBe(0);
    expect(told).toBe(0);
  });
});
