// Which mesh `npm start` shows and `npm run snapshot` saves: the same options, handed on as environment variables.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const USAGE_ERROR = 2;

export class UsageError extends Error {}

export const MESH_HELP = `  --playground SCENE   a simulated mesh: \`migration\` or \`shop\`
  --kubeconfig FILE    the cluster of a kubeconfig (also KUBECONFIG)
  --context NAME       a context of the kubeconfig; its current one when not given
  --namespaces A,B     read only these namespaces and Istio's own; all when not given
  --prometheus URL     the Prometheus that scrapes the mesh (also PROMETHEUS_URL)`;

export const MESH_OPTIONS = {
  playground: { type: "string" },
  kubeconfig: { type: "string" },
  context: { type: "string" },
  namespaces: { type: "string" },
  prometheus: { type: "string" },
};

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

export function existingFile(option, file) {
  const path = pathOf(file);
  if (!existsSync(path)) throw new UsageError(`--${option} ${file}: no such file (${path})`);
  return path;
}

function prometheusOf(text) {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new UsageError("--prometheus: the URL must begin with http:// or https://");
  return text;
}

/** Refuses an option that shows one mesh beside options of another. */
export function excludesClusters(option, what, values) {
  if (values[option] === undefined) return;
  const others = CLUSTER_OPTIONS.filter((name) => values[name] !== undefined);
  if (others.length > 0) throw new UsageError(`--${option} shows ${what} and cannot be combined with ${others.map((name) => `--${name}`).join(", ")}`);
}

/** @throws UsageError for what contradicts itself or does not exist */
export function meshEnvironment(values) {
  const { playground, kubeconfig, context, namespaces, prometheus } = values;
  excludesClusters("playground", "a simulated mesh", values);
  return {
    ...(playground !== undefined && { MTLSCOPE_PLAYGROUND: playground }),
    ...(kubeconfig !== undefined && { MTLSCOPE_KUBECONFIG: existingFile("kubeconfig", kubeconfig) }),
    ...(context !== undefined && { MTLSCOPE_CONTEXT: context }),
    ...(namespaces !== undefined && { MTLSCOPE_NAMESPACES: namespaces }),
    ...(prometheus !== undefined && { PROMETHEUS_URL: prometheusOf(prometheus) }),
  };
}
