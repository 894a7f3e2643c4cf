// Which mesh `npm start` shows and `npm run snapshot` saves: the same options, handed on as environment variables. lib/sources/config.ts checks them once more,
// since they may be given as variables; test/server/settings.test.ts holds that both say the same. Here it is said before anything is installed.
import { accessSync, constants as files, existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { constants, gunzipSync } from "node:zlib";

export const USAGE_ERROR = 2;

export class UsageError extends Error {}

export const MESH_HELP = `  --playground SCENE   a simulated mesh: \`migration\` or \`shop\`
  --kubeconfig FILE    the cluster of a kubeconfig (also KUBECONFIG)
  --context NAME       a context of the kubeconfig; its current one when not given
  --namespaces A,B     read only these namespaces and Istio's own; all when not given
  --prometheus URL     the Prometheus that scrapes the mesh (also PROMETHEUS_URL).
                       Its token, password, CA and headers are environment variables:
                       PROMETHEUS_BEARER_TOKEN_FILE, PROMETHEUS_USERNAME, PROMETHEUS_CA_FILE,
                       PROMETHEUS_HEADERS and others, see Credentials in docs/scale.md`;

export const MESH_OPTIONS = {
  playground: { type: "string" },
  kubeconfig: { type: "string" },
  context: { type: "string" },
  namespaces: { type: "string" },
  prometheus: { type: "string" },
};

/** lib/sources/playground knows them; this runs before it can be asked */
const SCENES = ["migration", "shop"];
const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const POD_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const SAVED = /"format"\s*:\s*"mtlscope-snapshot"/;
const HEAD_BYTES = 4_096;

const CLUSTER_OPTIONS = ["kubeconfig", "context", "namespaces", "prometheus"];

/** @throws UsageError with the help for what is not understood */
export function parseOptions(config, help) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(`${error.message.split(". To specify")[0]}\n\n${help}`);
  }
}

/** npm runs scripts in the package's directory; people mean the one they are in. */
export function pathOf(file) {
  return resolve(process.env.INIT_CWD ?? process.cwd(), file);
}

function canRead(path) {
  try {
    accessSync(path, files.R_OK);
    return true;
  } catch {
    return false;
  }
}

export function existingFile(option, file) {
  const path = pathOf(file);
  if (!canRead(path)) throw new UsageError(`--${option} ${file}: \`${path}\` does not exist or cannot be read`);
  return path;
}

function unpacked(bytes) {
  return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString("utf8");
}

/** A saved state, as far as can be told before anything is installed: what it holds is read when it is opened. */
export function savedState(option, file) {
  const path = existingFile(option, file);
  if (!statSync(path).isFile()) throw new UsageError(`--${option} ${file}: this is no file`);
  const bytes = readFileSync(path);
  try {
    if (SAVED.test(unpacked(bytes.subarray(0, HEAD_BYTES))) || SAVED.test(unpacked(bytes))) return path;
  } catch {
    // no gzip file is a saved state
  }
  throw new UsageError(`--${option} ${file}: this is no saved state of mtlscope (npm run -s snapshot -- FILE saves one)`);
}

function sceneOf(scene) {
  if (!SCENES.includes(scene)) throw new UsageError(`--playground ${scene}: there is no such scene; there are ${SCENES.join(" and ")}`);
  return scene;
}

function namespacesOf(list) {
  const names = list.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const bad = names.find((name) => !NAMESPACE_NAME.test(name));
  if (bad !== undefined) throw new UsageError(`--namespaces: “${bad}” is not the name of a namespace`);
  if (names.length === 0) throw new UsageError("--namespaces: names no namespace");
  return list;
}

function isSet(name) {
  return (process.env[name] ?? "") !== "";
}

/** What only a cluster has a use for, by the name under which it was given. */
function surplus({ prometheus, namespaces }) {
  if (prometheus !== undefined) return "--prometheus URL";
  if (namespaces !== undefined) return "--namespaces A,B";
  return ["PROMETHEUS_URL", "MTLSCOPE_NAMESPACES"].find(isSet);
}

/** Refuses what is of a cluster where none is asked for: the playground would open, and look like an answer. */
function needsCluster(values) {
  const isOther = values.playground !== undefined || values.snapshot !== undefined || isSet("MTLSCOPE_PLAYGROUND") || isSet("MTLSCOPE_SNAPSHOT");
  const isCluster = values.kubeconfig !== undefined || values.context !== undefined || ["MTLSCOPE_KUBECONFIG", "MTLSCOPE_CONTEXT", "KUBECONFIG"].some(isSet);
  const isInPod = isSet("KUBERNETES_SERVICE_HOST") && existsSync(POD_TOKEN);
  const given = surplus(values);
  if (isOther || isCluster || isInPod || given === undefined) return;
  throw new UsageError(`${given} is of use only with a cluster, and none is asked for: add --kubeconfig FILE, --context NAME or KUBECONFIG; or ask for the simulated mesh with --playground SCENE`);
}

function prometheusOf(text) {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new UsageError("--prometheus: the URL must begin with http:// or https://");
  return text;
}

/** Refuses an option that shows one mesh beside options of another. */
export function excludesClusters(option, what, values) {
  if (values[option] === undefined) return;
  const others = CLUSTER_OPTIONS.filter((name) => values[name] !== undefined);
  if (others.length > 0) throw new UsageError(`--${option} asks for ${what}, ${others.map((name) => `--${name}`).join(" and ")} for a cluster: choose one`);
}

/** @throws UsageError for what contradicts itself or does not exist */
export function meshEnvironment(values) {
  const { playground, kubeconfig, context, namespaces, prometheus } = values;
  excludesClusters("playground", "a simulated mesh", values);
  const environment = {
    ...(playground !== undefined && { MTLSCOPE_PLAYGROUND: sceneOf(playground) }),
    ...(kubeconfig !== undefined && { MTLSCOPE_KUBECONFIG: existingFile("kubeconfig", kubeconfig) }),
    ...(context !== undefined && { MTLSCOPE_CONTEXT: context }),
    ...(namespaces !== undefined && { MTLSCOPE_NAMESPACES: namespacesOf(namespaces) }),
    ...(prometheus !== undefined && { PROMETHEUS_URL: prometheusOf(prometheus) }),
  };
  needsCluster(values);
  return environment;
}
