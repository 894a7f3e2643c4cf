// Long windows of which a part cannot be read for now. The server's faults are chosen, so it is none of the real ones; expected numbers by hand.
import { createServer, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Telemetry } from "#mesh";
import type { TelemetrySource, Waiting } from "../../../lib/sources/index.ts";
import { prometheusSource, type PrometheusTuning } from "../../../lib/sources/prometheus/index.ts";

const END_MS = Date.UTC(2026, 6, 8);
const DAY_MS = 86_400_000;
/** a week is read in 28 pieces of six hours, the day before it in 24 of one */
const WEEK = { windowSeconds: 604_800, lookBackSeconds: 86_400, endMs: END_MS } as const;
const PIECE_MS = 21_600_000;
const LABELS = {
  reporter: "destination", connection_security_policy: "mutual_tls", source_workload: "sleep", source_workload_namespace: "foo", source_principal: "spiffe://cluster.local/ns/foo/sa/sleep",
  destination_workload: "httpbin", destination_workload_namespace: "foo", destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin",
};

interface Question {
  readonly text: string;
  readonly atMs: number;
}

type Answer = (response: ServerResponse, question: Question) => void;

const opened: { server: Server | null; source: TelemetrySource | null } = { server: null, source: null };

function vector(result: readonly unknown[]): string {
  return JSON.stringify({ status: "success", data: { resultType: "vector", result } });
}

function isOfRequests(text: string): boolean {
  return text.startsWith("sum by") && text.includes("istio_requests_total") && !text.includes("response_code");
}

/** 100 requests in every piece. */
const good: Answer = (response, { text }) => response.end(vector(isOfRequests(text) ? [{ metric: LABELS, value: [1, "100"] }] : []));

/** No rules are at work. */
const UNRECORDED = JSON.stringify({ status: "success", data: { resultType: "matrix", result: [] } });

function isOfRecords(text: string): boolean {
  return text.startsWith("mtlscope:scraped_targets:count");
}

function matrix(parameters: URLSearchParams): string {
  const [start = 0, end = 0, step = 1] = ["start", "end", "step"].map((name) => Number.parseFloat(parameters.get(name) ?? "0"));
  const values = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, at) => [start + at * step, "3"]);
  return JSON.stringify({ status: "success", data: { resultType: "matrix", result: [{ metric: {}, values }] } });
}

interface Faults extends PrometheusTuning {
  readonly records?: Answer;
}

/** @param answer to questions about traffic */
async function open(answer: Answer, scraped: (response: ServerResponse, parameters: URLSearchParams) => void = (response, parameters) => response.end(matrix(parameters)), { records = (response) => response.end(UNRECORDED), ...tuning }: Faults = {}): Promise<TelemetrySource> {
  const put = (question: Question, response: ServerResponse): void => {
    if (isOfRecords(question.text)) records(response, question);
    else answer(response, question);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const parameters = new URLSearchParams(Buffer.concat(chunks).toString());
      if (request.url?.endsWith("/query_range") === true) scraped(response, parameters);
      else put({ text: parameters.get("query") ?? "", atMs: Number(parameters.get("time")) * 1000 }, response);
    });
  });
  opened.server = server;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const url = `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  opened.source = prometheusSource({ url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null }, tuning);
  return opened.source;
}

function waitingFor(): Waiting & { readonly partials: Telemetry[]; readonly reasons: string[] } {
  const partials: Telemetry[] = [];
  const reasons: string[] = [];
  return { partials, reasons, told: (partial) => partials.push(partial), gaveUp: (because) => reasons.push(because), signal: new AbortController().signal };
}

function countIn({ rows }: Telemetry): number {
  return rows.reduce((sum, row) => sum + (row.what === "traffic" ? row.count : 0), 0);
}

function texts({ gaps }: Telemetry): readonly string[] {
  return gaps.map(({ wanted, because }) => `${wanted}: ${because}`);
}

afterEach(async () => {
  await opened.source?.stop();
  opened.server?.closeAllConnections();
  opened.server?.close();
});

describe("a week of which a part has been read", () => {
  it("says after each piece what has not been, and that goes with the last one", async () => {
    const source = await open(good);
    const waiting = waitingFor();
    const whole = await source.read(WEEK, waiting);
    expect(waiting.partials).toHaveLength(28);
    const before = "what carried traffic before the window, from 2026-06-30 00:00 UTC to 2026-07-01 00:00 UTC: not read yet: the window is read first";
    expect([0, 5, 27].map((at) => waiting.partials.slice(at, at + 1).map(texts))).toEqual([
      [["traffic from 2026-07-01 00:00 UTC to 2026-07-07 18:00 UTC: not read yet: 6 h of 7 d of the window have been read, the newest first", before]],
      [["traffic from 2026-07-01 00:00 UTC to 2026-07-06 12:00 UTC: not read yet: 1 d 12 h of 7 d of the window have been read, the newest first", before]],
      [[before]],
    ]);
    expect(whole.gaps).toEqual([]);
  });

  it("and had nothing in it: there was no traffic in that part, which is not the whole", async () => {
    const source = await open((response) => response.end(vector([])));
    const waiting = waitingFor();
    const whole = await source.read(WEEK, waiting);
    const silent = (telemetry: Telemetry | undefined): string | undefined => telemetry?.gaps.find(({ wanted }) => wanted === "traffic")?.because.replace(/^`.*?` /, "");
    expect(silent(waiting.partials[2])).toBe("holds no Istio metric that grew in the 18 h of 7 d of the window that have been read: there was no traffic, or the proxies are not scraped");
    expect(silent(whole)).toBe("holds no Istio metric that grew in the window or the look-back: there was no traffic, or the proxies are not scraped");
  });

  it("and the look-back failed: the gap tells which of the two it is", async () => {
    const source = await open((response, question) => {
      // from where the second hour before the window begins
      if (question.text.includes("offset 612000s")) response.writeHead(500).end();
      else good(response, question);
    });
    const gaps = texts(await source.read(WEEK, waitingFor()));
    expect(gaps).toContainEqual(expect.stringMatching(/^what carried traffic before the window, from 2026-06-30 00:00 UTC to 2026-06-30 23:00 UTC: it was not asked for any more: .*HTTP 500/));
  });
});

describe("a week of which the server fails to tell a part", () => {
  it("is given up there, says so, and goes on there for the same who waits: nothing is asked or counted twice", async () => {
    const state = { failing: true };
    const asked: number[] = [];
    const source = await open((response, question) => {
      if (state.failing && question.atMs <= END_MS - 3 * PIECE_MS) return void response.writeHead(500).end();
      if (isOfRequests(question.text)) asked.push(question.atMs);
      good(response, question);
    });
    const waiting = waitingFor();
    const first = await source.read(WEEK, waiting);
    expect(waiting.reasons).toEqual([expect.stringMatching(/failed \(HTTP 500\)/)]);
    expect(first.covered).toEqual([{ startMs: END_MS - 64_800_000, endMs: END_MS }]);
    expect(countIn(first)).toBe(300);
    expect(texts(first)).toContainEqual(expect.stringMatching(/^traffic from 2026-07-01 00:00 UTC to 2026-07-07 06:00 UTC: it was not asked for any more: .*HTTP 500/));
    state.failing = false;
    const second = await source.read(WEEK, waiting);
    expect(waiting.reasons).toHaveLength(1);
    expect(second.covered).toEqual([{ startMs: END_MS - 7 * DAY_MS, endMs: END_MS }]);
    expect(countIn(second)).toBe(2800);
    expect(second.gaps).toEqual([]);
    expect(asked).toEqual(Array.from({ length: 28 }, (_, at) => END_MS - at * PIECE_MS));
  });

  it("whoever else waits begins anew", async () => {
    const state = { failing: true };
    const source = await open((response, question) => {
      if (state.failing && question.atMs < END_MS) response.writeHead(500).end();
      else good(response, question);
    });
    await source.read(WEEK, waitingFor());
    state.failing = false;
    expect(countIn(await source.read(WEEK, waitingFor()))).toBe(2800);
  });

  it("in one question of a piece only: the others stand meanwhile, and are not counted twice when all are answered", async () => {
    const state = { failing: true };
    const source = await open((response, question) => {
      if (state.failing && question.text.includes("last_over_time") && question.atMs === END_MS - PIECE_MS) response.writeHead(500).end();
      else good(response, question);
    });
    const waiting = waitingFor();
    const first = await source.read(WEEK, waiting);
    expect([countIn(first), first.covered]).toEqual([200, [{ startMs: END_MS - 2 * PIECE_MS, endMs: END_MS }]]);
    expect(texts(first)).toContainEqual(expect.stringMatching(/^bytes in the window.*HTTP 500.*\(asked for 2026-07-07 12:00 UTC to 2026-07-07 18:00 UTC\)$/));
    state.failing = false;
    const second = await source.read(WEEK, waiting);
    expect([countIn(second), second.gaps]).toEqual([2800, []]);
  });

  it("in the look-back only, or in what was scraped only: that may be there the next time, too", async () => {
    const state = { failing: true };
    const failing = (response: ServerResponse): void => void response.writeHead(500).end();
    const source = await open(
      (response, question) => { if (state.failing && question.text.includes("offset")) failing(response); else good(response, question); },
      (response, parameters) => { if (state.failing) failing(response); else response.end(matrix(parameters)); },
    );
    const waiting = waitingFor();
    const first = await source.read({ ...WEEK, windowSeconds: 900 }, waiting);
    expect(waiting.reasons).toHaveLength(1);
    expect(texts(first)).toContainEqual(expect.stringMatching(/^which part of the window was scraped: .*HTTP 500/));
    state.failing = false;
    const second = await source.read({ ...WEEK, windowSeconds: 900 }, waiting);
    expect([waiting.reasons.length, countIn(second), second.gaps]).toEqual([1, 100, []]);
  });

  it("because even the smallest piece is too much: that is how it stays", async () => {
    const source = await open((response, question) => {
      if (question.atMs > END_MS - 3_600_000 && isOfRequests(question.text)) response.writeHead(422).end('{"status":"error","errorType":"execution","error":"query processing would load too many samples"}');
      else good(response, question);
    });
    const waiting = waitingFor();
    const telemetry = await source.read({ ...WEEK, windowSeconds: 7200, lookBackSeconds: 3600 }, waiting);
    expect(waiting.reasons).toEqual([]);
    expect(telemetry.covered).toEqual([{ startMs: END_MS - 7_200_000, endMs: END_MS - 3_600_000 }]);
  });

  it("because what was scraped is too much in the fewest steps: that is how it stays, too", async () => {
    const source = await open(good, (response) => response.writeHead(422).end('{"status":"error","errorType":"execution","error":"query processing would load too many samples"}'));
    const waiting = waitingFor();
    expect(texts(await source.read(WEEK, waiting))).toEqual([expect.stringMatching(/^which part of the window was scraped: .*too many samples/)]);
    expect(waiting.reasons).toEqual([]);
  });

  it("because a server before it does not wait for what was scraped, in however few steps: that passes", async () => {
    const state = { late: true };
    const source = await open(good, (response, parameters) => {
      if (state.late) response.writeHead(504).end();
      else response.end(matrix(parameters));
    });
    const waiting = waitingFor();
    const request = { ...WEEK, windowSeconds: 900, lookBackSeconds: 3600 };
    expect(texts(await source.read(request, waiting))).toEqual([expect.stringMatching(/^which part of the window was scraped: .*HTTP 504/)]);
    state.late = false;
    expect(texts(await source.read(request, waiting))).toEqual([]);
    expect(waiting.reasons).toEqual([expect.stringMatching(/HTTP 504/)]);
  });

  it("because it is being started, which Prometheus says by 503 without JSON: that passes", async () => {
    const source = await open((response) => response.writeHead(503).end("Service Unavailable"));
    const waiting = waitingFor();
    await source.read(WEEK, waiting);
    expect(waiting.reasons).toEqual([expect.stringMatching(/failed \(HTTP 503\)/)]);
  });

  it("because nobody waits for it any more: what is being asked is cut off, and nothing more is asked", async () => {
    const cut: boolean[] = [];
    const source = await open((response, question) => {
      if (isOfRequests(question.text) && question.atMs === END_MS - PIECE_MS) response.on("close", () => cut.push(response.writableFinished));
      else if (question.atMs < END_MS - PIECE_MS) throw new Error("is asked after the end");
      else good(response, question);
    });
    const leaving = new AbortController();
    const reading = source.read(WEEK, { ...waitingFor(), told: () => { setTimeout(() => { leaving.abort(); }, 50); }, signal: leaving.signal });
    expect((await reading).covered).toEqual([{ startMs: END_MS - PIECE_MS, endMs: END_MS }]);
    await expect.poll(() => cut).toEqual([false]);
  });
});

describe("a week of which it is not known what was recorded", () => {
  const REFUSED = '{"status":"error","errorType":"bad_data","error":"no such expression"}';

  it("is not read from the counters instead: it is told so, and read when it is known", async () => {
    const state = { failing: true };
    const asked: number[] = [];
    const source = await open((response, question) => {
      if (isOfRequests(question.text)) asked.push(question.atMs);
      good(response, question);
    }, undefined, { records: (response) => {
      if (state.failing) response.writeHead(500).end();
      else response.end(UNRECORDED);
    } });
    const waiting = waitingFor();
    const first = await source.read(WEEK, waiting);
    expect([asked, first.rows, first.covered]).toEqual([[], [], []]);
    expect(waiting.reasons).toEqual([expect.stringMatching(/^what is recorded of it is not known: .*HTTP 500/)]);
    expect(texts(first)).toEqual([
      expect.stringMatching(/^traffic from 2026-07-01 00:00 UTC to 2026-07-08 00:00 UTC: what is recorded of it is not known: .*HTTP 500/),
      expect.stringMatching(/^what carried traffic before the window, from 2026-06-30 00:00 UTC to 2026-07-01 00:00 UTC: what is recorded/),
    ]);
    state.failing = false;
    const second = await source.read(WEEK, waiting);
    expect([countIn(second), second.gaps, waiting.reasons.length]).toEqual([2800, [], 1]);
  });

  it("because it was too much just then: it is asked again at once", async () => {
    const state = { late: 2 };
    const source = await open(good, undefined, { waitsMs: [1, 1, 1], records: (response) => {
      state.late -= 1;
      if (state.late >= 0) response.writeHead(504).end();
      else response.end(UNRECORDED);
    } });
    const waiting = waitingFor();
    const whole = await source.read(WEEK, waiting);
    expect([countIn(whole), whole.gaps, waiting.reasons, state.late]).toEqual([2800, [], [], -1]);
  });

  it("because the server takes no such question, and never will: it is read from the counters, and that is told", async () => {
    const source = await open(good, undefined, { records: (response) => response.writeHead(400).end(REFUSED) });
    const waiting = waitingFor();
    const whole = await source.read(WEEK, waiting);
    expect(countIn(whole)).toBe(2800);
    expect(texts(whole)).toEqual([expect.stringMatching(/^what recording rules hold of the window: .*refused the query \(HTTP 400\): no such expression; it is read from the counters$/)]);
    expect(waiting.reasons).toEqual([]);
  });

  it("is of no concern to a quarter of an hour, which nobody records", async () => {
    const source = await open(good, undefined, { records: (response) => response.writeHead(500).end() });
    const waiting = waitingFor();
    expect(countIn(await source.read({ ...WEEK, windowSeconds: 900 }, waiting))).toBe(100);
    expect(waiting.reasons).toEqual([]);
  });
});
