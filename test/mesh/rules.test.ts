import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RULES, type RuleId } from "#mesh";

// A rule is a sentence in SPEC.md, an authority, and a test titled by its id.
const room = join(import.meta.dirname, "../../lib/mesh");
const specification = readFileSync(join(room, "SPEC.md"), "utf8");
const tests = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".test.ts") && file !== "rules.test.ts")
  .map((file) => readFileSync(join(import.meta.dirname, file), "utf8"))
  .join("\n");
const used = readdirSync(room, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !/(^|\/)(rules|traffic|findings)(\/|\.ts$)/.test(file))
  .map((file) => readFileSync(join(room, file), "utf8"))
  .join("\n");

const FAMILIES = ["PA", "PLANE", "GW", "GRPC", "CAP", "REG", "DR", "AUTO", "CP", "AMB", "JOIN", "ID", "AP"];
const ids = (Object.keys(RULES) as readonly RuleId[]).filter((id) => FAMILIES.includes(id.split("-")[0] ?? ""));

describe("rules", () => {
  it("are many", () => {
    expect(ids.length).toBeGreaterThan(100);
  });

  it.each(ids)("%s has its sentence in SPEC.md, with its source", (id) => {
    const { says, source } = RULES[id];
    expect(source).toMatch(/^(semantics [A-D]|Istio's `)/);
    expect(specification).toContain(`- **${id}** ${says.charAt(0).toUpperCase()}${says.slice(1)}. *${source}*`);
  });

  it.each(ids)("%s has a test titled by it", (id) => {
    expect(tests.includes(`rule: "${id}"`) || tests.includes(`"[${id}]`)).toBe(true);
  });

  it.each(ids)("%s is given as a reason somewhere", (id) => {
    expect(used).toContain(`"${id}"`);
  });

  it("has no other rule in SPEC.md", () => {
    const written = [...specification.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map(([, id]) => id);
    expect([...written].sort()).toEqual([...ids].sort());
  });
});
