import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Json } from "./generated/draw.ts";
import type { Mesh } from "./generated/mesh.ts";

const checkout = resolve(import.meta.dirname, "../..");
const program = join(checkout, ".cache/istio/oracle");

/** The version of Istio whose code answers. */
export const ISTIO = "1.32-dev eed52ebb66ad";

/** Builds the program that asks Istio's code; the first time takes minutes, and downloads Istio. */
export function build(): void {
  mkdirSync(join(checkout, ".cache/istio"), { recursive: true });
  execFileSync("go", ["build", "-o", program, "."], { cwd: join(import.meta.dirname, "oracle"), stdio: ["ignore", "inherit", "inherit"] });
}

export const FIELDS = ["clientMode", "serverMode", "transport", "authz"] as const;
export type Field = (typeof FIELDS)[number];
export type Answer = Partial<Readonly<Record<Field | "basis" | "note" | "unknown", string>>>;

/** Istio's log is among them where it complains of its environment. */
function lines(text: string): ReadonlyMap<string, Answer> {
  const all = text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Answer & { readonly id: string });
  return new Map(all.map((answer) => [answer.id, answer]));
}

function run(command: string, args: readonly string[], accepted: readonly number[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: checkout, maxBuffer: 1_000_000_000 });
  if (status === null || !accepted.includes(status)) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** What Istio's code says of the questions of a file. */
export function answersOfIstio(path: string): ReadonlyMap<string, Answer> {
  return lines(run(program, [path], [0]));
}

/** What the engine says of them. */
export function answersOfOurs(path: string): ReadonlyMap<string, Answer> {
  return lines(run(process.execPath, ["scripts/conformance.ts", path], [0, 1]));
}

/** A file of meshes, for as long as it is asked about. */
export function withFile<T>(meshes: readonly Mesh[], ask: (path: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "mtlscope-istio-"));
  const path = join(directory, "meshes.json");
  try {
    writeFileSync(path, JSON.stringify({ schema: "mtlscope-conformance/1", istio: ISTIO, meshes }));
    return ask(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export interface Disagreement {
  readonly mesh: Mesh;
  readonly query: Json;
  readonly field: Field;
  readonly istio: string;
  readonly ours: string;
  readonly note: string;
}

export interface Compared {
  readonly queries: number;
  /** each query with Istio's answer, where it has one */
  readonly answered: readonly Mesh[];
  readonly disagreements: readonly Disagreement[];
}

/** Fields of an answer of Istio's that its control plane decides. */
export function decided(answer: Answer | undefined): readonly Field[] {
  return answer?.basis === "istio" ? FIELDS.filter((field) => answer[field] !== undefined) : [];
}

/** Both sides' answers to the same questions. */
export function compared(meshes: readonly Mesh[]): Compared {
  const { istio, ours } = withFile(meshes, (path) => ({ istio: answersOfIstio(path), ours: answersOfOurs(path) }));
  const disagreements = meshes.flatMap((mesh) =>
    mesh.queries.flatMap((query) => {
      const id = String(query["id"]);
      return decided(istio.get(id)).flatMap((field): readonly Disagreement[] => {
        const [theirs, our] = [istio.get(id)?.[field] ?? "", ours.get(id)?.[field] ?? "(unknown)"];
        return theirs === our ? [] : [{ mesh, query, field, istio: theirs, ours: our, note: JSON.stringify(ours.get(id)?.unknown ?? istio.get(id)?.note ?? "") }];
      });
    }),
  );
  const answered = meshes.map((mesh) => ({
    ...mesh,
    queries: mesh.queries.flatMap((query) => {
      const answer = istio.get(String(query["id"]));
      const fields = decided(answer);
      return fields.length === 0 ? [] : [{ ...query, expected: Object.fromEntries(fields.map((field) => [field, answer?.[field]])), basis: "istio" }];
    }),
  }));
  return { queries: answered.reduce((sum, { queries }) => sum + queries.length, 0), answered, disagreements };
}
