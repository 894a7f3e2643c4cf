import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The answers of Istio's own code, put to the runner that anybody can run: test/conformance/README.md.
const corpus = join(import.meta.dirname, "../conformance");
const runner = join(import.meta.dirname, "../../scripts/conformance.ts");
const known = new Set(JSON.parse(readFileSync(join(corpus, "disagreements.json"), "utf8")) as readonly string[]);
let directory = "";

interface Run {
  readonly status: number | null;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly summary: string;
}

function run(...files: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, ...files], { encoding: "utf8", maxBuffer: 256_000_000 });
  return { status, lines: stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>), summary: stderr };
}

function unpacked(name: string): string {
  const path = join(directory, `${name}.json`);
  writeFileSync(path, gunzipSync(readFileSync(join(corpus, `${name}.json.gz`))));
  return path;
}

function written(name: string, content: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function disagreeing(summary: string): readonly string[] {
  return [...summary.matchAll(/^ {2}(\S+) \w+: expected/gm)].map(([, id]) => id ?? "");
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mtlscope-conformance-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe("agreement with Istio", () => {
  it.each([
    ["cases", 161],
    ["dev-sidecar", 5301],
    ["dev-ambient", 2225],
    ["generated", 4631],
    ["generated-gateways", 1898],
    ["grids", 1521],
  ] as const)("%s: %i queries", { timeout: 240_000 }, (name, queries) => {
    const { lines, summary, status } = run(unpacked(name));
    const disagree = new Set(disagreeing(summary));
    expect([...disagree].filter((id) => !known.has(id))).toEqual([]);
    const ids = new Set(lines.map((line) => String(line["id"])));
    expect(ids.size).toBe(queries);
    expect([...known].filter((id) => ids.has(id) && !disagree.has(id)), "agrees now: take it off the list").toEqual([]);
    expect(status).toBe(disagree.size === 0 ? 0 : 1);
  });

  it("has no id on the list that no file has", () => {
    expect(known.size).toBe(0);
  });
});

const pod = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "foo", name: "client" }, spec: { containers: [] }, status: { podIP: "10.0.0.1" } };
const question = { id: "q", client: "foo/client", server: "foo/client", port: 80, via: { type: "podIP", ip: "10.0.0.1" } };

function file(mesh: object): object {
  return { schema: "mtlscope-conformance/1", istio: "1.32-dev", meshes: [{ id: "M", objects: [pod], queries: [question], ...mesh }] };
}

describe("the runner", () => {
  it("answers with values and reasons, and needs no expectation", () => {
    const { status, lines } = run(written("plain.json", file({})));
    expect(status).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ id: "q", clientMode: "NONE", serverMode: "NONE", transport: "plaintext", authz: "allow" });
    expect(lines[0]?.["reasons"]).toContainEqual({ rule: "PLANE-1", object: { kind: "Pod", namespace: "foo", name: "client" }, field: null });
  });

  it("leaves out what is not known and names the gap", () => {
    const { lines } = run(written("unknown.json", file({ queries: [{ ...question, server: "foo/nobody" }] })));
    expect(lines[0]).toEqual({ id: "q", reasons: [], unknown: [{ wanted: "workload instance `foo/nobody`", because: "no Pod or WorkloadEntry of that name exists" }] });
  });

  it("says where it disagrees, and exits 1", () => {
    const { status, summary } = run(written("wrong.json", file({ queries: [{ ...question, expected: { transport: "mTLS" } }] })));
    expect(status).toBe(1);
    expect(summary).toContain("1 queries, 0 agree, 1 disagree");
    expect(summary).toContain("q transport: expected mTLS, got plaintext");
  });

  it.each([
    ["no JSON", "{", /unreadable\.json: /],
    ["another schema", { schema: "x" }, /`schema` is not `mtlscope-conformance\/1`/],
    ["a query without port", file({ queries: [{ ...question, port: "80" }] }), /mesh M query q: `port` is not a whole number/],
    ["an object whose field is of another type", file({ objects: [{ ...pod, spec: { hostNetwork: "yes" } }] }), /mesh M: Pod `foo\/client` field `spec\.hostNetwork`: /],
    ["an object without name", file({ objects: [{ ...pod, metadata: {} }] }), /mesh M: .*`metadata\.name`/],
    ["a mesh config that is no YAML", file({ objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "istio-system", name: "istio" }, data: { mesh: "a: [" } }] }), /MeshConfig `istio-system\/istio` field `data\.mesh`/],
  ])("names what it cannot read: %s", (_name, content, message) => {
    const { status, summary, lines } = run(written("unreadable.json", content));
    expect(status).toBe(2);
    expect(summary).toMatch(message);
    expect(lines).toEqual([]);
  });
});
