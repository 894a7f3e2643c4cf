import { expect, test } from "vitest";
import { LabelSets } from "../../../lib/sources/prometheus/labelSets.ts";
import type { LabelSet, Sample } from "../../../lib/sources/prometheus/sample.ts";

type Metric = Readonly<Record<string, string>>;

function sent(sets: LabelSets, metric: Metric, value = "1"): Sample {
  return sets.sample({ metric, value: [0, value] });
}

function setOf(sets: LabelSets, metric: Metric): LabelSet {
  return sent(sets, metric).set;
}

const FRONTEND: Metric = { reporter: "destination", source_workload: "frontend", destination_workload: "cart" };

test("what tells an edge is one set, whichever question it answers", () => {
  const sets = new LabelSets();
  const first = sent(sets, FRONTEND);
  const other = sent(sets, { ...FRONTEND, mtlscope_part: "born requests", response_code: "503", response_flags: "UC", job: "envoy" }, "7.5");
  expect(other.set).toBe(first.set);
  expect(first.set.labels).toEqual(FRONTEND);
  expect([first.rest, other.rest]).toEqual([
    { part: null, responseCode: null, responseFlags: null, job: null },
    { part: "born requests", responseCode: "503", responseFlags: "UC", job: "envoy" },
  ]);
  expect([first.value, other.value]).toEqual([1, 7.5]);
});

test("sets that differ in one label have numbers of their own, a label that is absent or empty included", () => {
  const sets = new LabelSets();
  const metrics: readonly Metric[] = [
    FRONTEND,
    { ...FRONTEND, reporter: "source" },
    { ...FRONTEND, source_workload: "cart", destination_workload: "frontend" },
    { reporter: "destination", source_workload: "frontend" },
    { ...FRONTEND, app: "" },
    { ...FRONTEND, app: "ztunnel" },
    {},
    { source_workload: "__proto__" },
    { source_workload: "constructor" },
  ];
  expect(new Set(metrics.map((metric) => setOf(sets, metric).number)).size).toBe(metrics.length);
  expect(metrics.map((metric) => setOf(sets, metric).labels)).toEqual(metrics);
});

test("many sets of the same few names in other places stay apart", () => {
  const sets = new LabelSets();
  const names = Array.from({ length: 40 }, (_, at) => `workload-${at}`);
  const metrics = names.flatMap((source) => names.map((server): Metric => ({ source_workload: source, destination_workload: server })));
  const numbers = metrics.map((metric) => setOf(sets, metric).number);
  expect(new Set(numbers).size).toBe(1600);
  expect(metrics.map((metric) => setOf(sets, metric).number)).toEqual(numbers);
});

test("what is sent again and again keeps its number; what was not sent for long is forgotten", () => {
  const sets = new LabelSets(10);
  const kept = setOf(sets, FRONTEND).number;
  const gone = setOf(sets, { source_workload: "job-of-yesterday" }).number;
  for (let at = 0; at < 100; at += 1) {
    setOf(sets, { source_workload: `job-${at}` });
    expect(setOf(sets, FRONTEND).number).toBe(kept);
  }
  expect(setOf(sets, { source_workload: "job-of-yesterday" }).number).not.toBe(gone);
});

test("a workload is one object, whatever it is the end of", () => {
  const sets = new LabelSets();
  const to = (server: string, more: Metric = {}): LabelSet => setOf(sets, { source_workload: "frontend", source_workload_namespace: "shop", source_principal: "unknown", destination_workload: server, destination_workload_namespace: "shop", ...more });
  const [cart, card] = [to("cart"), to("card")];
  expect(card.client).toBe(cart.client);
  expect(cart.client).toEqual({ namespace: "shop", workload: "frontend", principal: null });
  expect(to("cart", { reporter: "source" }).server).toBe(cart.server);
  expect(card.server).toEqual({ namespace: "shop", workload: "card", principal: null });
  expect(to("cart", { source_principal: "spiffe://cluster.local/ns/shop/sa/frontend" }).client).toEqual({ ...cart.client, principal: "spiffe://cluster.local/ns/shop/sa/frontend" });
  expect(to("cart", { source_principal: "" }).client).toEqual({ ...cart.client, principalDropped: true });
});

test("what is no number counts for nothing", () => {
  expect(["NaN", "+Inf", "x", "0.25"].map((value) => sent(new LabelSets(), FRONTEND, value).value)).toEqual([0, 0, 0, 0.25]);
});
