import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The rules of the house are only worth something if they can fail: each is broken once, on purpose, in a copy of the checkout.
const ROOMS = ["app", "components", "lib", "scripts"];
const ROOT_FILES = ["instrumentation.ts", "instrumentation-node.ts", "proxy.ts", "package.json", "tsconfig.json", "next.config.js"];
const checkout = resolve(import.meta.dirname, "../..");
let copy = "";

interface Cruise {
  readonly summary: { readonly totalCruised: number; readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[] };
}

function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(join(checkout, "node_modules/.bin", command), args, { cwd: copy, encoding: "utf8", maxBuffer: 64_000_000, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

function cruise(): Cruise {
  const roots = [...ROOMS, ...ROOT_FILES.filter((file) => file.endsWith(".ts"))];
  return JSON.parse(run("depcruise", ["--config", "test/rules/imports.mjs", "--output-type", "json", ...roots])) as Cruise;
}

function plant(file: string, text: string): () => void {
  const path = join(copy, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return () => {
    rmSync(path);
  };
}

beforeAll(() => {
  mkdirSync(join(checkout, ".cache"), { recursive: true });
  copy = mkdtempSync(join(checkout, ".cache/house-"));
  for (const room of ROOMS) cpSync(join(checkout, room), join(copy, room), { recursive: true });
  for (const file of ROOT_FILES) cpSync(join(checkout, file), join(copy, file));
  cpSync(join(checkout, "test/rules"), join(copy, "test/rules"), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => {
  rmSync(copy, { recursive: true });
});

const forbiddenImports: readonly { readonly rule: string; readonly file: string; readonly text: string }[] = [
  { rule: "direction:lib/mesh", file: "lib/mesh/planted.ts", text: 'import type { MeshView } from "#view";\nexport type Planted = MeshView;\n' },
  { rule: "pure:no-runtime", file: "lib/mesh/planted.ts", text: 'export { readFileSync } from "node:fs";\n' },
  { rule: "pure:no-packages", file: "lib/view/planted.ts", text: 'export { z } from "zod";\n' },
  { rule: "proposals:yaml-only", file: "lib/proposals/planted.ts", text: 'export { z } from "zod";\n' },
  { rule: "direction:lib/view", file: "lib/view/planted.ts", text: 'export * from "#pipeline";\n' },
  { rule: "direction:components", file: "components/planted.ts", text: 'export type { Verdict } from "#mesh";\n' },
  { rule: "browser-never-reaches-sources", file: "components/planted.ts", text: 'export * from "../lib/sources/index.ts";\n' },
  { rule: "direction:app", file: "app/planted.ts", text: 'export * from "#sources";\n' },
  { rule: "front-door", file: "components/planted.ts", text: 'export type { MeshView } from "../lib/view/meshView.ts";\n' },
  { rule: "siblings-are-strangers", file: "lib/sources/prometheus/planted.ts", text: 'export * from "../kubernetes/index.ts";\n' },
  { rule: "one-drawer", file: "components/planted.ts", text: 'import cytoscape from "cytoscape";\nexport const draw = cytoscape;\n' },
  { rule: "direction:root", file: "proxy.ts", text: 'export * from "#sources";\n' },
  { rule: "direction:scripts", file: "scripts/planted.ts", text: 'export * from "../components/planted.ts";\n' },
  { rule: "no-orphans", file: "lib/view/planted.ts", text: "export const alone = 1;\n" },
  { rule: "no-unresolvable", file: "lib/view/planted.ts", text: 'export * from "./nowhere.ts";\n' },
];

describe("import directions", () => {
  it("sees every module of the product", () => {
    const files = ROOMS.flatMap((room) => readdirSync(join(copy, room), { recursive: true, encoding: "utf8" })).filter((file) => /[.](ts|tsx|mjs)$/.test(file));
    const { totalCruised, violations } = cruise().summary;
    expect(violations).toEqual([]);
    expect(totalCruised).toBeGreaterThanOrEqual(files.length);
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(forbiddenImports)("$rule catches $file", ({ rule, file, text }) => {
    const existed = file === "proxy.ts";
    const remove = plant(file, text);
    const found = cruise().summary.violations.filter((violation) => violation.from === file).map((violation) => violation.rule.name);
    if (existed) cpSync(join(checkout, file), join(copy, file));
    else remove();
    expect(found).toContain(rule);
  });

  it("no-cycles catches two files that import each other's types", () => {
    const first = plant("lib/view/plantedOne.ts", 'import type { Two } from "./plantedTwo.ts";\nexport type One = Two | 1;\n');
    const second = plant("lib/view/plantedTwo.ts", 'import type { One } from "./plantedOne.ts";\nexport type Two = One | 2;\n');
    const found = cruise().summary.violations.map((violation) => violation.rule.name);
    first();
    second();
    expect(found).toContain("no-cycles");
  });
});

const forbiddenCode: readonly { readonly rule: string; readonly file: string; readonly text: string }[] = [
  { rule: "no-restricted-properties", file: "lib/mesh/planted.ts", text: "export const now = (): number => Date.now();\n" },
  { rule: "no-restricted-properties", file: "lib/sources/planted.ts", text: "export const home = process.env['HOME'];\n" },
  { rule: "no-restricted-globals", file: "lib/proposals/planted.ts", text: 'export const ask = (): Promise<Response> => fetch("http://localhost/");\n' },
  { rule: "no-restricted-syntax", file: "lib/view/planted.ts", text: "export async function wait(): Promise<void> {\n  await Promise.resolve();\n}\n" },
  { rule: "no-restricted-imports", file: "lib/view/planted.ts", text: 'export { judgeMesh } from "#mesh";\n' },
  { rule: "no-param-reassign", file: "lib/mesh/planted.ts", text: "export function sort(list: { first: number }): void {\n  list.first = 1;\n}\n" },
  { rule: "@typescript-eslint/no-explicit-any", file: "lib/mesh/planted.ts", text: "export const anything = (value: any): unknown => value;\n" },
  {
    rule: "@typescript-eslint/switch-exhaustiveness-check",
    file: "lib/mesh/planted.ts",
    text: 'export function tone(mode: "a" | "b"): string | undefined {\n  switch (mode) {\n    case "a":\n      return "x";\n  }\n  return undefined;\n}\n',
  },
];

describe("lint", () => {
  it.each(forbiddenCode)("$rule catches $file", ({ rule, file, text }) => {
    const remove = plant(file, text);
    const results = JSON.parse(run("eslint", ["-c", "test/rules/eslint.mjs", "--format", "json", file])) as readonly { readonly messages: readonly { readonly ruleId: string | null }[] }[];
    remove();
    expect(results.flatMap((result) => result.messages.map((message) => message.ruleId))).toContain(rule);
  });
});
