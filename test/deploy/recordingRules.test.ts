import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { EDGE_LABELS } from "../../lib/sources/prometheus/queries.ts";
import { metricsServerBinary } from "../support/prometheus.ts";

interface Rule {
  readonly record: string;
  readonly expr: string;
}

interface Groups {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

function promtool(...args: readonly string[]): string {
  return execFileSync(metricsServerBinary("prometheus").replace(/prometheus$/, "promtool"), args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

const plain = parse(readFileSync("deploy/recording-rules.yaml", "utf8")) as Groups;

describe("the recording rules", () => {
  it("are rules to Prometheus itself", () => {
    expect(promtool("check", "rules", "deploy/recording-rules.yaml")).toContain("SUCCESS");
  });

  it("count what the counters counted, in the cases written by hand", () => {
    expect(promtool("test", "rules", "test/deploy/recording-rules.test.yaml")).toContain("SUCCESS");
  });

  it("are the same in the PrometheusRule that is made of them", () => {
    const made = parse(readFileSync("deploy/prometheusrule.yaml", "utf8")) as { readonly kind: string; readonly spec: Groups };
    expect(made.kind).toBe("PrometheusRule");
    expect(made.spec).toEqual(plain);
  });

  it("keep the labels that tell edges apart, and no more", () => {
    const sums = plain.groups.flatMap(({ rules }) => rules).filter(({ record }) => record.includes("istio"));
    expect(sums).toHaveLength(10);
    for (const { record, expr } of sums) {
      const labels = /^sum by \(([^)]*)\)/.exec(expr)?.[1]?.split(", ");
      const own = record.includes("outcomes") ? ["response_code", "response_flags"] : [];
      expect(labels).toEqual(["cluster", ...EDGE_LABELS, ...own]);
    }
  });
});
