import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FINDING_RULES, type FindingRule } from "#mesh";

// A rule of findings is a sentence in SPEC.md, an authority, a test titled by its id, and code that finds it.
const room = join(import.meta.dirname, "../../../lib/mesh/findings");
const specification = readFileSync(join(room, "SPEC.md"), "utf8");

function textOf(folder: string, wanted: (file: string) => boolean): string {
  return readdirSync(folder).filter(wanted).map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
}

const tests = textOf(import.meta.dirname, (file) => file.endsWith(".test.ts") && file !== "rules.test.ts");
const code = textOf(room, (file) => file.endsWith(".ts") && file !== "rules.ts");
const ids = Object.keys(FINDING_RULES) as readonly FindingRule[];

describe("rules of findings", () => {
  it.each(ids)("%s has its sentence in SPEC.md, with its source", (id) => {
    const { says, source } = FINDING_RULES[id];
    expect(source).toMatch(/^semantics [A-J]/);
    expect(specification).toContain(`- **${id}** ${says.charAt(0).toUpperCase()}${says.slice(1)}. *${source}*`);
  });

  it.each(ids)("%s has a test titled by it, and is found by some code", (id) => {
    expect(tests).toMatch(new RegExp(`(it|it\\.each\\(.*\\))\\("[^"]*\\[${id}\\]`));
    expect(code).toContain(`"${id}"`);
  });

  it("has no other rule in SPEC.md", () => {
    const written = [...specification.matchAll(/^- \*\*(FND-\d+)\*\*/gm)].map(([, id]) => id);
    expect(written).toEqual(ids);
  });
});
