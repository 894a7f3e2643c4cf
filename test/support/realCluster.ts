// A real kube-apiserver with its etcd on free loopback ports, with throw-away keys. No kubelet and no controllers: pods are objects.
import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "./apiClient.ts";
import { freePort } from "./app.ts";
import type { RawObject, TestApiServer } from "./fakeApiServer.ts";

/** What the API server wrote down of one request of a service account. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly stage: string;
  readonly user: { readonly username: string };
  /** absent for requests that are not about a resource: discovery */
  readonly objectRef?: { readonly apiGroup?: string; readonly resource: string; readonly namespace?: string; readonly name?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** signs the client certificate beside it */
const CLIENT_CA = join(import.meta.dirname, "pki/ca.crt");
const READY_WITHIN_MS = 90_000;

// The program ends with the process that started it, however that ends: its standard input is a pipe, and breaks.
const WARDEN = 'exec 3<&0; "$@" 3<&- & child=$!; (cat <&3 >/dev/null; kill -KILL "$child") 2>/dev/null & wait "$child"';

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    userGroups: ["system:serviceaccounts"]
  - level: None
`;

/** etcd takes 1.5 MB in one request */
const ENTRIES_OF_ONE_WRITE = 50;

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** @throws where the binaries are not; `npm run test:cluster` builds them */
function binary(name: "kube-apiserver" | "etcd"): string {
  const folder = process.env["KUBEBUILDER_ASSETS"] ?? "";
  const file = join(folder, name);
  if (folder === "" || !existsSync(file)) throw new Error(`no ${name} in KUBEBUILDER_ASSETS (${folder === "" ? "not set" : folder}): \`npm run test:cluster\` builds it and sets the variable`);
  return file;
}

class Program {
  readonly #name: string;
  readonly #logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(name: "kube-apiserver" | "etcd", folder: string, args: readonly string[]) {
    this.#name = name;
    this.#logFile = join(folder, `${name}.log`);
    const log = openSync(this.#logFile, "a");
    this.#child = spawn("sh", ["-c", WARDEN, "sh", binary(name), ...args], { cwd: folder, stdio: ["pipe", log, log] });
    closeSync(log);
    this.#ended = new Promise((done) => this.#child.once("exit", () => {
      done();
    }));
  }

  async untilReady(isReady: () => Promise<boolean>): Promise<void> {
    for (const deadlineMs = Date.now() + READY_WITHIN_MS; Date.now() < deadlineMs; ) {
      if (this.#child.exitCode !== null) throw new Error(`${this.#name} ended with ${this.#child.exitCode}: ${this.#lastWords()}`);
      if (await isReady().catch(() => false)) return;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    throw new Error(`${this.#name} is not ready after ${READY_WITHIN_MS} ms: ${this.#lastWords()}`);
  }

  /** kill -9: no goodbye to anybody */
  async kill(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }

  #lastWords(): string {
    return readFileSync(this.#logFile, "utf8").slice(-3000);
  }
}

interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

function etcdArguments(folder: string, { etcd, etcdPeer }: Ports): readonly string[] {
  const [client, peer] = [`http://127.0.0.1:${etcd}`, `http://127.0.0.1:${etcdPeer}`];
  return [
    `--data-dir=${join(folder, "etcd")}`, "--unsafe-no-fsync", "--log-level=warn", `--listen-client-urls=${client}`, `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`,
  ];
}

function apiServerArguments(folder: string, { etcd, apiServer }: Ports): readonly string[] {
  const key = join(folder, "service-account.key");
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", `--secure-port=${apiServer}`,
    // it makes itself a CA and a certificate there
    `--cert-dir=${join(folder, "tls")}`, `--client-ca-file=${CLIENT_CA}`, `--token-auth-file=${join(folder, "tokens.csv")}`, "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc", `--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`,
    "--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none", "--profiling=false",
    // it wants the service account `default` in each namespace, which a controller makes
    "--disable-admission-plugins=ServiceAccount",
    `--audit-policy-file=${join(folder, "audit-policy.yaml")}`, `--audit-log-path=${join(folder, "audit.log")}`,
  ];
}

export class RealCluster implements TestApiServer {
  readonly folder: string;
  readonly #ports: Ports;
  readonly #adminToken = randomBytes(16).toString("hex");
  #etcd: Program | null = null;
  #apiServer: Program | null = null;
  #client: ApiClient | null = null;

  private constructor(ports: Ports) {
    this.folder = mkdtempSync(join(tmpdir(), "mtlscope-cluster-"));
    this.#ports = ports;
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    mkdirSync(join(this.folder, "tls"));
    writeFileSync(join(this.folder, "service-account.key"), privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
    writeFileSync(join(this.folder, "tokens.csv"), `${this.#adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
    writeFileSync(join(this.folder, "audit-policy.yaml"), AUDIT_POLICY);
  }

  /** An empty cluster that is ready. */
  static async start(): Promise<RealCluster> {
    const cluster = new RealCluster({ etcd: await freePort(), etcdPeer: await freePort(), apiServer: await freePort() });
    try {
      await cluster.#start();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#ports.apiServer}`;
  }

  /** an administrator's */
  get kubeconfigFile(): string {
    return join(this.folder, "admin.kubeconfig");
  }

  get client(): ApiClient {
    if (this.#client === null) throw new Error("the API server has never been up");
    return this.#client;
  }

  async apply(...objects: readonly RawObject[]): Promise<void> {
    await this.client.apply(...objects);
  }

  /**
   * Writes objects as the API server stores them, past the API server: thousands a second. They must be as it would have made them, `uid`
   * and `creationTimestamp` included.
   */
  async store(entries: readonly (readonly [key: string, object: unknown])[]): Promise<void> {
    for (let at = 0; at < entries.length; at += ENTRIES_OF_ONE_WRITE) {
      const success = entries.slice(at, at + ENTRIES_OF_ONE_WRITE).map(([key, object]) => ({ requestPut: { key: base64(`/registry/${key}`), value: base64(JSON.stringify(object)) } }));
      await this.#askEtcd("txn", { success });
    }
  }

  async remove(...objects: readonly RawObject[]): Promise<void> {
    await this.client.remove(...objects);
  }

  /** @param port another than before: who follows the cluster does not find it there */
  async startApiServer(port = this.#ports.apiServer): Promise<void> {
    const server = new Program("kube-apiserver", this.folder, apiServerArguments(this.folder, { ...this.#ports, apiServer: port }));
    this.#apiServer = server;
    await this.#client?.close();
    this.#client = null;
    await server.untilReady(async () => {
      const certificateAuthority = readFileSync(join(this.folder, "tls/apiserver.crt"), "utf8");
      this.#client ??= new ApiClient({ url: `https://127.0.0.1:${port}`, certificateAuthority, token: this.#adminToken });
      return (await this.#client.send("GET", "/readyz")) === "ok";
    });
    this.writeKubeconfig("admin", { token: this.#adminToken });
  }

  async killApiServer(): Promise<void> {
    await this.#apiServer?.kill();
    this.#apiServer = null;
  }

  /** Forgets all that happened, as etcd does after some minutes: what continues from before is refused with 410. */
  async compact(): Promise<void> {
    const { header } = await this.#askEtcd("range", { key: base64("/") });
    await this.#askEtcd("compaction", { revision: header.revision, physical: true });
  }

  /** Keeps what is there now, for `restore`; the servers are down for it. */
  async backup(): Promise<void> {
    await this.#kill();
    cpSync(join(this.folder, "etcd"), join(this.folder, "backup"), { recursive: true });
    await this.#start();
  }

  /** Everything is as it was at `backup`, and so are the resource versions. */
  async restore(): Promise<void> {
    await this.#kill();
    rmSync(join(this.folder, "etcd"), { recursive: true });
    cpSync(join(this.folder, "backup"), join(this.folder, "etcd"), { recursive: true });
    await this.#start();
  }

  /** A kubeconfig of a service account, which is made if it is not there. */
  async serviceAccount(namespace: string, name: string): Promise<string> {
    await this.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name } });
    return this.writeKubeconfig(`${namespace}-${name}`, { token: await this.client.serviceAccountToken(namespace, name) });
  }

  /** every request of a service account so far; a watch stands there from its beginning */
  auditEvents(namespace: string, name: string): readonly AuditEvent[] {
    const lines = readFileSync(join(this.folder, "audit.log"), "utf8").split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as AuditEvent).filter(({ user }) => user.username === `system:serviceaccount:${namespace}:${name}`);
  }

  async stop(): Promise<void> {
    await this.#client?.close();
    await this.#kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    this.#etcd = new Program("etcd", this.folder, etcdArguments(this.folder, this.#ports));
    await this.#etcd.untilReady(async () => (await fetch(`${this.#etcdUrl}/health`)).ok);
    await this.startApiServer();
  }

  async #kill(): Promise<void> {
    await this.killApiServer();
    await this.#etcd?.kill();
    this.#etcd = null;
  }

  get #etcdUrl(): string {
    return `http://127.0.0.1:${this.#ports.etcd}`;
  }

  async #askEtcd(call: "range" | "compaction" | "txn", body: unknown): Promise<{ readonly header: { readonly revision: string } }> {
    const reply = await fetch(`${this.#etcdUrl}/v3/kv/${call}`, { method: "POST", body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`etcd: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as { readonly header: { readonly revision: string } };
  }

  /** @param user as a kubeconfig names its credentials */
  writeKubeconfig(name: string, user: Readonly<Record<string, unknown>>, server = this.url): string {
    const file = join(this.folder, `${name}.kubeconfig`);
    const kubeconfig = {
      apiVersion: "v1", kind: "Config", "current-context": "real",
      clusters: [{ name: "c", cluster: { server, "certificate-authority": join(this.folder, "tls/apiserver.crt") } }],
      users: [{ name: "u", user }],
      contexts: [{ name: "real", context: { cluster: "c", user: "u" } }],
    };
    writeFileSync(file, JSON.stringify(kubeconfig), { mode: 0o600 });
    return file;
  }
}
