import type { Configuration } from "#mesh";
import { log, traceOf } from "../log.ts";
import type { ConfigurationSource, SourceStatus } from "../source.ts";
import { apiServer } from "./apiServer.ts";
import { assembler } from "./assemble.ts";
import { Collections } from "./collections.ts";
import { type Credentials, openCredentials } from "./credentials.ts";
import { type Discovery, discovery } from "./discovery.ts";
import type { KubeconfigOptions } from "./kubeconfig.ts";
import { TIMING, type Timing } from "./reflector.ts";
import { RESOURCES } from "./resources.ts";
import { statusOf } from "./sightings.ts";

export type { Timing } from "./reflector.ts";

/** Which cluster is read, and which of its namespaces. */
export interface KubernetesOptions extends KubeconfigOptions {
  /** read only these namespaces and Istio's own; `null`: the whole cluster */
  readonly namespaces: readonly string[] | null;
  readonly istioNamespace: string;
  /** for tests: faster than the real thing */
  readonly timing?: Partial<Timing>;
}

/** The configuration of a real cluster, as lists and watches tell it. */
export interface KubernetesSource extends ConfigurationSource {
  /** the context of the kubeconfig, or `in-cluster` */
  readonly name: string;
}

class Source implements KubernetesSource {
  readonly name: string;
  readonly #credentials: Credentials;
  readonly #stopping = new AbortController();
  readonly #discovery: Discovery;
  readonly #collections: Collections;
  readonly #assemble: () => Configuration;
  readonly #coalesceMs: number;
  readonly #listeners = new Set<() => void>();
  #configuration: Configuration;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: KubernetesOptions) {
    const timing = { ...TIMING, ...options.timing };
    this.#coalesceMs = timing.coalesceMs;
    this.#credentials = openCredentials(options);
    this.name = this.#credentials.name;
    const api = apiServer(this.#credentials, timing.replyTimeoutMs);
    this.#discovery = discovery(api, RESOURCES, { freshMs: timing.refusedRetryMs / 2, signal: this.#stopping.signal });
    this.#collections = new Collections({ ...options, api, discovery: this.#discovery, timing, onChange: () => { this.#schedule(); } });
    this.#assemble = assembler(this.#collections);
    this.#configuration = this.#assemble();
  }

  current(): Configuration {
    return this.#configuration;
  }

  status(): readonly SourceStatus[] {
    return statusOf(this.#credentials.server, this.#collections.all(), (group) => this.#discovery.isGroupAbsent(group));
  }

  async ready(): Promise<void> {
    await this.#collections.settled();
    this.#renew();
    // the ConfigMaps joined when the istiods were known
    await this.#collections.settled();
    this.#renew();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#listeners.clear();
    await this.#collections.stop();
    await this.#credentials.close();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#renew();
    }, this.#coalesceMs);
  }

  #renew(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#stopping.signal.aborted) return;
    this.#collections.followMeshConfigs();
    this.#configuration = this.#assemble();
    for (const listener of this.#listeners) notify(listener);
  }
}

function notify(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    log("error", "a listener of the configuration failed", { because: traceOf(error) });
  }
}

/**
 * Reads a cluster and follows it until stopped.
 *
 * Reading goes on in the background: until a kind has been read it stands in `current().unread`.
 *
 * @returns at once; what cannot be reached or read later stands in `status()`
 * @throws {Misconfiguration} when the kubeconfig does not lead to a cluster and a user
 */
export async function kubernetesSource(options: KubernetesOptions): Promise<KubernetesSource> {
  return Promise.resolve(new Source(options));
}
