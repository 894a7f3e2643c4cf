import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import type { Telemetry } from "#mesh";
import { prometheusSource } from "../../../lib/sources/prometheus/index.ts";
import type { TelemetrySource } from "../../../lib/sources/index.ts";

const REQUEST = { windowSeconds: 900, lookBackSeconds: 3600, endMs: null } as const;
const EDGES = 10_001;
const REFRESH_MS = 400;
const SLOW_MS = 60;

const opened: { server: Server | null; source: TelemetrySource | null } = { server: null, source: null };

afterEach(async () => {
  await opened.source?.stop();
  opened.server?.closeAllConnections();
  opened.server?.close();
});

function vector(result: readonly unknown[]): string {
  return JSON.stringify({ status: "success", data: { resultType: "vector", result } });
}

const REQUESTS = vector(Array.from({ length: EDGES }, (_, at) => ({
  metric: {
    reporter: "destination", connection_security_policy: "mutual_tls", source_workload: `client-${at}`, source_workload_namespace: "foo", source_principal: `spiffe://cluster.local/ns/foo/sa/client-${at}`,
    destination_workload: "httpbin", destination_workload_namespace: "foo", destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin",
  },
  value: [1, "900"],
})));

interface Slow {
  readonly text: string;
  readonly others: number;
  readonly duringRefresh: boolean;
}

/** Answers what reads more than the window late, and writes down what else was under way when it was asked. */
async function serve(slow: Slow[], isReading: () => boolean): Promise<string> {
  let underWay = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = new URLSearchParams(Buffer.concat(chunks).toString()).get("query") ?? "";
      if (request.url?.endsWith("/query_range") === true || text.startsWith("mtlscope:")) response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
      else if (!text.includes("last_over_time")) response.end(text.startsWith("sum by") && text.includes('istio_requests_total{reporter!="source"}') ? REQUESTS : vector([]));
      else {
        slow.push({ text, others: underWay, duringRefresh: isReading() });
        underWay += 1;
        setTimeout(() => {
          underWay -= 1;
          response.end(vector([]));
        }, SLOW_MS);
      }
    });
  });
  opened.server = server;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
}

it("a large mesh is shown before the slow questions are answered, says so, and asks them in turn between its refreshes", async () => {
  const slow: Slow[] = [];
  let isReading = false;
  const url = await serve(slow, () => isReading);
  const source = prometheusSource({ url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null }, { refreshMs: REFRESH_MS });
  opened.source = source;
  const read = async (): Promise<Telemetry> => {
    isReading = true;
    const telemetry = await source.read(REQUEST);
    isReading = false;
    return telemetry;
  };
  const first = await read();
  expect(first.rows).toHaveLength(EDGES);
  expect(slow).toEqual([]);
  expect(first.gaps.filter(({ because }) => because.startsWith("not read yet")).map(({ wanted }) => wanted)).toEqual([
    "bytes in the window, and what series born inside it counted before their first sample", "what carried traffic in the look-back before the window",
  ]);
  let last = first;
  while (last.gaps.some(({ because }) => because.startsWith("not read yet"))) {
    await sleep(REFRESH_MS);
    last = await read();
  }
  expect(last.rows).toHaveLength(EDGES);
  // requests, connections, bytes sent and received since birth and in the window; three of the look-back
  expect(slow.length).toBeGreaterThanOrEqual(8);
  expect(slow.map(({ others }) => others)).toEqual(slow.map(() => 0));
  expect(slow.filter(({ duringRefresh }) => duringRefresh)).toEqual([]);
});
