import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { Misconfiguration } from "./misconfiguration.ts";

/** Which cluster to read, and as whom. */
export interface KubernetesConfig {
  /** empty: the account of the pod that mtlscope runs in */
  readonly kubeconfigFiles: readonly string[];
  /** `null`: the kubeconfig's current context */
  readonly context: string | null;
  /** read only these and Istio's own; `null`: the whole cluster */
  readonly namespaces: readonly string[] | null;
  /** where istiod and the mesh's ConfigMaps are looked for when istiod cannot be found by its label */
  readonly istioNamespace: string;
}

/** Where traffic is read. Files are named, not read: they may rotate. */
export interface PrometheusConfig {
  readonly url: string;
  readonly bearerToken: string | null;
  readonly bearerTokenFile: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly passwordFile: string | null;
  readonly caFile: string | null;
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** a label selector without braces that is added to every query: `cluster="x"` */
  readonly selector: string | null;
}

/** Where the mesh is read from: simulated, saved, or a cluster with its telemetry. */
export type MeshConfigSource =
  | { readonly kind: "playground"; readonly scene: string | null }
  | { readonly kind: "snapshot"; readonly file: string }
  | { readonly kind: "cluster"; readonly kubernetes: KubernetesConfig; readonly prometheus: PrometheusConfig | null };

/** All that the process was asked for. */
export interface Config {
  readonly mesh: MeshConfigSource;
  readonly host: string;
  readonly port: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What is outside the environment and decides what was asked for; a test hands in its own. */
export interface Surroundings {
  readonly home: string;
  fileExists(path: string): boolean;
}

const SERVICE_ACCOUNT_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SELECTOR = /^\s*[A-Za-z_]\w*\s*(=|!=|=~|!~)\s*"(\\.|[^"\\])*"(\s*,\s*[A-Za-z_]\w*\s*(=|!=|=~|!~)\s*"(\\.|[^"\\])*")*\s*$/;

function commaList(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

const text = z.string();
const namespaceName = text.regex(NAMESPACE_NAME, "is not the name of a namespace");
const namespaceList = text.transform(commaList).pipe(z.array(namespaceName).min(1, "names no namespace"));
const httpUrl = text.refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), "must begin with http:// or https://");
const headerList = text.transform((list, context) => {
  const pairs = commaList(list).map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1).trim(), pair.includes("=")] as const);
  const bad = pairs.findIndex(([name, , complete]) => !complete || !/^[\w!#$%&'*+.^`|~-]+$/.test(name));
  if (bad !== -1) context.issues.push({ code: "custom", message: `entry ${bad + 1} is not \`Name=value\``, input: "" });
  return Object.fromEntries(pairs.map(([name, value]) => [name, value]));
});

const schema = z.object({
  MTLSCOPE_PLAYGROUND: text.optional(),
  MTLSCOPE_SNAPSHOT: text.optional(),
  MTLSCOPE_KUBECONFIG: text.optional(),
  MTLSCOPE_CONTEXT: text.optional(),
  MTLSCOPE_NAMESPACES: namespaceList.optional(),
  MTLSCOPE_ISTIO_NAMESPACE: namespaceName.optional(),
  MTLSCOPE_HOST: text.optional(),
  MTLSCOPE_PORT: text.refine((port) => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535, "is a number from 1 to 65535").transform(Number).optional(),
  KUBECONFIG: text.optional(),
  KUBERNETES_SERVICE_HOST: text.optional(),
  PROMETHEUS_URL: httpUrl.optional(),
  PROMETHEUS_BEARER_TOKEN: text.optional(),
  PROMETHEUS_BEARER_TOKEN_FILE: text.optional(),
  PROMETHEUS_USERNAME: text.optional(),
  PROMETHEUS_PASSWORD: text.optional(),
  PROMETHEUS_PASSWORD_FILE: text.optional(),
  PROMETHEUS_CA_FILE: text.optional(),
  PROMETHEUS_CERT_FILE: text.optional(),
  PROMETHEUS_KEY_FILE: text.optional(),
  PROMETHEUS_HEADERS: headerList.optional(),
  PROMETHEUS_SELECTOR: text.regex(SELECTOR, 'is not a label selector such as cluster="x"').optional(),
});
type Settings = z.infer<typeof schema>;

/** The options of the command line by which a setting is given. */
const OPTIONS: Readonly<Partial<Record<string, string>>> = {
  MTLSCOPE_PLAYGROUND: "--playground",
  MTLSCOPE_SNAPSHOT: "--snapshot",
  MTLSCOPE_KUBECONFIG: "--kubeconfig",
  MTLSCOPE_CONTEXT: "--context",
  MTLSCOPE_NAMESPACES: "--namespaces",
  MTLSCOPE_HOST: "--host",
  MTLSCOPE_PORT: "--port",
  PROMETHEUS_URL: "--prometheus",
} satisfies Partial<Record<keyof Settings, string>>;

/** A setting by both its names. */
function named(setting: string): string {
  const option = OPTIONS[setting];
  return option === undefined ? setting : `${setting} (${option})`;
}

/** All that is wrong with the configuration, in one message. Values are not repeated: they may be secret. */
export class ConfigError extends Misconfiguration {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(["mtlscope cannot start with this configuration:", ...problems.map((problem) => `- ${problem}`)].join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Where a kubeconfig was asked for. One that merely lies in the home directory is read only when --context asks for it. */
function kubeconfigFiles(settings: Settings, surroundings: Surroundings): readonly string[] {
  if (settings.MTLSCOPE_KUBECONFIG !== undefined) return [settings.MTLSCOPE_KUBECONFIG];
  const listed = settings.KUBECONFIG?.split(delimiter).filter((file) => file !== "") ?? [];
  if (listed.length > 0) {
    const present = listed.filter((file) => surroundings.fileExists(file));
    return present.length > 0 ? present : listed;
  }
  return settings.MTLSCOPE_CONTEXT === undefined ? [] : [join(surroundings.home, ".kube", "config")];
}

function isInCluster(settings: Settings, surroundings: Surroundings): boolean {
  return settings.KUBERNETES_SERVICE_HOST !== undefined && surroundings.fileExists(SERVICE_ACCOUNT_TOKEN);
}

type PrometheusText = Exclude<{ [Name in keyof Settings]: Settings[Name] extends string | undefined ? Name : never }[keyof Settings], undefined>;

function prometheusOf(settings: Settings): PrometheusConfig | null {
  if (settings.PROMETHEUS_URL === undefined) return null;
  const given = (name: PrometheusText): string | null => settings[name] ?? null;
  return {
    url: settings.PROMETHEUS_URL,
    bearerToken: given("PROMETHEUS_BEARER_TOKEN"),
    bearerTokenFile: given("PROMETHEUS_BEARER_TOKEN_FILE"),
    username: given("PROMETHEUS_USERNAME"),
    password: given("PROMETHEUS_PASSWORD"),
    passwordFile: given("PROMETHEUS_PASSWORD_FILE"),
    caFile: given("PROMETHEUS_CA_FILE"),
    certificateFile: given("PROMETHEUS_CERT_FILE"),
    keyFile: given("PROMETHEUS_KEY_FILE"),
    headers: settings.PROMETHEUS_HEADERS ?? {},
    selector: given("PROMETHEUS_SELECTOR"),
  };
}

function meshOf(settings: Settings, surroundings: Surroundings): MeshConfigSource {
  // what is asked for explicitly beats a KUBECONFIG that merely stands in the environment
  if (settings.MTLSCOPE_SNAPSHOT !== undefined) return { kind: "snapshot", file: settings.MTLSCOPE_SNAPSHOT };
  const files = kubeconfigFiles(settings, surroundings);
  const wanted = files.length > 0 || isInCluster(settings, surroundings);
  if (settings.MTLSCOPE_PLAYGROUND !== undefined || !wanted) return { kind: "playground", scene: settings.MTLSCOPE_PLAYGROUND ?? null };
  const kubernetes = {
    kubeconfigFiles: files,
    context: settings.MTLSCOPE_CONTEXT ?? null,
    namespaces: settings.MTLSCOPE_NAMESPACES ?? null,
    istioNamespace: settings.MTLSCOPE_ISTIO_NAMESPACE ?? "istio-system",
  };
  return { kind: "cluster", kubernetes, prometheus: prometheusOf(settings) };
}

/** Asked for beside a mesh that has no use for it. */
function surplus(settings: Settings, mesh: MeshConfigSource): readonly string[] {
  if (mesh.kind !== "playground" || settings.MTLSCOPE_PLAYGROUND !== undefined) return [];
  const advice = "and none is asked for: add --kubeconfig FILE, --context NAME or KUBECONFIG; or ask for the simulated mesh with --playground SCENE";
  return (["PROMETHEUS_URL", "MTLSCOPE_NAMESPACES"] as const).filter((name) => settings[name] !== undefined).map((name) => `${named(name)} is of use only with a cluster, ${advice}`);
}

function contradictoryMeshes({ MTLSCOPE_PLAYGROUND, MTLSCOPE_SNAPSHOT, MTLSCOPE_KUBECONFIG, MTLSCOPE_CONTEXT }: Settings): readonly string[] {
  const [first, ...others] = [
    ...(MTLSCOPE_PLAYGROUND === undefined ? [] : [{ by: named("MTLSCOPE_PLAYGROUND"), mesh: "a simulated mesh" }]),
    ...(MTLSCOPE_SNAPSHOT === undefined ? [] : [{ by: named("MTLSCOPE_SNAPSHOT"), mesh: "a saved state" }]),
    ...(MTLSCOPE_KUBECONFIG === undefined && MTLSCOPE_CONTEXT === undefined ? [] : [{ by: `${named("MTLSCOPE_KUBECONFIG")} or ${named("MTLSCOPE_CONTEXT")}`, mesh: "a cluster" }]),
  ];
  if (first === undefined || others.length === 0) return [];
  return [`${[`${first.by} asks for ${first.mesh}`, ...others.map(({ by, mesh }) => `${by} for ${mesh}`)].join(", ")}: choose one`];
}

function filesOf(mesh: MeshConfigSource): readonly (readonly [what: string, file: string])[] {
  if (mesh.kind === "snapshot") return [["snapshot", mesh.file]];
  return mesh.kind === "cluster" ? mesh.kubernetes.kubeconfigFiles.map((file) => ["kubeconfig", file]) : [];
}

function missingFiles(mesh: MeshConfigSource, surroundings: Surroundings): readonly string[] {
  return filesOf(mesh).filter(([, file]) => !surroundings.fileExists(file)).map(([what, file]) => `${what} \`${file}\` does not exist or cannot be read`);
}

function contradictions(settings: Settings, mesh: MeshConfigSource, surroundings: Surroundings): readonly string[] {
  return [...contradictoryMeshes(settings), ...surplus(settings, mesh), ...missingFiles(mesh, surroundings), ...prometheusContradictions(settings, surroundings)];
}

function prometheusContradictions(settings: Settings, surroundings: Surroundings): readonly string[] {
  const credentials = [settings.PROMETHEUS_BEARER_TOKEN, settings.PROMETHEUS_BEARER_TOKEN_FILE, settings.PROMETHEUS_USERNAME].filter((value) => value !== undefined);
  const files = (["PROMETHEUS_BEARER_TOKEN_FILE", "PROMETHEUS_PASSWORD_FILE", "PROMETHEUS_CA_FILE", "PROMETHEUS_CERT_FILE", "PROMETHEUS_KEY_FILE"] as const)
    .flatMap((name) => (settings[name] === undefined || surroundings.fileExists(settings[name]) ? [] : [`${name}: \`${settings[name]}\` does not exist or cannot be read`]));
  return [
    ...(credentials.length > 1 ? ["PROMETHEUS_BEARER_TOKEN, PROMETHEUS_BEARER_TOKEN_FILE and PROMETHEUS_USERNAME exclude each other: set one"] : []),
    ...((settings.PROMETHEUS_CERT_FILE === undefined) === (settings.PROMETHEUS_KEY_FILE === undefined) ? [] : ["PROMETHEUS_CERT_FILE and PROMETHEUS_KEY_FILE belong together: set both"]),
    ...files,
  ];
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What the process was asked to show, and where to read it.
 *
 * Options of the command line arrive as environment variables; an empty variable counts as not set.
 *
 * @throws ConfigError naming every problem at once
 */
export function readConfig(environment: Environment = process.env, surroundings: Surroundings = { home: homedir(), fileExists: canRead }): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${named(String(issue.path[0]))} ${issue.message}`));
  const mesh = meshOf(parsed.data, surroundings);
  const problems = contradictions(parsed.data, mesh, surroundings);
  if (problems.length > 0) throw new ConfigError(problems);
  return { mesh, host: parsed.data.MTLSCOPE_HOST ?? "127.0.0.1", port: parsed.data.MTLSCOPE_PORT ?? 3000 };
}
