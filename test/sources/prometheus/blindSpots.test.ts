import { afterAll, beforeAll, expect, it } from "vitest";
import type { MeshVerdicts } from "#mesh";
import { doubtsAbout, namespaceOutlook } from "#proposals";
import { presentMesh } from "#view";
import { prometheusSource } from "../../../lib/sources/prometheus/index.ts";
import { startMetricsServer, type MetricsServer } from "../../support/prometheus.ts";
import { CLASSIC_EDGES, CLASSIC_WORKLOADS, TELEMETRY, verdicts } from "../../view/picture.ts";

const CONFIG = { bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null };
const REFUSED = "plaintext that STRICT sidecars refused from callers without a proxy";

let server: MetricsServer;

beforeAll(async () => {
  server = await startMetricsServer("prometheus");
});

afterAll(async () => {
  await server.stop();
});

it("a Prometheus that answers every question says of each window what it never tells", async () => {
  const source = prometheusSource({ url: server.url, ...CONFIG });
  const request = { windowSeconds: 900, lookBackSeconds: 3600 };
  const windows = [await source.read({ ...request, endMs: null }), await source.read({ ...request, endMs: Date.now() - 7_200_000 })];
  await source.stop();
  expect(windows.map(({ blindSpots }) => blindSpots?.map(({ wanted }) => wanted))).toEqual([[REFUSED], [REFUSED]]);
  expect(windows.flatMap(({ gaps }) => gaps.map(({ wanted }) => wanted))).not.toContain(REFUSED);
});

const BLIND = { wanted: REFUSED, because: "nothing counts it" };

function picture(blind: boolean): MeshVerdicts {
  const edges = CLASSIC_EDGES.filter(({ from }) => from !== "legacy/sleep");
  return verdicts({ workloads: CLASSIC_WORKLOADS, edges, telemetry: { ...TELEMETRY, ...(blind ? { blindSpots: [BLIND] } : {}) } });
}

it("the picture says it; what STRICT would do is in no doubt for what STRICT refuses already", () => {
  const [sighted, blind] = [picture(false), picture(true)];
  const shown = [sighted, blind].map((of) => presentMesh(of, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(of) }));
  expect(shown.map(({ gaps }) => gaps)).toEqual([[], [BLIND]]);
  expect(shown[1]?.namespaces).toEqual(shown[0]?.namespaces);
  const doubts = [sighted, blind].map((of) => namespaceOutlook(of).previews.map((preview) => doubtsAbout(of, preview)));
  expect(doubts[1]).toEqual(doubts[0]);
  expect(doubts[0]?.length).toBeGreaterThan(0);
});
