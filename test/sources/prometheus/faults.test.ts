import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { prometheusSource, type PrometheusTuning } from "../../../lib/sources/prometheus/index.ts";
import type { PrometheusConfig, TelemetrySource } from "../../../lib/sources/index.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, query: string) => void;

const REQUEST = { windowSeconds: 900, lookBackSeconds: 3600, endMs: null } as const;
const LABELS = {
  reporter: "destination", connection_security_policy: "mutual_tls", source_workload: "sleep", source_workload_namespace: "foo", source_principal: "spiffe://cluster.local/ns/foo/sa/sleep",
  destination_workload: "httpbin", destination_workload_namespace: "foo", destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin",
};
const SECRET = "s3cr3t-t0ken";

const opened: { server: Server | null; source: TelemetrySource | null } = { server: null, source: null };

function vector(result: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ status: "success", data: { resultType: "vector", result }, ...more });
}

const good: Answer = (_request, response, query) => {
  response.end(vector(query.startsWith("sum by") && query.includes("istio_requests_total") ? [{ metric: LABELS, value: [1, "900"] }] : []));
};

/** Something was scraped at every step. */
function alwaysScraped(parameters: URLSearchParams): string {
  const [start = 0, end = 0, step = 1] = ["start", "end", "step"].map((name) => Number.parseFloat(parameters.get(name) ?? "0"));
  const values = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, at) => [start + at * step, "3"]);
  return JSON.stringify({ status: "success", data: { resultType: "matrix", result: [{ metric: {}, values }] } });
}

/** Questions about the mesh go to `answer`; that scraping goes well is told where the server is well. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const parameters = new URLSearchParams(Buffer.concat(chunks).toString());
      if (request.url?.endsWith("/query_range") === true) response.end(alwaysScraped(parameters));
      else answer(request, response, parameters.get("query") ?? "");
    });
  });
  opened.server = server;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
}

function config(url: string, special: Partial<PrometheusConfig> = {}): PrometheusConfig {
  return { url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null, ...special };
}

function open(url: string, special: Partial<PrometheusConfig> = {}, tuning: PrometheusTuning = {}): TelemetrySource {
  opened.source = prometheusSource(config(url, special), tuning);
  return opened.source;
}

afterEach(async () => {
  await opened.source?.stop();
  opened.server?.closeAllConnections();
  opened.server?.close();
});

interface Fault {
  readonly name: string;
  readonly answer: Answer;
  readonly says: RegExp;
  readonly tuning?: PrometheusTuning;
}

const faults: readonly Fault[] = [
  { name: "HTTP 500 with a page", answer: (_, response) => response.writeHead(500).end("<html>oops</html>"), says: /failed \(HTTP 500\)/ },
  { name: "HTTP 503 with an error as JSON", answer: (_, response) => response.writeHead(503).end('{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}'), says: /refused the query \(HTTP 503\): query timed out in expression evaluation/ },
  { name: "no answer in time", answer: () => undefined, says: /did not answer within 0.2 s/, tuning: { timeoutMs: 200 } },
  { name: "an answer that stops half way", answer: (_, response) => void response.writeHead(200).write('{"status":"succ'), says: /did not answer within 0.2 s/, tuning: { timeoutMs: 200 } },
  { name: "a body cut off", answer: (_, response) => response.end('{"status":"success","data":{"resultType":"vector","resu'), says: /not JSON, or was cut off/ },
  { name: "a connection cut in the body", answer: (_, response) => { response.writeHead(200, { "content-length": "500" }).write('{"status"'); setTimeout(() => response.destroy(), 10); }, says: /cut the connection/ },
  { name: "a connection cut before the answer", answer: (_, response) => void response.destroy(), says: /cut the connection/ },
  { name: "a web page instead of JSON", answer: (_, response) => response.end("<!doctype html><title>Sign in</title>"), says: /web page and not with the query API.*is this the URL of Prometheus/ },
  { name: "a redirect to a login page", answer: (_, response) => response.writeHead(302, { location: "/login" }).end(), says: /redirects elsewhere \(HTTP 302\)/ },
  { name: "credentials refused", answer: (_, response) => response.writeHead(401).end("who are you"), says: /refused the credentials \(HTTP 401\)/ },
  { name: "JSON that is no query result", answer: (_, response) => response.end('{"hello":"world"}'), says: /JSON that is no query result/ },
  { name: "a matrix instead of a vector", answer: (_, response) => response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}'), says: /JSON that is no query result/ },
  { name: "more than it may send", answer: (_, response) => response.end(vector([{ metric: LABELS, value: [1, "x".repeat(5000)] }])), says: /sent more than 1000 bytes/, tuning: { maxReplyBytes: 1000 } },
];

describe("a Prometheus that fails", () => {
  it.each(faults)("$name: a gap and a status, no row and no exception", async ({ answer, says, tuning }) => {
    const source = open(await serve(answer), {}, tuning);
    expect(source.status()[0]?.state).toBe("starting");
    const telemetry = await source.read(REQUEST);
    expect([telemetry.rows, telemetry.lookBackRows]).toEqual([[], []]);
    expect(telemetry.gaps.map((gap) => gap.because).join("\n")).toMatch(says);
    expect(telemetry.gaps.map((gap) => gap.wanted)).toContain("requests in the window, as servers and waypoints report them");
    expect(source.status()).toMatchObject([{ name: "Prometheus", state: "starting", readAtMs: null }]);
    expect(source.status()[0]?.message).toMatch(says);
  });

  it("is down: refuses connections", async () => {
    const url = await serve(good);
    opened.server?.close();
    const source = open(url);
    const telemetry = await source.read(REQUEST);
    expect(telemetry.gaps[0]?.because).toMatch(/refuses connections/);
    expect(source.status()[0]?.state).toBe("starting");
  });

  it("comes back: live again, and stale in between with the time of the last good read", async () => {
    const state = { failing: false };
    const url = await serve((request, response, query) => {
      if (state.failing) response.writeHead(500).end();
      else good(request, response, query);
    });
    const clock = { nowMs: 1_000_000 };
    const source = open(url, {}, { now: () => clock.nowMs });
    expect((await source.read(REQUEST)).rows).toHaveLength(1);
    expect(source.status()).toEqual([{ kind: "telemetry", name: "Prometheus", state: "live", readAtMs: 1_000_000, message: "" }]);
    state.failing = true;
    clock.nowMs += 15_000;
    expect((await source.read(REQUEST)).rows).toEqual([]);
    expect(source.status()).toMatchObject([{ state: "stale", readAtMs: 1_000_000 }]);
    state.failing = false;
    clock.nowMs += 15_000;
    expect((await source.read(REQUEST)).rows).toHaveLength(1);
    expect(source.status()).toMatchObject([{ state: "live", readAtMs: 1_030_000 }]);
  });

  it("warns that its answer is partial: the rows, and a gap with the warning", async () => {
    const source = open(await serve((_, response) => response.end(vector([], { warnings: ["a store is not reachable"] }))));
    const telemetry = await source.read(REQUEST);
    expect(telemetry.gaps.map((gap) => gap.because).filter((because) => because.includes("may be incomplete: a store is not reachable")).length).toBeGreaterThan(0);
    expect(source.status()[0]?.state).toBe("live");
  });

  it("has no Istio metric: that is a gap and not an empty, quiet mesh", async () => {
    const source = open(await serve((_, response) => response.end(vector([]))));
    expect((await source.read(REQUEST)).gaps).toMatchObject([{ wanted: "traffic" }]);
  });

  it("answers the slow questions with an error: the fast picture stands, the gap says what is missing", async () => {
    const source = open(await serve((request, response, query) => {
      if (query.includes("last_over_time")) response.writeHead(422).end('{"status":"error","errorType":"execution","error":"query processing would load too many samples"}');
      else good(request, response, query);
    }));
    const telemetry = await source.read(REQUEST);
    expect(telemetry.rows).toHaveLength(1);
    expect(telemetry.gaps.map((gap) => gap.wanted)).toEqual(["bytes in the window, and what series born inside it counted before their first sample", "what carried traffic in the look-back before the window"]);
    expect(source.status()[0]?.state).toBe("live");
  });

  it("ignores values that are no numbers", async () => {
    const source = open(await serve((_, response, query) => response.end(vector(query.startsWith("sum by") ? [{ metric: LABELS, value: [1, "NaN"] }, { metric: { ...LABELS, source_workload: "other" }, value: [1, "+Inf"] }] : []))));
    expect((await source.read(REQUEST)).rows).toEqual([]);
  });
});

describe("how it is asked", () => {
  function counting(): { readonly answer: Answer; readonly asked: string[]; readonly headers: IncomingMessage["headers"][] } {
    const asked: string[] = [];
    const headers: IncomingMessage["headers"][] = [];
    return {
      asked, headers,
      answer: (request, response, query) => {
        headers.push(request.headers);
        if (!query.includes("count_over_time") && !query.includes("mtlscope:")) asked.push(query);
        good(request, response, query);
      },
    };
  }

  it("six questions at first, three a refresh and once a seventh; beside it two more after a minute and the look-back after five", async () => {
    const { answer, asked } = counting();
    const clock = { nowMs: 0 };
    const source = open(await serve(answer), {}, { now: () => clock.nowMs });
    const total: number[] = [];
    const expected = [6, 10, 13, 16, 21, 24, 30];
    for (const [at, nowMs] of [0, 15_000, 30_000, 45_000, 60_000, 75_000, 300_000].entries()) {
      clock.nowMs = nowMs;
      await source.read(REQUEST);
      // what is asked beside the refresh is not waited for
      await expect.poll(() => asked.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(expected[at] ?? 0);
      await new Promise((wake) => setTimeout(wake, 50));
      total.push(asked.length);
    }
    expect(total).toEqual(expected);
  });

  it("a slow question that failed is asked again with the next refresh, and not after its minute only", async () => {
    const state = { failing: true };
    const clock = { nowMs: 0 };
    const source = open(await serve((request, response, query) => {
      if (state.failing && query.includes('reporter="source"}[900s])) > 0), "mtlscope_part"')) response.writeHead(500).end();
      else good(request, response, query);
    }), {}, { now: () => clock.nowMs });
    const missing = async (): Promise<readonly string[]> => (await source.read(REQUEST)).gaps.map(({ wanted }) => wanted);
    expect(await missing()).toContain("requests and connections in the window, as clients report them");
    state.failing = false;
    clock.nowMs = 15_000;
    await missing();
    clock.nowMs = 30_000;
    await expect.poll(missing, { timeout: 5_000 }).toEqual([]);
  });

  it("says in its status whether long windows come from recording rules, and since when no more", async () => {
    const clock = { nowMs: 1_800_000_000_000 };
    const state = { recording: false };
    const source = open(await serve((request, response, query) => {
      const isRecorder = query.startsWith("mtlscope:scraped_targets:count{");
      const values = state.recording ? [[clock.nowMs / 1000 - 60, "3"]] : [];
      if (isRecorder) response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result: values.length === 0 ? [] : [{ metric: {}, values }] } }));
      else good(request, response, query);
    }), {}, { now: () => clock.nowMs });
    const messages: (string | undefined)[] = [];
    for (const recording of [false, true, false]) {
      state.recording = recording;
      await source.read(REQUEST);
      messages.push(source.status()[0]?.message);
      clock.nowMs += 300_000;
    }
    expect(messages).toEqual(["", "windows of an hour and more are read from recording rules", "nothing has been recorded since 2027-01-15 08:04 UTC: long windows are read from the counters again"]);
  });

  it("asks everything anew for another window", async () => {
    const { answer, asked } = counting();
    const source = open(await serve(answer), {}, { now: () => 0 });
    await source.read(REQUEST);
    await source.read({ ...REQUEST, windowSeconds: 60 });
    expect(asked).toHaveLength(12);
    expect(asked.slice(6).filter((query) => query.includes("[900s]"))).toEqual([]);
  });

  it("all six for a window in the past, each time", async () => {
    const { answer, asked } = counting();
    const source = open(await serve(answer));
    await source.read({ ...REQUEST, endMs: 1_700_000_000_000 });
    const telemetry = await source.read({ ...REQUEST, endMs: 1_700_000_000_000 });
    expect(asked).toHaveLength(12);
    expect([telemetry.lookBackStartMs, telemetry.windowStartMs, telemetry.windowEndMs]).toEqual([1_699_995_500_000, 1_699_999_100_000, 1_700_000_000_000]);
    expect(telemetry.queries.map((query) => query.text)).toEqual(expect.arrayContaining(asked.slice(0, 6)));
  });

  it("remembers what left the window, and when: to the refresh, and the minute by which slow answers may be late", async () => {
    const state = { quiet: false };
    const clock = { nowMs: 10_000_000 };
    const source = open(await serve((request, response, query) => {
      if (state.quiet) response.end(vector([]));
      else good(request, response, query);
    }), {}, { now: () => clock.nowMs });
    await source.read(REQUEST);
    state.quiet = true;
    clock.nowMs = 10_015_000;
    const left = { client: { workload: "sleep" }, count: 900, lastSeenAfterMs: 10_000_000 - 900_000 - 120_000, lastSeenMs: 10_015_000 - 900_000 + 60_000 };
    expect(await source.read(REQUEST)).toMatchObject({ rows: [], lookBackRows: [left] });
    clock.nowMs += 1_800_000;
    expect(await source.read(REQUEST)).toMatchObject({ rows: [], lookBackRows: [left] });
    state.quiet = false;
    expect(await source.read(REQUEST)).toMatchObject({ rows: [{ client: { workload: "sleep" }, lastSeenMs: null }], lookBackRows: [] });
    state.quiet = true;
    clock.nowMs += 7_200_000;
    expect((await source.read(REQUEST)).lookBackRows).toHaveLength(1);
    clock.nowMs += 3_700_000;
    expect((await source.read(REQUEST)).lookBackRows).toHaveLength(0);
  });

  it("what a failed question leaves out has not left the window", async () => {
    const state = { failing: false };
    const source = open(await serve((request, response, query) => {
      if (state.failing && query.includes("response_flags=~")) response.writeHead(500).end();
      else if (state.failing) response.end(vector([]));
      else good(request, response, query);
    }), {}, { now: () => 10_000_000 });
    await source.read(REQUEST);
    state.failing = true;
    expect((await source.read(REQUEST)).lookBackRows).toEqual([]);
  });

  it("narrows down when an idle edge was last seen, with the second refresh", async () => {
    const source = open(await serve((_, response, query) => {
      // the newest quarter of the look-back names one, the whole of it both
      const near = query.includes("[900s] offset 900s");
      const far = query.includes("[3600s] offset 900s");
      const metric = (workload: string): object => ({ metric: { ...LABELS, source_workload: workload, mtlscope_part: "requests" }, value: [1, "5"] });
      response.end(vector(near ? [metric("late")] : far ? [metric("late"), metric("early")] : []));
    }), {}, { now: () => 10_000_000 });
    const bracket = async (): Promise<unknown> => (await source.read(REQUEST)).lookBackRows.map((row) => [row.client.workload, ((row.lastSeenAfterMs ?? 0) - 10_000_000) / 1000, ((row.lastSeenMs ?? 0) - 10_000_000) / 1000]);
    expect(await bracket()).toEqual([["late", -4500, -900], ["early", -4500, -900]]);
    await bracket();
    await new Promise((wake) => setTimeout(wake, 50));
    expect(await bracket()).toEqual([["late", -1800, -900], ["early", -4500, -1800]]);
  });

  it("narrows every selector by the given one", async () => {
    const { answer, asked } = counting();
    await open(await serve(answer), { selector: 'cluster="east"' }).read(REQUEST);
    const selectors = asked.flatMap((query) => query.match(/\b(istio_\w+|up)\{[^}]*\}/g) ?? []);
    expect(selectors.length).toBeGreaterThan(20);
    expect(selectors.filter((selector) => !selector.includes('cluster="east"'))).toEqual([]);
    expect(asked.flatMap((query) => query.match(/\b(istio_\w+_total|up)\b(?!\{)(?![^"]*"[,)])/g) ?? [])).toEqual([]);
  });

  it("sends token, user, tenant; and shows none of them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mtlscope-token-"));
    writeFileSync(join(folder, "token"), `${SECRET}\n`);
    const cases: readonly (readonly [Partial<PrometheusConfig>, string])[] = [
      [{ bearerToken: SECRET }, `Bearer ${SECRET}`],
      [{ bearerTokenFile: join(folder, "token") }, `Bearer ${SECRET}`],
      [{ username: "user", password: SECRET }, `Basic ${Buffer.from(`user:${SECRET}`).toString("base64")}`],
    ];
    for (const [special, expected] of cases) {
      const { answer, headers } = counting();
      const source = open(await serve(answer), { ...special, headers: { "X-Scope-OrgID": "tenant" } });
      await source.read(REQUEST);
      expect(headers[0]).toMatchObject({ authorization: expected, "x-scope-orgid": "tenant" });
      opened.server?.closeAllConnections();
      opened.server?.close();
      const down = await source.read(REQUEST);
      expect(JSON.stringify([down, source.status()])).not.toContain(SECRET);
      await source.stop();
    }
    rmSync(folder, { recursive: true });
  });

  it("takes user and password from the URL, and shows the address without them", async () => {
    const { answer, headers } = counting();
    const url = (await serve(answer)).replace("http://", `http://user:${SECRET}@`);
    const source = open(url);
    await source.read(REQUEST);
    expect(headers[0]?.authorization).toBe(`Basic ${Buffer.from(`user:${SECRET}`).toString("base64")}`);
    opened.server?.closeAllConnections();
    opened.server?.close();
    const down = await source.read(REQUEST);
    expect(JSON.stringify([down, source.status()])).not.toContain(SECRET);
    expect(source.status()[0]?.message).toMatch(/^`http:\/\/127\.0\.0\.1:\d+` (refuses connections|cut the connection)/);
  });

  it("says which file with credentials cannot be read, and asks again once it can", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mtlscope-token-"));
    const { answer } = counting();
    const source = open(await serve(answer), { bearerTokenFile: join(folder, "token") });
    expect((await source.read(REQUEST)).gaps[0]?.because).toContain(`was not asked: the file that \`PROMETHEUS_BEARER_TOKEN_FILE\` names, \`${join(folder, "token")}\`, cannot be read`);
    writeFileSync(join(folder, "token"), SECRET);
    expect((await source.read(REQUEST)).rows).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });

  it("shows nothing secret of what the server says, be it an error or a warning", async () => {
    const said = `upstream rejected header Authorization: Bearer ${SECRET} for http://user:${SECRET}@inner:9090, token=${SECRET}`;
    const shown: string[] = [];
    for (const answer of [
      (response: ServerResponse) => response.writeHead(400).end(JSON.stringify({ status: "error", errorType: "bad_data", error: said })),
      (response: ServerResponse) => response.writeHead(400).end(JSON.stringify({ status: "error", errorType: said })),
      (response: ServerResponse) => response.end(vector([], { warnings: [said] })),
      // a token that the longest message cuts in two
      (response: ServerResponse) => response.end(vector([], { warnings: [`${"x".repeat(250)} eyJhbGciOiJIUzI1NiJ9.${SECRET}${"y".repeat(60)}.sig`] })),
    ]) {
      const source = open(await serve((_, response) => { answer(response); }));
      shown.push(JSON.stringify([await source.read(REQUEST), await source.read({ ...REQUEST, endMs: 1_700_000_000_000 }), source.status()]));
      await source.stop();
      opened.server?.closeAllConnections();
      opened.server?.close();
    }
    for (const text of shown) expect(text).not.toContain(SECRET);
    expect(shown[0]).toContain("upstream rejected header Authorization: Bearer [redacted]");
    expect(shown[2]).toContain("may be incomplete: upstream rejected header Authorization: Bearer [redacted]");
    expect(shown[3]).toContain("[redacted]");
  });

  it.each<readonly [string, (url: string) => Partial<PrometheusConfig>, string]>([
    ["a password in the URL with a bare %", (url) => ({ url: url.replace("http://", "http://user:100%@") }), "was not asked: the user or password in its URL (`--prometheus` or `PROMETHEUS_URL`) is not percent-encoded: `%` is written `%25`"],
    ["a token of two lines", () => ({ bearerToken: `${SECRET}\n${SECRET}` }), "was not asked: what `PROMETHEUS_BEARER_TOKEN` holds cannot be sent in a header: it has line breaks, or characters that are not Latin-1"],
    ["a header that is not Latin", () => ({ headers: { "X-Scope-OrgID": "Мандант" } }), "was not asked: what `PROMETHEUS_HEADERS` holds for `X-Scope-OrgID` cannot be sent in a header: it has line breaks, or characters that are not Latin-1"],
  ])("says which setting is wrong, without its value: %s", async (_, special, says) => {
    const url = await serve(good);
    const source = open(url, special(url));
    const { gaps } = await source.read(REQUEST);
    expect(gaps[0]?.because).toBe(`\`${url}\` ${says}`);
    expect(source.status()[0]?.message).toContain(says);
    expect(JSON.stringify([gaps, source.status()])).not.toMatch(/s3cr3t|100%|Мандант/);
  });

  it("says which file holds a token that cannot be sent", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mtlscope-token-"));
    writeFileSync(join(folder, "token"), `${SECRET}\n${SECRET}\n`);
    const source = open(await serve(good), { bearerTokenFile: join(folder, "token") });
    expect((await source.read(REQUEST)).gaps[0]?.because).toContain("what the file that `PROMETHEUS_BEARER_TOKEN_FILE` names holds cannot be sent in a header");
    rmSync(folder, { recursive: true });
  });
});
