import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

// A rule of previews is a sentence in SPEC.md with its authority, a docstring that gives it, and a test titled by it.
const lib = join(import.meta.dirname, "../../lib");
const tests = join(import.meta.dirname, "..");

function textOf(room: string): string {
  return readdirSync(room, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== "rules.test.ts")
    .map((file) => readFileSync(join(room, file), "utf8"))
    .join("\n");
}

const rules = [...readFileSync(join(lib, "proposals/SPEC.md"), "utf8").matchAll(/^- \*\*(PRE-\d+)\*\* ([A-Z].+\.) \*(.+)\*$/gm)].map(([, id = "", says = "", source = ""]) => ({ id, says, source }));
const code = ["proposals", "view"].map((room) => textOf(join(lib, room))).join("\n");
const titled = ["proposals", "view"].map((room) => textOf(join(tests, room))).join("\n");

function cited(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/PRE-\d+/g)].map(([id]) => id));
}

describe("rules of previews", () => {
  it("are numbered without gaps, and every line that begins like one is one", () => {
    expect(rules.map(({ id }) => id)).toEqual(rules.map((_, at) => `PRE-${at + 1}`));
    expect(rules.length).toBe(readFileSync(join(lib, "proposals/SPEC.md"), "utf8").match(/^- /gm)?.length);
    expect(rules.length).toBeGreaterThan(20);
  });

  it.each(rules)("$id has a source, a docstring that gives it, and a test titled by it", ({ id, source }) => {
    expect(source).toMatch(/^(states §|semantics [A-E]\.)/);
    expect(code).toMatch(new RegExp(`@see rules? [^*]*\\b${id}\\b`));
    expect(titled).toMatch(new RegExp(`"\\[[^\\]]*\\b${id}\\b[^\\]]*\\]|rule: "${id}"`));
  });

  it("are all that code and tests cite", () => {
    const ids = rules.map(({ id }) => id);
    expect([...cited(code), ...cited(titled)].filter((id) => !ids.includes(id))).toEqual([]);
  });
});
