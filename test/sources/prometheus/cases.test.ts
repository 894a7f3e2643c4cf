import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prometheusSource } from "../../../lib/sources/prometheus/index.ts";
import { METRICS_SERVERS, startMetricsServer, type MetricsServer } from "../../support/prometheus.ts";
import { cases, complaints, edgesOf, endOf, seriesOf } from "../../support/telemetryCases.ts";

describe.each(METRICS_SERVERS)("the telemetry cases against a real %s", (name) => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await startMetricsServer(name);
    await server.write(cases.flatMap((one, index) => seriesOf(one, endOf(index))));
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(cases.map((one, index) => ({ ...one, index })))("$id $name", async (one) => {
    const source = prometheusSource({ url: server.url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null });
    const telemetry = await source.read({ windowSeconds: one.windowSeconds, lookBackSeconds: one.lookbackSeconds ?? 3600, endMs: endOf(one.index) });
    await source.stop();
    const edges = edgesOf(telemetry, one);
    expect(complaints(edges, one)).toEqual([]);
    const gaps = [...telemetry.gaps, ...edges.flatMap((edge) => edge.gaps)].map((gap) => `${gap.wanted}: ${gap.because}`);
    if (one.gap === undefined) expect(gaps.filter((gap) => gap.includes("label"))).toEqual([]);
    else expect(gaps.filter((gap) => gap.includes(`\`${one.gap ?? ""}\``))).not.toEqual([]);
  });
});
