import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The rules of the house are only worth something if they can fail: each is broken once, on purpose, in a copy of the checkout.
const ROOMS = ["app", "pages", "components", "lib", "scripts"];
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

function plant({ file, text }: Pick<Violation, "file" | "text">): void {
  const path = join(copy, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

interface Violation {
  readonly rule: string;
  readonly file: string;
  readonly text: string;
}

const forbiddenImports: readonly Violation[] = [
  { rule: "direction:lib/mesh", file: "lib/mesh/plantedView.ts", text: 'import type { MeshView } from "#view";\nexport type Planted = MeshView;\n' },
  { rule: "pure:no-runtime", file: "lib/mesh/plantedNode.ts", text: 'export { readFileSync } from "node:fs";\n' },
  { rule: "pure:no-packages", file: "lib/view/plantedZod.ts", text: 'export { z } from "zod";\n' },
  { rule: "proposals:yaml-only", file: "lib/proposals/plantedZod.ts", text: 'export { z } from "zod";\n' },
  { rule: "direction:lib/view", file: "lib/view/plantedPipeline.ts", text: 'export * from "#pipeline";\n' },
  { rule: "direction:components", file: "components/plantedMesh.ts", text: 'export type { Verdict } from "#mesh";\n' },
  { rule: "browser-never-reaches-sources", file: "components/plantedSources.ts", text: 'export * from "../lib/sources/index.ts";\n' },
  { rule: "direction:app", file: "app/plantedSources.ts", text: 'export * from "#sources";\n' },
  { rule: "direction:pages", file: "pages/plantedSources.ts", text: 'export * from "#sources";\n' },
  { rule: "front-door", file: "components/plantedWindow.ts", text: 'export type { MeshView } from "../lib/view/meshView.ts";\n' },
  { rule: "siblings-are-strangers", file: "lib/sources/prometheus/plantedSibling.ts", text: 'export * from "../kubernetes/index.ts";\n' },
  { rule: "one-drawer", file: "components/plantedDrawer.ts", text: 'import cytoscape from "cytoscape";\nexport const draw = cytoscape;\n' },
  { rule: "direction:root", file: "proxy.ts", text: 'export * from "#sources";\n' },
  { rule: "direction:scripts", file: "scripts/planted.ts", text: 'export * from "../components/words.ts";\n' },
  { rule: "no-test-in-product", file: "lib/view/plantedTest.ts", text: 'export * from "../../test/rules/planted.ts";\n' },
  { rule: "no-orphans", file: "lib/view/plantedAlone.ts", text: "export const alone = 1;\n" },
  { rule: "no-unresolvable", file: "lib/view/plantedNowhere.ts", text: 'export * from "./nowhere.ts";\n' },
  { rule: "no-cycles", file: "lib/view/plantedOne.ts", text: 'import type { Two } from "./plantedTwo.ts";\nexport type One = Two | 1;\n' },
];

/** What some of the planted files import. */
const accomplices: readonly Pick<Violation, "file" | "text">[] = [
  { file: "test/rules/planted.ts", text: "export const planted = 1;\n" },
  { file: "lib/view/plantedTwo.ts", text: 'import type { One } from "./plantedOne.ts";\nexport type Two = One | 2;\n' },
];

const forbiddenCode: readonly Violation[] = [
  { rule: "no-restricted-properties", file: "lib/mesh/plantedClock.ts", text: "export const now = (): number => Date.now();\n" },
  { rule: "no-restricted-properties", file: "lib/sources/plantedEnvironment.ts", text: "export const home = process.env['HOME'];\n" },
  { rule: "no-restricted-globals", file: "lib/proposals/plantedFetch.ts", text: 'export const ask = (): Promise<Response> => fetch("http://localhost/");\n' },
  { rule: "no-restricted-syntax", file: "lib/view/plantedWait.ts", text: "export async function wait(): Promise<void> {\n  await Promise.resolve();\n}\n" },
  { rule: "no-restricted-imports", file: "lib/view/plantedJudge.ts", text: 'export { judgeMesh } from "#mesh";\n' },
  { rule: "no-param-reassign", file: "lib/mesh/plantedMutation.ts", text: "export function sort(list: { first: number }): void {\n  list.first = 1;\n}\n" },
  { rule: "@typescript-eslint/no-explicit-any", file: "lib/mesh/plantedAny.ts", text: "export const anything = (value: any): unknown => value;\n" },
  {
    rule: "@typescript-eslint/switch-exhaustiveness-check",
    file: "lib/mesh/plantedSwitch.ts",
    text: 'export function tone(mode: "a" | "b"): string | undefined {\n  switch (mode) {\n    case "a":\n      return "x";\n  }\n  return undefined;\n}\n',
  },
];

let honest: Cruise["summary"];
let planted: Cruise["summary"];
let complaints: readonly { readonly filePath: string; readonly messages: readonly { readonly ruleId: string | null }[] }[];

beforeAll(() => {
  mkdirSync(join(checkout, ".cache"), { recursive: true });
  copy = mkdtempSync(join(checkout, ".cache/house-"));
  for (const room of ROOMS) cpSync(join(checkout, room), join(copy, room), { recursive: true });
  for (const file of ROOT_FILES) cpSync(join(checkout, file), join(copy, file));
  for (const folder of ["test/rules", "test/support"]) cpSync(join(checkout, folder), join(copy, folder), { recursive: true });
  symlinkSync(join(checkout, "node_modules"), join(copy, "node_modules"));
  honest = cruise().summary;
  for (const file of [...forbiddenImports, ...accomplices, ...forbiddenCode]) plant(file);
  planted = cruise().summary;
  const files = forbiddenCode.map(({ file }) => file);
  complaints = JSON.parse(run("eslint", ["-c", "test/rules/eslint.mjs", "--format", "json", ...files])) as typeof complaints;
}, 180_000);

afterAll(() => {
  rmSync(copy, { recursive: true });
});

describe("import directions", () => {
  it("sees every module of the product, and finds nothing wrong in it", () => {
    const files = ROOMS.flatMap((room) => readdirSync(join(checkout, room), { recursive: true, encoding: "utf8" })).filter((file) => /[.](ts|tsx|mjs)$/.test(file));
    expect(honest.violations).toEqual([]);
    expect(honest.totalCruised).toBeGreaterThanOrEqual(files.length);
    expect(files.length).toBeGreaterThan(300);
  });

  it.each(forbiddenImports)("$rule catches $file", ({ rule, file }) => {
    expect(planted.violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule);
  });
});

describe("lint", () => {
  it.each(forbiddenCode)("$rule catches $file", ({ rule, file }) => {
    const found = complaints.filter(({ filePath }) => filePath.endsWith(file)).flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId));
    expect(found).toContain(rule);
  });
});
