import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { MetricsServer } from "../../../test/support/prometheus.ts";
import { median } from "../median.ts";
import { row, type Row } from "../row.ts";
import type { OpenStreams } from "./eventStreams.ts";
import { answeredQueries, refreshes, type Answered } from "./queryLog.ts";

// The yardstick: two mesh-wide questions with the labels an edge needs least, asked and read, and nothing done with the answer.

const EDGE = "sum by (reporter, source_workload, source_workload_namespace, destination_workload, destination_workload_namespace, destination_service, connection_security_policy)";
const BARE = [`${EDGE} (increase(istio_requests_total[15m])) > 0`, `${EDGE} (increase(istio_tcp_connections_opened_total[15m])) > 0`];
const RATIO = 1.5;
const QUERIES_OF_A_REFRESH = 6;
const REFRESHES = 3;
const INTERVAL_MS = 15_000;
/** after the last answer, for the picture to be drawn and told */
const DRAWN_WITHIN_MS = 8_000;

async function query(url: string, text: string): Promise<void> {
  const body = new URLSearchParams({ query: text }).toString();
  const reply = await request(`${url}/api/v1/query`, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded", "accept-encoding": "gzip" }, body });
  await reply.body.dump({ limit: 1e9 });
  if (reply.statusCode !== 200) throw new Error(`Prometheus: ${reply.statusCode}`);
}

/** Both side by side, in milliseconds. */
async function bareQueries(url: string): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(BARE.map((text) => query(url, text)));
  return performance.now() - startedMs;
}

/** From the first question to the picture that shows the answers. */
function shownAfter(asked: readonly Answered[], eventTimes: readonly number[]): number | null {
  const [first] = asked;
  const lastMs = Math.max(...asked.map(({ endMs }) => endMs));
  const shownMs = eventTimes.find((time) => time >= lastMs && time < lastMs + DRAWN_WITHIN_MS);
  return first === undefined || shownMs === undefined ? null : shownMs - first.startMs;
}

/**
 * Watches a few refreshes go by, with the bare questions asked between them.
 *
 * @param isHeld to the budget
 */
export async function refreshRows({ url, queryLog }: MetricsServer, streams: OpenStreams, isHeld: boolean): Promise<readonly Row[]> {
  const sinceMs = Date.now();
  const bare: number[] = [];
  while (Date.now() - sinceMs < INTERVAL_MS * (REFRESHES + 1.5)) {
    const groups = refreshes(answeredQueries(queryLog, sinceMs, (text) => BARE.includes(text)));
    // half way between two refreshes neither disturbs the other
    const lastMs = groups.at(-1)?.[0]?.startMs ?? 0;
    if (bare.length < groups.length && Date.now() - lastMs > INTERVAL_MS / 3) bare.push(await bareQueries(url));
    await sleep(200);
  }
  const groups = refreshes(answeredQueries(queryLog, sinceMs, (text) => BARE.includes(text)));
  const eventTimes = streams.times.map((time) => time + performance.timeOrigin);
  const shown = groups.flatMap((asked) => shownAfter(asked, eventTimes) ?? []);
  const bareMs = median(bare);
  return [
    row("two bare queries, side by side", bareMs, { unit: "ms" }),
    row("telemetry refresh, from the first query to the event in the browser", median(shown), { unit: "ms" }),
    row("telemetry refresh over two bare queries", median(shown) / bareMs, { unit: "ratio", budget: isHeld ? RATIO : null }),
    row("Prometheus queries of the largest refresh", Math.max(...groups.map((asked) => asked.length)), { unit: "queries", budget: QUERIES_OF_A_REFRESH }),
    row("Prometheus queries of the median refresh", median(groups.map((asked) => asked.length)), { unit: "queries" }),
  ];
}
