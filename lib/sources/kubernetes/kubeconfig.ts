import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { KubeConfig as LoadedConfig, User } from "@kubernetes/client-node";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { redact } from "../log.ts";
import { Misconfiguration } from "../misconfiguration.ts";
import { KubeConfig } from "./clientNode.ts";

/** Where the credentials are. No file: the account that the cluster gives to the pod mtlscope runs in. */
export interface KubeconfigOptions {
  readonly kubeconfigFiles: readonly string[];
  /** `null`: the file's current context */
  readonly context: string | null;
}

/** What kubectl honours in a user and client-node leaves out or reads from another field. */
const extrasSchema = z.object({
  users: z.array(z.object({
    name: z.string(),
    user: z.object({
      tokenFile: z.string().nullish(),
      "as-groups": z.array(z.string()).nullish(),
      "as-uid": z.string().nullish(),
      exec: z.object({ apiVersion: z.string().nullish(), command: z.string(), env: z.array(z.object({ name: z.string(), value: z.string() })).nullish() }).loose().nullish(),
    }).nullish(),
  })).nullish(),
});
type UserExtras = NonNullable<NonNullable<z.infer<typeof extrasSchema>["users"]>[number]["user"]>;

export interface LoadedKubeconfig {
  readonly kubeConfig: LoadedConfig;
  readonly name: string;
  readonly server: string;
  /** headers of impersonation that client-node does not send */
  readonly impersonation: Readonly<Record<string, string | string[]>>;
}

function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Misconfiguration(`kubeconfig \`${file}\` cannot be read: ${redact((error as Error).message)}`, { cause: error });
  }
  try {
    // without prettyErrors: they quote the line, which may hold a token
    return parse(text, { prettyErrors: false });
  } catch (error) {
    const position = error instanceof YAMLParseError ? ` at character ${error.pos[0]}` : "";
    throw new Misconfiguration(`kubeconfig \`${file}\` is not YAML${position}`);
  }
}

function extrasOf(file: string): ReadonlyMap<string, UserExtras> {
  const parsed = extrasSchema.safeParse(readYaml(file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Misconfiguration(`kubeconfig \`${file}\` is not a kubeconfig: \`${issue?.path.join(".") ?? ""}\` ${issue?.message ?? ""}`);
  }
  return new Map((parsed.data.users ?? []).map(({ name, user }) => [name, user ?? {}]));
}

/** Plugins of the v1 protocol read KUBERNETES_EXEC_INFO, and a relative command starts at the kubeconfig. */
function completeExec(exec: NonNullable<UserExtras["exec"]>, folder: string): unknown {
  const info = JSON.stringify({ apiVersion: exec.apiVersion ?? "client.authentication.k8s.io/v1", kind: "ExecCredential", spec: { interactive: false } });
  const command = exec.command.includes("/") && !isAbsolute(exec.command) ? join(folder, exec.command) : exec.command;
  return { ...exec, command, env: [{ name: "KUBERNETES_EXEC_INFO", value: info }, ...(exec.env ?? [])] };
}

function completeUser(user: User, extras: UserExtras | undefined, folder: string): User {
  const { token, ...withoutToken } = user;
  const { tokenFile, exec } = extras ?? {};
  // client-node's own `tokenFile` provider reads the file again every minute
  if (tokenFile) return { ...withoutToken, authProvider: { name: "tokenFile", config: { tokenFile: isAbsolute(tokenFile) ? tokenFile : join(/* turbopackIgnore: true */ folder, tokenFile) } } };
  if (exec) return { ...user, exec: completeExec(exec, folder) };
  return token === undefined ? user : { ...user, token: token.trim() };
}

interface LoadedFile {
  readonly kubeConfig: LoadedConfig;
  readonly extras: ReadonlyMap<string, UserExtras>;
}

function loadFile(file: string): LoadedFile {
  const extras = extrasOf(file);
  const kubeConfig = new KubeConfig();
  try {
    kubeConfig.loadFromFile(file);
  } catch (error) {
    throw new Misconfiguration(`kubeconfig \`${file}\` is not a kubeconfig: ${redact((error as Error).message)}`, { cause: error });
  }
  kubeConfig.users = kubeConfig.users.map((user) => completeUser(user, extras.get(user.name), dirname(file)));
  return { kubeConfig, extras };
}

function firstByName<T extends { readonly name: string }>(lists: readonly (readonly T[])[]): T[] {
  return [...new Map(lists.flat().toReversed().map((entry) => [entry.name, entry])).values()].toReversed();
}

/** As kubectl merges: of two entries with one name, the first file's. */
function merge(files: readonly LoadedFile[]): LoadedConfig {
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstByName(files.map(({ kubeConfig }) => kubeConfig.clusters)),
    users: firstByName(files.map(({ kubeConfig }) => kubeConfig.users)),
    contexts: firstByName(files.map(({ kubeConfig }) => kubeConfig.contexts)),
    currentContext: files.map(({ kubeConfig }) => kubeConfig.currentContext as string | undefined).find(Boolean) ?? "",
  });
  return merged;
}

/** On loopback there is no wire to listen to: `kubectl proxy` answers in plain HTTP. Elsewhere client-node refuses it. */
function allowLoopbackHttp(kubeConfig: LoadedConfig): void {
  kubeConfig.clusters = kubeConfig.clusters.map((cluster) =>
    /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(cluster.server) ? { ...cluster, skipTLSVerify: true } : cluster,
  );
}

function impersonationOf(extras: UserExtras | undefined): Readonly<Record<string, string | string[]>> {
  return {
    ...(extras?.["as-groups"]?.length ? { "Impersonate-Group": extras["as-groups"] } : {}),
    ...(extras?.["as-uid"] ? { "Impersonate-Uid": extras["as-uid"] } : {}),
  };
}

function selectContext(kubeConfig: LoadedConfig, options: KubeconfigOptions): void {
  if (options.context !== null) kubeConfig.setCurrentContext(options.context);
  const name = kubeConfig.getCurrentContext();
  const where = options.kubeconfigFiles.map((file) => `\`${file}\``).join(", ");
  const known = kubeConfig.getContexts().map((context) => `\`${context.name}\``).join(", ");
  if (!name) throw new Misconfiguration(`kubeconfig ${where} has no current context; choose one with --context: ${known}`);
  if (kubeConfig.getContextObject(name) === null) throw new Misconfiguration(`context \`${name}\` is not in kubeconfig ${where}; it has ${known === "" ? "none" : known}`);
  if (kubeConfig.getCurrentCluster() === null) throw new Misconfiguration(`context \`${name}\` names a cluster that is not in kubeconfig ${where}`);
  if (kubeConfig.getCurrentUser() === null) throw new Misconfiguration(`context \`${name}\` names a user that is not in kubeconfig ${where}`);
}

/** @throws {Misconfiguration} when the files do not lead to a cluster and a user */
export function loadKubeconfig(options: KubeconfigOptions): LoadedKubeconfig {
  if (options.kubeconfigFiles.length === 0) {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromCluster();
    return { kubeConfig, name: "in-cluster", server: kubeConfig.getCurrentCluster()?.server ?? "", impersonation: {} };
  }
  const files = options.kubeconfigFiles.map(loadFile);
  const kubeConfig = merge(files);
  selectContext(kubeConfig, options);
  allowLoopbackHttp(kubeConfig);
  const user = kubeConfig.getCurrentUser()?.name ?? "";
  const extras = files.find((file) => file.extras.has(user))?.extras.get(user);
  const server = (kubeConfig.getCurrentCluster()?.server ?? "").replace(/\/+$/, "");
  return { kubeConfig, name: kubeConfig.getCurrentContext(), server, impersonation: impersonationOf(extras) };
}
