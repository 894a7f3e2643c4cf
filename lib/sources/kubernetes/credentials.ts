import { createHash } from "node:crypto";
import type { RequestOptions } from "node:https";
import type { RequestContext as AuthorizedRequest } from "@kubernetes/client-node";
import { Agent, type Dispatcher } from "undici";
import { HttpMethod, RequestContext } from "./clientNode.ts";
import { ApiFailure } from "./failure.ts";
import { type KubeconfigOptions, loadKubeconfig, type LoadedKubeconfig } from "./kubeconfig.ts";

export interface Authorization {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** How to reach one cluster as one user: a connection pool, and headers that follow tokens and certificates as they rotate. */
export interface Credentials {
  readonly name: string;
  readonly server: string;
  authorize(): Promise<Authorization>;
  /** the server refused these: everything is read again, plugins are asked again; of many callers only the first counts */
  forget(refused: Authorization): void;
  close(): Promise<void>;
}

const REREAD_MS = 30_000;
const PLUGIN_TIMEOUT_MS = 60_000;

type TlsMaterial = Pick<RequestOptions, "ca" | "cert" | "key" | "pfx" | "rejectUnauthorized" | "servername">;

function fingerprint({ ca, cert, key, pfx, rejectUnauthorized, servername }: TlsMaterial): string {
  const material = [ca, cert, key, pfx].map((part) => (part === undefined ? "" : JSON.stringify(part)));
  return createHash("sha256").update(JSON.stringify([...material, rejectUnauthorized, servername])).digest("hex");
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ApiFailure("unauthorized", "the credential plugin of the kubeconfig gave no answer within a minute"));
    }, PLUGIN_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer);
  });
}

/**
 * client-node 2.0.1 builds a connection pool for every request. It decides here what a request carries;
 * the pool is kept, and renewed only when CA, client certificate or server name change.
 */
class PooledCredentials implements Credentials {
  readonly name: string;
  readonly server: string;
  readonly #options: KubeconfigOptions;
  #loaded: LoadedKubeconfig;
  #stale = false;
  #pool: { readonly fingerprint: string; readonly dispatcher: Dispatcher } | null = null;
  #current: { readonly authorization: Promise<Authorization>; readonly readAtMs: number } | null = null;
  #last: Authorization | null = null;

  constructor(options: KubeconfigOptions) {
    this.#options = options;
    this.#loaded = loadKubeconfig(options);
    this.name = this.#loaded.name;
    this.server = this.#loaded.server;
  }

  authorize(): Promise<Authorization> {
    if (this.#current !== null && Date.now() - this.#current.readAtMs < REREAD_MS) return this.#current.authorization;
    // one promise for all callers: twenty watches must not start a credential plugin twenty times
    const authorization = withTimeout(this.#read()).catch((error: unknown) => {
      this.#current = null;
      throw error instanceof ApiFailure ? error : new ApiFailure("unauthorized", `no credentials: ${(error as Error).message}`);
    });
    this.#current = { authorization, readAtMs: Date.now() };
    return authorization;
  }

  forget(refused: Authorization): void {
    if (refused !== this.#last) return;
    this.#last = null;
    this.#stale = true;
    this.#current = null;
  }

  async close(): Promise<void> {
    this.#current = null;
    await this.#pool?.dispatcher.destroy();
    this.#pool = null;
  }

  async #read(): Promise<Authorization> {
    if (this.#stale) this.#loaded = loadKubeconfig(this.#options);
    this.#stale = false;
    const { kubeConfig, impersonation } = this.#loaded;
    const options: RequestOptions = {};
    await kubeConfig.applyToHTTPSOptions(options);
    const context = new RequestContext(`${this.server}/`, HttpMethod.GET);
    await kubeConfig.applySecurityAuthentication(context);
    const headers = Object.fromEntries(Object.entries(context.getHeaders()).map(([name, value]) => [name, value.trim()]));
    this.#last = { dispatcher: await this.#dispatcher(fingerprint(options), context), headers: { ...headers, ...impersonation } };
    return this.#last;
  }

  async #dispatcher(print: string, context: AuthorizedRequest): Promise<Dispatcher> {
    const made = context.getDispatcher();
    if (this.#pool?.fingerprint === print) {
      await made?.close();
      return this.#pool.dispatcher;
    }
    const before = this.#pool?.dispatcher;
    this.#pool = { fingerprint: print, dispatcher: made ?? new Agent({ connect: { keepAlive: true, keepAliveInitialDelay: 30_000 } }) };
    // watches that run on the old pool end by themselves within five minutes
    void before?.close();
    return this.#pool.dispatcher;
  }
}

/** @throws {Misconfiguration} when the kubeconfig does not lead to a cluster and a user */
export function openCredentials(options: KubeconfigOptions): Credentials {
  return new PooledCredentials(options);
}
