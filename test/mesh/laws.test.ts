import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Configuration, ConnectionVerdict, ObjectKind, Verdict } from "#mesh";
import { applyChange, judgeMesh, OBJECT_KINDS } from "#mesh";
import { mapConfiguration, mapObject } from "#kubernetes-objects";
import { destinationRule, peerAuthentication, pod, service, tls, trafficPolicy, unread } from "../support/mesh.ts";
import { dice, generatedMesh, NAMESPACES, questionsOf, random } from "../support/generated.ts";

const SEED = Number(process.env["MTLSCOPE_SEED"] ?? 20_260_822);
const seeds = Array.from({ length: 25 }, (_, n) => SEED + n);

function verdicts(configuration: Configuration, asked: Configuration = configuration): readonly ConnectionVerdict[] {
  const judge = judgeMesh(configuration);
  return questionsOf(asked).map((question) => judge.connection(question));
}

function shuffled<T>(all: readonly T[], next: () => number): readonly T[] {
  return all.map((one) => [next(), one] as const).sort(([a], [b]) => a - b).map(([, one]) => one);
}

function reordered(configuration: Configuration, seed: number): Configuration {
  const next = random(seed);
  const objects = Object.fromEntries(OBJECT_KINDS.map((kind) => [kind, shuffled<unknown>(configuration.objects[kind], next)]));
  return { ...configuration, objects: objects as unknown as Configuration["objects"] };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

const FACTS = ["clientMode", "serverMode", "transport", "authorization"] as const;

function facts(verdict: ConnectionVerdict): readonly Verdict<string>[] {
  return FACTS.map((fact) => verdict[fact]);
}

describe(`laws over generated meshes, seed ${SEED}`, () => {
  it.each(seeds)("the order of objects is irrelevant (%i)", (seed) => {
    const configuration = generatedMesh(seed);
    expect(verdicts(reordered(configuration, seed), configuration)).toEqual(verdicts(configuration));
  });

  it.each(seeds)("equal questions have equal answers, and the input is not touched (%i)", (seed) => {
    const configuration = deepFreeze(generatedMesh(seed));
    const text = JSON.stringify(configuration);
    expect(verdicts(configuration)).toEqual(verdicts(configuration));
    expect(JSON.stringify(configuration)).toBe(text);
  });

  it.each(seeds)("policies elsewhere change nothing (%i)", (seed) => {
    const configuration = generatedMesh(seed);
    const elsewhere = [
      peerAuthentication("elsewhere", "default", "STRICT"),
      peerAuthentication("elsewhere", "cart", "DISABLE", { selector: { app: "cart" } }),
      destinationRule("elsewhere", "all", "*", { trafficPolicy: trafficPolicy(tls("DISABLE")), exportTo: ["bar"] }),
      pod("elsewhere", "cart", { proxy: "sidecar" }),
    ];
    const more = applyChange(configuration, { add: elsewhere, update: [], remove: [] });
    const values = (all: readonly ConnectionVerdict[]) => all.map((verdict) => facts(verdict).map((fact) => (fact.kind === "known" ? fact.value : "unknown")));
    expect(values(verdicts(more, configuration))).toEqual(values(verdicts(configuration)));
  });

  it.each(seeds.flatMap((seed) => OBJECT_KINDS.map((kind) => [kind, seed] as const)))("taking away %s never makes another verdict (%i)", (kind, seed) => {
    const configuration = generatedMesh(seed);
    const { one } = dice(seed);
    const namespace = one([null, ...NAMESPACES]);
    const gone = (object: { readonly namespace: string }): boolean => namespace === null || object.namespace === namespace;
    const kept = (configuration.objects[kind] as readonly { readonly namespace: string }[]).filter((object) => !gone(object));
    const less: Configuration = { ...configuration, objects: { ...configuration.objects, [kind]: kept }, unread: [unread(kind, { namespace })] };
    const before = verdicts(configuration);
    verdicts(less, configuration).forEach((verdict, at) => {
      FACTS.forEach((fact) => {
        const [known, now] = [before[at]?.[fact], verdict[fact]];
        if (now.kind === "known") expect(known, `${fact} of ${JSON.stringify(questionsOf(configuration)[at])}`).toMatchObject({ kind: "known", value: now.value });
      });
    });
  });
});

interface Corpus {
  readonly meshes: readonly { readonly objects: readonly unknown[] }[];
}

const corpus = JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, "../conformance/cases.json.gz"))).toString("utf8")) as Corpus;
const HUGE = "x".repeat(1_000_000);
const JUNK: readonly unknown[] = [null, 0, -1, 1.5, "", "__proto__", HUGE, [], {}, [[]], { a: null }, true, JSON.parse('{"__proto__":{"x":1}}')];

/** One leaf or branch of an object made nonsense. */
function spoiled(value: unknown, next: () => number): unknown {
  if (typeof value !== "object" || value === null || next() < 0.15) return JUNK[Math.floor(next() * JUNK.length)];
  const entries = Object.entries(value);
  if (entries.length === 0) return value;
  const at = Math.floor(next() * entries.length);
  const copy: [string, unknown][] = entries.map(([key, inner], index) => [key, index === at ? spoiled(inner, next) : inner]);
  return Array.isArray(value) ? copy.map(([, inner]) => inner) : Object.fromEntries(copy);
}

describe(`nonsense, seed ${SEED}`, () => {
  it("never throws, and names what it could not understand", () => {
    const next = random(SEED);
    for (const { objects } of corpus.meshes) {
      const configuration = mapConfiguration(objects.map((object) => (next() < 0.5 ? spoiled(object, next) : object)));
      for (const { kind, because } of configuration.unread) expect([kind, because]).not.toContain("");
      const judge = judgeMesh(configuration);
      for (const question of questionsOf(configuration, 10)) judge.connection(question);
      for (const workload of judge.workloads.values()) {
        judge.policies(workload.id);
        workload.instances.forEach(({ ref }) => judge.ports(ref));
        judge.paths(null, workload.id, null, "http");
        judge.paths(workload.id, workload.id, null, "tcp");
      }
    }
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("takes %s for a name like any other", (name) => {
    const labels = Object.fromEntries([[name, name], ["app", name]]);
    const server = pod(name, name, { proxy: "sidecar", labels });
    const web = service(name, name, { selector: labels });
    const configuration = mapConfiguration([]);
    const objects = { ...configuration.objects, Pod: [server, pod("foo", "client")], Service: [web], PeerAuthentication: [peerAuthentication(name, name, "STRICT", { selector: labels })] };
    const judge = judgeMesh({ ...configuration, objects });
    expect(judge.serverMode({ namespace: name, name }, 8080)).toMatchObject({ kind: "known", value: "STRICT" });
    expect(judge.serverMode({ namespace: "foo", name: "client" }, 8080)).toMatchObject({ kind: "known", value: "NONE" });
  });

  it.each(JUNK.map((junk) => [JSON.stringify(junk).slice(0, 40), junk] as const))("an object that is %s is unread, not an error", (_text, junk) => {
    expect(mapObject(junk)).toMatchObject({ kind: "unread" });
  });

  it("stays quick with labels of a megabyte", () => {
    const configuration = mapConfiguration([]);
    const pods = Array.from({ length: 50 }, (_, n) => pod("foo", `p${n}`, { labels: { app: HUGE, ["k".repeat(100_000)]: "v" } }));
    const judge = judgeMesh({ ...configuration, objects: { ...configuration.objects, Pod: pods } });
    expect(judge.serverMode({ namespace: "foo", name: "p1" }, 80).kind).toBe("known");
  });
});

describe("kinds", () => {
  it("are all that a configuration holds", () => {
    const kinds: readonly ObjectKind[] = OBJECT_KINDS;
    expect([...kinds].sort()).toEqual(Object.keys(mapConfiguration([]).objects).sort());
  });
});
