// A Kubernetes API server over real HTTP, as far as lists, watches and discovery go, that misbehaves when told to.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export interface RawObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What the tests ask of a server, fake or real. */
export interface TestApiServer {
  readonly kubeconfigFile: string;
  apply(...objects: readonly RawObject[]): Promise<void>;
  remove(...objects: readonly RawObject[]): Promise<void>;
  stop(): Promise<void>;
}

export interface ApiRequest {
  readonly verb: "get" | "list" | "watch";
  /** discovery: the path; `null` for resources */
  readonly nonResource: string | null;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly parameters: URLSearchParams;
  readonly accept: string;
}

type Handler = (reply: ServerResponse, request: ApiRequest) => unknown;
export interface Fault {
  readonly verb: "list" | "watch" | "discovery";
  readonly plural?: string;
  /** how many requests it hits; without it all, until `faults` is emptied */
  times?: number;
  /** lets so many requests through first */
  after?: number;
  readonly act: Handler;
}

interface Stored {
  readonly raw: RawObject;
  readonly plural: string;
  readonly group: string;
}
interface Watch {
  readonly request: ApiRequest;
  readonly reply: ServerResponse;
  deaf: boolean;
}

export const ISTIO_1_30: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "security.istio.io": { v1: ["peerauthentications", "authorizationpolicies", "requestauthentications"], v1beta1: ["peerauthentications", "authorizationpolicies"] },
  "networking.istio.io": {
    v1: ["destinationrules", "sidecars", "serviceentries", "workloadentries", "virtualservices", "gateways"],
    v1beta1: ["destinationrules", "sidecars", "serviceentries", "workloadentries", "virtualservices", "gateways"],
    v1alpha3: ["destinationrules", "sidecars", "serviceentries", "workloadentries", "virtualservices", "gateways", "envoyfilters"],
  },
  "gateway.networking.k8s.io": { v1: ["gateways", "httproutes"], v1beta1: ["gateways", "httproutes"] },
};
const BUILT_IN = {
  "discovery.k8s.io": { v1: ["endpointslices"] }, apps: { v1: ["deployments", "replicasets"] }, batch: { v1: ["jobs", "cronjobs"] },
  "admissionregistration.k8s.io": { v1: ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"] }, "apiregistration.k8s.io": { v1: ["apiservices"] },
};

export function status(code: number, reason: string, message: string): string {
  return JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message });
}

export function answer(code: number, body: string, headers: Readonly<Record<string, string>> = {}): Handler {
  return (reply) => reply.writeHead(code, { "content-type": "application/json", ...headers }).end(body);
}

export const cut: Handler = (reply) => reply.socket?.destroy();
export const neverAnswer: Handler = () => undefined;
/** what a real API server says to a watch from a state it has forgotten: 200, then the error in the stream, and it does not hang up */
export const goneInStream: Handler = (reply) => reply.writeHead(200).write(`${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" } })}\n`);

export class FakeApiServer implements TestApiServer {
  readonly requests: ApiRequest[] = [];
  readonly faults: Fault[] = [];
  /** plurals this account may not read */
  readonly forbidden = new Set<string>();
  /** verbs that are forbidden everywhere */
  readonly forbiddenVerbs = new Set<string>();
  /** `group -> version -> plurals`; built-in groups are always there */
  served: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = ISTIO_1_30;
  /** `null`: anyone may ask */
  token: string | null = null;
  kubeconfigFile = "";
  url = "";
  readonly folder = mkdtempSync(join(tmpdir(), "fake-api-server-"));
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Watch>();
  readonly #objects = new Map<string, Stored>();
  #history: { readonly at: number; readonly type: string; readonly stored: Stored }[] = [];
  #compactedAt = 0;
  #revision = 1000;
  connections = 0;

  readonly #tls: boolean;

  private constructor(tls: ServerOptions | null) {
    const serve = (request: IncomingMessage, reply: ServerResponse): void => {
      this.#serve(request, reply);
    };
    this.#tls = tls !== null;
    this.#server = tls === null ? createServer(serve) : createTlsServer(tls, serve);
  }

  static async start(tls: ServerOptions | null = null): Promise<FakeApiServer> {
    const server = new FakeApiServer(tls);
    server.#server.on("connection", (socket) => {
      server.connections++;
      server.#sockets.add(socket);
      socket.on("close", () => server.#sockets.delete(socket));
      socket.on("error", () => undefined);
    });
    await server.listen(0);
    server.kubeconfigFile = server.writeKubeconfig("kubeconfig", "{}");
    return server;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(port, "127.0.0.1", done));
    this.url = `${this.#tls ? "https" : "http"}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @param user the user's credentials, as YAML */
  writeKubeconfig(name: string, user: string, certificateAuthority: string | null = null): string {
    const file = join(this.folder, name);
    const trust = certificateAuthority === null ? "" : `, certificate-authority: "${certificateAuthority}"`;
    const [cluster, context] = [`{name: c, cluster: {server: "${this.url}"${trust}}}`, "{name: fake, context: {cluster: c, user: u}}"];
    writeFileSync(file, `apiVersion: v1\nkind: Config\nclusters: [${cluster}]\ncontexts: [${context}]\nusers: [{name: u, user: ${user}}]\ncurrent-context: fake\n`);
    return file;
  }

  async apply(...objects: readonly RawObject[]): Promise<void> {
    for (const raw of objects) this.#store(raw);
    await Promise.resolve();
  }

  async remove(...objects: readonly RawObject[]): Promise<void> {
    for (const object of objects) {
      const [key, { group, plural }] = [keyOf(object), home(object)];
      const known = this.#objects.get(key);
      this.#objects.delete(key);
      if (known !== undefined) this.#tell("DELETED", { group, plural, raw: this.#stamped(known.raw) });
    }
    await Promise.resolve();
  }

  /** stops answering, as a server that is being restarted; objects and their history stay */
  async down(): Promise<void> {
    this.#watches.clear();
    const closed = new Promise((done) => this.#server.close(done));
    this.cutConnections();
    await closed;
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true });
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** a half-open connection: the socket stays, nothing arrives any more */
  deafen(): void {
    for (const watch of this.#watches) watch.deaf = true;
  }

  endWatches(lastWords = ""): void {
    for (const { reply } of this.#watches) reply.end(lastWords);
    this.#watches.clear();
  }

  sayToWatches(line: string): void {
    for (const { reply } of this.#watches) reply.write(line);
  }

  bookmark(): void {
    this.#revision++;
    for (const { request } of this.#watches) this.sayToWatches(`${JSON.stringify({ type: "BOOKMARK", object: { kind: request.plural, metadata: { resourceVersion: String(this.#revision) } } })}\n`);
  }

  /** forgets all that happened: watches and pages that continue from before are refused with 410 */
  compact(): void {
    this.#compactedAt = ++this.#revision;
    this.#history = [];
  }

  /** as after a restore from a backup: what is there now, at an older revision, and nobody is told */
  restore(revision: number): void {
    this.#revision = revision;
    this.#compactedAt = 0;
    this.#history = [];
  }

  #store(raw: RawObject): void {
    const type = this.#objects.has(keyOf(raw)) ? "MODIFIED" : "ADDED";
    const stored = { ...home(raw), raw: this.#stamped(raw) };
    this.#objects.set(keyOf(raw), stored);
    this.#tell(type, stored);
  }

  #stamped(raw: RawObject): RawObject {
    return { ...raw, metadata: { ...raw.metadata, resourceVersion: String(++this.#revision), creationTimestamp: raw.metadata["creationTimestamp"] ?? "2026-01-01T00:00:00Z" } };
  }

  #tell(type: string, stored: Stored): void {
    this.#history.push({ at: this.#revision, type, stored });
    for (const watch of this.#watches) if (!watch.deaf && isAskedFor(stored, watch.request)) watch.reply.write(eventLine(type, stored));
  }

  #serve(incoming: IncomingMessage, reply: ServerResponse): void {
    const request = requestOf(incoming);
    this.requests.push(request);
    const gzip = incoming.headers["accept-encoding"] === "gzip";
    this.#handlerFor(request, incoming.headers.authorization, gzip)(reply, request);
  }

  #handlerFor(request: ApiRequest, authorization: string | undefined, gzip: boolean): Handler {
    if (this.token !== null && authorization !== `Bearer ${this.token}`) return answer(401, "");
    const fault = this.#faultFor(request);
    if (fault !== undefined) return fault.act;
    if (request.nonResource !== null) return (reply) => this.#discover(request, reply);
    if (this.forbidden.has(request.plural) || this.forbiddenVerbs.has(request.verb)) return forbid;
    if (!this.#isServed(request)) return answer(404, "404 page not found\n");
    if (request.verb === "watch") return (reply) => this.#watch(request, reply);
    return (reply) => this.#list(request, reply, gzip);
  }

  #faultFor(request: ApiRequest): Fault | undefined {
    const verb = request.nonResource === null ? request.verb : "discovery";
    const fault = this.faults.find((candidate) => candidate.verb === verb && (candidate.plural ?? request.plural) === request.plural && candidate.times !== 0);
    if (fault === undefined) return undefined;
    if (fault.after !== undefined && fault.after-- > 0) return undefined;
    if (fault.times !== undefined) fault.times--;
    return fault;
  }

  #isServed({ group, version, plural }: ApiRequest): boolean {
    if (group === "") return version === "v1";
    return ({ ...BUILT_IN, ...this.served } as FakeApiServer["served"])[group]?.[version]?.includes(plural) ?? false;
  }

  #discover({ nonResource, group, version }: ApiRequest, reply: ServerResponse): unknown {
    const groups = { ...BUILT_IN, ...this.served } as FakeApiServer["served"];
    const plurals = groups[group]?.[version];
    if (nonResource === "/apis") {
      const list = Object.entries(groups).map(([name, versions]) => ({ name, versions: Object.keys(versions).map((each) => ({ version: each, groupVersion: `${name}/${each}` })) }));
      return reply.end(JSON.stringify({ kind: "APIGroupList", groups: list }));
    }
    if (plurals === undefined) return reply.writeHead(404).end("404 page not found\n");
    return reply.end(JSON.stringify({ kind: "APIResourceList", resources: plurals.map((name) => ({ name })) }));
  }

  #list(request: ApiRequest, reply: ServerResponse, gzip: boolean): unknown {
    const { offset, revision } = JSON.parse(request.parameters.get("continue") ?? `{"offset":0,"revision":${this.#revision}}`) as { offset: number; revision: number };
    if (offset > 0 && revision < this.#compactedAt) return answer(410, status(410, "Expired", "The provided continue parameter is too old"))(reply, request);
    const asked = [...this.#objects.values()].filter((stored) => isAskedFor(stored, request));
    const end = offset + Number(request.parameters.get("limit") ?? asked.length);
    const next = end < asked.length ? { continue: JSON.stringify({ offset: end, revision }) } : {};
    // as a real server does: items of built-in kinds carry neither kind nor version
    const items = asked.slice(offset, end).map(({ raw, group }) => (group.includes("istio") ? raw : { ...raw, kind: undefined, apiVersion: undefined }));
    const body = JSON.stringify({ kind: "List", metadata: { resourceVersion: String(revision), ...next }, items: items.length === 0 ? null : items });
    return gzip ? reply.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body)) : reply.end(body);
  }

  #watch(request: ApiRequest, reply: ServerResponse): unknown {
    const since = Number(request.parameters.get("resourceVersion"));
    if (since < this.#compactedAt) return goneInStream(reply, request);
    const watch = { request, reply, deaf: false };
    this.#watches.add(watch);
    reply.on("close", () => this.#watches.delete(watch));
    reply.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    for (const { at, type, stored } of this.#history) if (at > since && isAskedFor(stored, request)) reply.write(eventLine(type, stored));
    return undefined;
  }
}

function home({ apiVersion, kind }: RawObject): { readonly group: string; readonly plural: string } {
  const lower = kind.toLowerCase();
  const plural = /(y)$/.test(lower) && !/ay$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  return { group: apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "", plural };
}

function keyOf(raw: RawObject): string {
  const { group, plural } = home(raw);
  return `${group}/${plural}/${raw.metadata.namespace ?? ""}/${raw.metadata.name}`;
}

function isAskedFor({ group, plural, raw }: Stored, request: ApiRequest): boolean {
  const labels = (raw.metadata["labels"] ?? {}) as Readonly<Record<string, string>>;
  const [label, value] = (request.parameters.get("labelSelector") ?? "").split("=");
  if (group !== request.group || plural !== request.plural) return false;
  if (request.namespace !== null && raw.metadata.namespace !== request.namespace) return false;
  return (request.name === null || raw.metadata.name === request.name) && (label === undefined || label === "" || labels[label] === value);
}

function eventLine(type: string, { raw }: Stored): string {
  return `${JSON.stringify({ type, object: raw })}\n`;
}

function requestOf({ url, headers }: IncomingMessage): ApiRequest {
  const { pathname, searchParams: parameters } = new URL(url ?? "/", "http://server");
  const [root, ...rest] = pathname.split("/").slice(1);
  const [group = "", version = "", ...resource] = root === "api" ? ["", ...rest] : rest;
  const [plural = "", namespace = null] = resource[0] === "namespaces" && resource.length > 2 ? [resource[2], resource[1]] : [resource[0]];
  const name = /^metadata.name=(.*)$/.exec(parameters.get("fieldSelector") ?? "")?.[1] ?? null;
  const verb = parameters.get("watch") === "1" ? "watch" : plural === "" ? "get" : "list";
  return { verb, nonResource: plural === "" ? pathname : null, group, version, plural, namespace, name, parameters, accept: headers.accept ?? "" };
}

function forbid(reply: ServerResponse, { verb, plural, group }: ApiRequest): void {
  const resource = group === "" ? plural : `${plural}.${group}`;
  const message = `${resource} is forbidden: User "system:serviceaccount:mtlscope:mtlscope" cannot ${verb} resource "${plural}" in API group "${group}" at the cluster scope`;
  reply.writeHead(403, { "content-type": "application/json" }).end(status(403, "Forbidden", message));
}
