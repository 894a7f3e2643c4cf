// What is asked for is checked twice: as options before anything is installed, and as variables by the server. Each case goes through both.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Misconfiguration, openSources, readConfig } from "../../lib/sources/index.ts";

type Option = "playground" | "snapshot" | "kubeconfig" | "context" | "namespaces" | "prometheus";
type Options = Readonly<Partial<Record<Option, string>>>;
type Environment = Readonly<Record<string, string>>;

interface MeshOptions {
  readonly UsageError: new () => Error;
  meshEnvironment(values: Options): Environment;
  excludesClusters(option: Option, what: string, values: Options): void;
  savedState(option: Option, file: string): string;
}

const { UsageError, ...checks } = (await import(pathToFileURL(resolve(import.meta.dirname, "../../scripts/meshOptions.mjs")).href)) as MeshOptions;

const VARIABLES: Readonly<Record<Option, string>> = {
  playground: "MTLSCOPE_PLAYGROUND", snapshot: "MTLSCOPE_SNAPSHOT", kubeconfig: "MTLSCOPE_KUBECONFIG", context: "MTLSCOPE_CONTEXT", namespaces: "MTLSCOPE_NAMESPACES", prometheus: "PROMETHEUS_URL",
};

const folder = mkdtempSync(join(tmpdir(), "mtlscope-"));
const there = join(folder, "config");
const gone = join(folder, "gone");
writeFileSync(there, "");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  for (const name of [...Object.values(VARIABLES), "KUBECONFIG", "KUBERNETES_SERVICE_HOST"]) vi.stubEnv(name, "");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** As `npm start` does. */
function handedOn({ snapshot, ...mesh }: Options): Environment {
  if (snapshot !== undefined) checks.excludesClusters("snapshot", "a saved state", { ...mesh, snapshot });
  return { ...checks.meshEnvironment({ ...mesh, ...(snapshot !== undefined && { snapshot }) }), ...(snapshot !== undefined && { MTLSCOPE_SNAPSHOT: checks.savedState("snapshot", snapshot) }) };
}

async function opened(environment: Environment): Promise<string> {
  const config = readConfig(environment, { home: folder, fileExists: (file) => file === there });
  if (config.mesh.kind === "playground") await (await openSources(config)).stop();
  return config.mesh.kind;
}

function variablesOf(options: Options): Environment {
  return Object.fromEntries(Object.entries(options).map(([option, value]) => [VARIABLES[option as Option], value]));
}

interface Case {
  readonly name: string;
  readonly options: Options;
  /** what stands in the environment beside them */
  readonly beside?: Environment;
}

const refused: readonly (Case & { readonly words: readonly string[] })[] = [
  { name: "a scene that is not there", options: { playground: "nowhere" }, words: ["nowhere", ": there is no such scene; there are migration and shop"] },
  { name: "a kubeconfig that is not there", options: { kubeconfig: gone }, words: ["kubeconfig", `\`${gone}\` does not exist or cannot be read`] },
  { name: "a saved state that is not there", options: { snapshot: gone }, words: ["snapshot", `\`${gone}\` does not exist or cannot be read`] },
  { name: "what is no namespace", options: { kubeconfig: there, namespaces: "shop,Foo" }, words: ["--namespaces", "is not the name of a namespace"] },
  { name: "no namespace at all", options: { kubeconfig: there, namespaces: " , " }, words: ["--namespaces", "names no namespace"] },
  { name: "a URL of something else", options: { kubeconfig: there, prometheus: "ftp://prometheus" }, words: ["--prometheus", "must begin with http:// or https://"] },
  { name: "no URL", options: { kubeconfig: there, prometheus: "prometheus:9090" }, words: ["--prometheus", "must begin with http:// or https://"] },
  {
    name: "a Prometheus without a cluster", options: { prometheus: "http://prometheus" },
    words: ["--prometheus", "is of use only with a cluster, and none is asked for: add --kubeconfig FILE, --context NAME or KUBECONFIG; or ask for the simulated mesh with --playground SCENE"],
  },
  { name: "namespaces without a cluster", options: { namespaces: "shop" }, words: ["--namespaces", "is of use only with a cluster, and none is asked for"] },
  { name: "a variable that is of use only with a cluster", options: {}, beside: { PROMETHEUS_URL: "http://prometheus" }, words: ["PROMETHEUS_URL", "is of use only with a cluster, and none is asked for"] },
  { name: "a simulated mesh and a cluster", options: { playground: "shop", kubeconfig: there }, words: ["--playground", "asks for a simulated mesh, ", "--kubeconfig", "for a cluster: choose one"] },
  { name: "a simulated mesh and a context", options: { playground: "shop", context: "prod" }, words: ["--playground", "asks for a simulated mesh, ", "--context", "for a cluster: choose one"] },
  { name: "a saved state and a cluster", options: { snapshot: there, context: "prod" }, words: ["--snapshot", "asks for a saved state, ", "--context", "for a cluster: choose one"] },
];

const accepted: readonly (Case & { readonly kind: string })[] = [
  { name: "nothing", options: {}, kind: "playground" },
  { name: "a scene", options: { playground: "shop" }, kind: "playground" },
  { name: "a scene beside variables of a cluster", options: { playground: "shop" }, beside: { KUBECONFIG: there, PROMETHEUS_URL: "http://prometheus", MTLSCOPE_NAMESPACES: "shop" }, kind: "playground" },
  { name: "a kubeconfig", options: { kubeconfig: there }, kind: "cluster" },
  { name: "everything about a cluster", options: { kubeconfig: there, context: "prod", namespaces: "shop, payments", prometheus: "https://prometheus.example/api" }, kind: "cluster" },
  { name: "a Prometheus beside KUBECONFIG", options: { prometheus: "http://prometheus" }, beside: { KUBECONFIG: there }, kind: "cluster" },
];

function standing(beside: Environment): void {
  for (const [name, value] of Object.entries(beside)) vi.stubEnv(name, value);
}

/** @returns why; empty where it is not refused */
async function refusal(asking: () => unknown, kind: new () => Error): Promise<string> {
  try {
    await asking();
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    return (error as Error).message;
  }
}

describe("is refused, as options and as variables, in the same words", () => {
  it.each(refused)("$name", async ({ options, beside = {}, words }) => {
    standing(beside);
    const asOptions = await refusal(() => handedOn(options), UsageError);
    const asVariables = await refusal(() => opened({ ...beside, ...variablesOf(options) }), Misconfiguration);
    for (const part of words) {
      expect(asOptions).toContain(part);
      expect(asVariables).toContain(part);
    }
  });
});

describe("is understood, as options and as variables, and as what the options are handed on as", () => {
  it.each(accepted)("$name", async ({ options, beside = {}, kind }) => {
    standing(beside);
    expect(await opened({ ...beside, ...variablesOf(options) })).toBe(kind);
    expect(await opened({ ...beside, ...handedOn(options) })).toBe(kind);
  });
});
