import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TRAFFIC_RULES } from "../../../lib/mesh/traffic/rules.ts";

const folder = import.meta.dirname;
const tests = readdirSync(folder).filter((file) => file.endsWith(".test.ts")).map((file) => readFileSync(`${folder}/${file}`, "utf8")).join("\n");
const specification = readFileSync("lib/mesh/traffic/SPEC.md", "utf8");

describe("the rules of traffic", () => {
  it.each(Object.keys(TRAFFIC_RULES))("[%s] has a test titled by it and a line in SPEC.md", (rule) => {
    expect(tests.includes(`[${rule}]`) || tests.includes(`rule: "${rule}"`)).toBe(true);
    expect(specification).toContain(`**${rule}** `);
  });
});
