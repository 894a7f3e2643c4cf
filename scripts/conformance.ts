// Compares the engine with answers computed by Istio's own code: `npm run -s conformance -- FILE...`
// One JSON object per query on standard output, a summary on standard error. Exit 0: every expected field agrees; 1: some do not;
// 2: a file cannot be read, and the message names file, mesh, object and field.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { mapConfiguration } from "#kubernetes-objects";
import type { Configuration, ConnectionQuestion, ConnectionVerdict, ControlPlane, Gap, InstanceRef, MeshJudge, Reason, Verdict, Via } from "#mesh";
import { CONTROL_PLANE_VARIABLES, judgeMesh, serviceHost } from "#mesh";

const FIELDS = ["clientMode", "serverMode", "transport", "authz"] as const;
type Field = (typeof FIELDS)[number];
type Expected = Partial<Record<Field, string>>;
type Json = Readonly<Record<string, unknown>>;

interface Query {
  readonly id: string;
  readonly question: ConnectionQuestion;
  readonly expected: Expected | null;
}

interface Answer {
  readonly line: Json;
  readonly values: Expected;
}

interface Disagreement {
  readonly id: string;
  readonly field: Field;
  readonly expected: string;
  readonly got: string;
}

class Unreadable extends Error {}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(from: Json, field: string, where: string): string {
  const value = from[field];
  if (typeof value !== "string" || value === "") throw new Unreadable(`${where}: \`${field}\` is not a text`);
  return value;
}

function list(from: Json, field: string, where: string): readonly Json[] {
  const value = from[field];
  if (!Array.isArray(value)) throw new Unreadable(`${where}: \`${field}\` is not a list`);
  const all: readonly unknown[] = value;
  return all.map((one, at) => {
    if (!isJson(one)) throw new Unreadable(`${where}: \`${field}[${at}]\` is not an object`);
    return one;
  });
}

function instance(from: Json, field: string, where: string): InstanceRef {
  const [namespace, name, ...more] = text(from, field, where).split("/");
  if (namespace === undefined || name === undefined || more.length > 0) throw new Unreadable(`${where}: \`${field}\` is not \`namespace/name\``);
  return { namespace, name };
}

function readVia(from: Json, where: string): Via {
  const via = from["via"];
  if (!isJson(via)) throw new Unreadable(`${where}: \`via\` is not an object`);
  const at = `${where} via`;
  const optional = (field: string): Json => (via[field] === undefined ? {} : { [field]: text(via, field, at) });
  if (via["type"] === "service") return { type: "service", host: serviceHost(text(via, "host", at)), ...optional("subset") };
  if (via["type"] === "podIP") return { type: "podIP", ip: text(via, "ip", at), ...optional("host") };
  throw new Unreadable(`${at}: \`type\` is neither \`service\` nor \`podIP\``);
}

function readExpected(from: Json, where: string): Expected | null {
  const expected = from["expected"];
  if (expected === undefined) return null;
  if (!isJson(expected)) throw new Unreadable(`${where}: \`expected\` is not an object`);
  return Object.fromEntries(FIELDS.filter((field) => expected[field] !== undefined).map((field) => [field, text(expected, field, `${where} expected`)]));
}

function readQuery(from: Json, where: string): Query {
  const id = text(from, "id", where);
  const at = `${where} query ${id}`;
  const { port } = from;
  if (typeof port !== "number" || !Number.isInteger(port)) throw new Unreadable(`${at}: \`port\` is not a whole number`);
  return { id, question: { client: instance(from, "client", at), server: instance(from, "server", at), port, via: readVia(from, at) }, expected: readExpected(from, at) };
}

function names(value: unknown, where: string): readonly (readonly [string, string])[] {
  if (value === undefined || value === null) return [];
  if (!isJson(value)) throw new Unreadable(`${where}: \`env\` is not an object`);
  return Object.entries(value).map(([name, written]) => [name, String(written)] as const);
}

/** The istiod that computed the answers: the file's version, or the oldest for which the case holds. */
function controlPlane(file: Json, mesh: Json, where: string): ControlPlane {
  const computed = text(file, "istio", where);
  const written = mesh["minVersion"] === undefined ? computed : text(mesh, "minVersion", where);
  const version = /\d+\.\d+(?:\.\d+)?/.exec(written)?.[0] ?? null;
  const env = Object.fromEntries(names(mesh["env"], where).filter(([name]) => CONTROL_PLANE_VARIABLES.has(name)));
  return { kind: "ControlPlane", namespace: "istio-system", name: "istiod", revision: "default", version, env };
}

function readConfiguration(file: Json, mesh: Json, where: string): Configuration {
  const configuration = mapConfiguration(list(mesh, "objects", where));
  const [unread] = configuration.unread;
  if (unread !== undefined) {
    const field = unread.field === null ? "" : ` field \`${unread.field}\``;
    throw new Unreadable(`${where}: ${unread.kind} \`${unread.namespace ?? ""}/${unread.name ?? ""}\`${field}: ${unread.because}`);
  }
  return { ...configuration, objects: { ...configuration.objects, ControlPlane: [controlPlane(file, mesh, where)] } };
}

function told<T extends string>(field: Field, verdict: Verdict<T>): Expected {
  return verdict.kind === "known" ? { [field]: verdict.value } : {};
}

function distinct<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function answer(judge: MeshJudge, { id, question }: Query): Answer {
  const verdict: ConnectionVerdict = judge.connection(question);
  const { clientMode, serverMode, transport, authorization } = verdict;
  const verdicts = [clientMode, serverMode, transport, authorization];
  const values = { ...told("clientMode", clientMode), ...told("serverMode", serverMode), ...told("transport", transport), ...told("authz", authorization) };
  const reasons: readonly Reason[] = verdicts.flatMap((one) => (one.kind === "known" ? one.reasons : []));
  const unknown: readonly Gap[] = verdicts.flatMap((one) => (one.kind === "unknown" ? one.gaps : []));
  return { values, line: { id, ...values, reasons: distinct(reasons), ...(unknown.length === 0 ? {} : { unknown: distinct(unknown) }) } };
}

function compare({ id, expected }: Query, values: Expected): readonly Disagreement[] {
  return FIELDS.flatMap((field) => {
    const wanted = expected?.[field];
    const got = values[field] ?? "(unknown)";
    return wanted === undefined || wanted === got ? [] : [{ id, field, expected: wanted, got }];
  });
}

function readFile(path: string): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch (error) {
    throw new Unreadable(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isJson(parsed)) throw new Unreadable(`${path}: not an object`);
  if (parsed["schema"] !== "mtlscope-conformance/1") throw new Unreadable(`${path}: \`schema\` is not \`mtlscope-conformance/1\``);
  return parsed;
}

interface Result {
  readonly queries: number;
  readonly disagreements: readonly Disagreement[];
}

function runMesh(file: Json, mesh: Json, path: string): Result {
  const where = `${path}: mesh ${text(mesh, "id", path)}`;
  const queries = list(mesh, "queries", where).map((query) => readQuery(query, where));
  const judge = judgeMesh(readConfiguration(file, mesh, where));
  const disagreements = queries.flatMap((query) => {
    const { line, values } = answer(judge, query);
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return compare(query, values);
  });
  return { queries: queries.length, disagreements };
}

function runFile(path: string): number {
  const file = readFile(path);
  const results = list(file, "meshes", path).map((mesh) => runMesh(file, mesh, path));
  const disagreements = results.flatMap((result) => result.disagreements);
  const queries = results.reduce((sum, result) => sum + result.queries, 0);
  const disagreeing = new Set(disagreements.map(({ id }) => id)).size;
  process.stderr.write(`${basename(path)}: ${queries} queries, ${queries - disagreeing} agree, ${disagreeing} disagree\n`);
  for (const { id, field, expected, got } of disagreements) process.stderr.write(`  ${id} ${field}: expected ${expected}, got ${got}\n`);
  return disagreeing;
}

function main(paths: readonly string[]): number {
  if (paths.length === 0) throw new Unreadable("usage: npm run -s conformance -- FILE...");
  return paths.map(runFile).some((disagreeing) => disagreeing > 0) ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Unreadable)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
