import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { log } from "../log.ts";
import type { ApiServer } from "./apiServer.ts";
import type { Discovery } from "./discovery.ts";
import { ApiFailure, type FailureKind, failureOf } from "./failure.ts";
import { collectionPath, type Resource, resourceName, type Scope } from "./resources.ts";
import { identify, isBefore, type Page, readEvent, readPage, type WatchEvent } from "./watchEvent.ts";

export interface Timing {
  /** a watch that is silent for so long may be a dead connection: it is opened again */
  readonly silenceMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** how long until a kind that is forbidden or not installed is asked for again */
  readonly refusedRetryMs: number;
  readonly replyTimeoutMs: number;
  /** changes within this time become one configuration */
  readonly coalesceMs: number;
}

export const TIMING: Timing = { silenceMs: 120_000, backoffMinMs: 500, backoffMaxMs: 30_000, refusedRetryMs: 30_000, replyTimeoutMs: 60_000, coalesceMs: 50 };

/**
 * How well one collection is seen.
 *
 * `polled`: lists are allowed and watches are not · `stale`: the connection is lost, the last picture stands ·
 * `missing`: not served, so nothing of the kind exists · `starting` with a failure: never read yet, and why.
 */
export interface Sight {
  readonly state: "starting" | "live" | "polled" | "stale" | "forbidden" | "missing";
  readonly sinceMs: number;
  /** when the collection was last known to be as it is shown */
  readonly confirmedAtMs: number | null;
  readonly failure: ApiFailure | null;
}

/** Which collection is followed, and what is made of its objects. */
export interface ReflectorOptions<T> {
  readonly api: ApiServer;
  readonly discovery: Discovery;
  readonly resource: Resource;
  readonly scope: Scope;
  /** called once per object and version; the raw object is not kept */
  readonly project: (raw: unknown) => T;
  /** called at each change of the entries, or of how well they are seen */
  readonly onChange: () => void;
  readonly timing: Timing;
}

interface Entry<T> {
  readonly resourceVersion: string;
  readonly value: T;
}

const PAGE_SIZE = "500";
const WATCH_SECONDS = 240;
const SLICE_MS = 20;
const STEADY_MS = 5_000;
/** so many failures in a row, and the first reading is given up for now */
const PATIENCE = 3;
/** after these the list is read again: what the watch would have said is not known */
const READ_AGAIN: readonly FailureKind[] = ["gone", "unreadable", "missing", "forbidden"];
const AT_ONCE: readonly FailureKind[] = ["gone", "missing"];
const ACCEPT = {
  object: { list: "application/json", watch: "application/json" },
  metadata: { list: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json", watch: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json" },
} as const;

/** A copy of one collection of the API server that follows it until it is stopped, through every fault. */
export class Reflector<T> {
  readonly resource: Resource;
  readonly scope: Scope;
  /** resolves when the first list is complete, refused, or has failed a few times */
  readonly settled: Promise<void>;
  readonly #options: ReflectorOptions<T>;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #settle: () => void = () => undefined;
  #entries: Map<string, Entry<T>> = new Map();
  #revision = 0;
  #sight: Sight = { state: "starting", sinceMs: Date.now(), confirmedAtMs: null, failure: null };
  #version: string | null = null;
  #resourceVersion: string | null = null;
  #attempts = 0;
  /** one after the other, with no watch in between that was let through */
  #refusals = 0;
  #openedAtMs = Number.POSITIVE_INFINITY;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.resource = options.resource;
    this.scope = options.scope;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#running = this.#run();
  }

  get sight(): Sight {
    return this.#sight;
  }

  /** grows with each change of the values */
  get revision(): number {
    return this.#revision;
  }

  /** by namespace and name; the namespace of a cluster-scoped object is empty */
  get(namespace: string, name: string): T | undefined {
    return this.#entries.get(`${namespace}/${name}`)?.value;
  }

  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) yield value;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#settle();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const waitMs = await this.#follow().then(() => 0, (error: unknown) => this.#recover(failureOf(error)));
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(): Promise<void> {
    if (this.#resourceVersion !== null && this.#attempts >= 2) await this.#distrust(this.#resourceVersion);
    this.#resourceVersion ??= await this.#list();
    await this.#watch(this.#resourceVersion);
  }

  /** A server that comes back with an older state than ours was restored: its watch would be silent for ever. */
  async #distrust(resourceVersion: string): Promise<void> {
    const page = await this.#readPage(this.#version ?? "", { limit: "1" });
    if (isBefore(page.resourceVersion, resourceVersion)) this.#resourceVersion = null;
  }

  async #list(): Promise<string> {
    const startedAtMs = Date.now();
    const { versions, announced } = await this.#options.discovery.candidates(this.resource);
    for (const version of versions) {
      const resourceVersion = await this.#listVersion(version).catch((error: unknown) => {
        if (error instanceof ApiFailure && error.kind === "missing") return null;
        throw error;
      });
      if (resourceVersion === null) continue;
      this.#version = version;
      const polled = this.#sight.state === "polled";
      this.#see(polled ? "polled" : "live", polled ? this.#sight.failure : null, startedAtMs);
      this.#settle();
      return resourceVersion;
    }
    throw announced && versions.length > 0 ? this.#contradicted(versions) : new ApiFailure("missing", `\`${resourceName(this.resource)}\` is not served`);
  }

  /** A kind is being installed, upgraded or removed: that its list is not found does not mean that no object exists. */
  #contradicted(versions: readonly string[]): ApiFailure {
    this.#options.discovery.forget();
    return new ApiFailure("busy", `\`${resourceName(this.resource)}\` is announced as ${versions.join(", ")}, and 404 Not Found`);
  }

  /** Pages keep each JSON.parse short; the new picture replaces the old one when it is complete. */
  async #listVersion(version: string): Promise<string> {
    const entries = new Map<string, Entry<T>>();
    let last = "";
    for await (const { items, resourceVersion } of this.#pages(version)) {
      for (const raw of items) this.#keep(entries, raw);
      last = resourceVersion;
    }
    this.#replace(entries);
    return last;
  }

  /** The server makes the next page while this one is taken in. */
  async *#pages(version: string): AsyncGenerator<Page, void, undefined> {
    let reading: Promise<Page> | null = this.#readPage(version, { limit: PAGE_SIZE });
    while (reading !== null) {
      const page: Page = await reading;
      reading = page.next === null ? null : this.#readPage(version, { limit: PAGE_SIZE, continue: page.next });
      // whoever takes in a page may fail before this one is awaited
      reading?.catch(() => undefined);
      yield page;
    }
  }

  async #readPage(version: string, parameters: Readonly<Record<string, string>>): Promise<Page> {
    const path = collectionPath({ resource: this.resource, version, scope: this.scope }, parameters);
    return readPage(await this.#options.api.getJson({ path, accept: ACCEPT[this.resource.content].list, signal: this.#stopping.signal }));
  }

  #keep(entries: Map<string, Entry<T>>, raw: unknown): void {
    const identified = identify(raw);
    const key = identified?.key ?? `?${entries.size}`;
    const resourceVersion = identified?.resourceVersion ?? "";
    const before = this.#entries.get(key);
    // an unchanged object stays the same value, so that nothing downstream is computed again for it
    entries.set(key, before !== undefined && resourceVersion !== "" && before.resourceVersion === resourceVersion ? before : { resourceVersion, value: this.#options.project(raw) });
  }

  #replace(entries: Map<string, Entry<T>>): void {
    const same = entries.size === this.#entries.size && [...entries].every(([key, entry]) => this.#entries.get(key) === entry);
    this.#entries = entries;
    if (!same) this.#changed();
  }

  async #watch(resourceVersion: string): Promise<void> {
    const timeoutSeconds = String(WATCH_SECONDS + Math.floor(Math.random() * 60));
    const collection = { resource: this.resource, version: this.#version ?? "", scope: this.scope };
    const path = collectionPath(collection, { watch: "1", resourceVersion, allowWatchBookmarks: "true", timeoutSeconds });
    const ask = { path, accept: ACCEPT[this.resource.content].watch, signal: this.#stopping.signal };
    const lines = await this.#options.api.openLines(ask, this.#options.timing.silenceMs);
    this.#openedAtMs = Date.now();
    this.#refusals = 0;
    this.#see("live", null, this.#openedAtMs);
    let heard = false;
    let sliceStartedAtMs = performance.now();
    for await (const line of lines) {
      this.#apply(readEvent(line));
      heard = true;
      this.#attempts = 0;
      if (performance.now() - sliceStartedAtMs < SLICE_MS) continue;
      // a burst of events must not hold up whoever else the process serves
      await nextTurn();
      sliceStartedAtMs = performance.now();
    }
    if (!heard && Date.now() - this.#openedAtMs < STEADY_MS) throw new ApiFailure("busy", "the server closes the watch at once");
    this.#attempts = 0;
  }

  #apply(event: WatchEvent): void {
    this.#sight = { ...this.#sight, confirmedAtMs: Date.now() };
    if (event.type === "bookmark") {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    const { key, resourceVersion } = event.identified;
    if (event.type === "delete") this.#entries.delete(key);
    else this.#keep(this.#entries, event.raw);
    this.#resourceVersion = resourceVersion;
    this.#changed();
  }

  /** @returns how long to wait before the next attempt */
  #recover(failure: ApiFailure): number {
    if (this.#stopping.signal.aborted) return 0;
    const watching = this.#resourceVersion !== null;
    this.#count();
    if (READ_AGAIN.includes(failure.kind)) this.#resourceVersion = null;
    if (failure.kind === "forbidden" && !this.#isStartingServer()) return this.#refused(watching ? "polled" : "forbidden", failure);
    if (failure.kind === "missing" && !watching) return this.#refused("missing", failure);
    this.#lost(failure);
    if (AT_ONCE.includes(failure.kind) && this.#attempts === 1) return 0;
    return Math.max(failure.retryAfterMs, this.#backoffMs());
  }

  /** An API server that has just come up forbids what it allowed before, until it has read its roles: believed only when it keeps saying so. */
  #isStartingServer(): boolean {
    const { state } = this.#sight;
    if (state !== "live" && state !== "stale") return false;
    this.#refusals += 1;
    return this.#refusals < PATIENCE;
  }

  #count(): void {
    const steady = Date.now() - this.#openedAtMs >= STEADY_MS;
    this.#openedAtMs = Number.POSITIVE_INFINITY;
    this.#attempts = steady ? 1 : this.#attempts + 1;
  }

  #refused(state: "polled" | "forbidden" | "missing", failure: ApiFailure): number {
    if (state === "missing" && this.#entries.size > 0) this.#replace(new Map());
    this.#see(state, failure, state === "polled" ? this.#sight.confirmedAtMs : null);
    this.#settle();
    this.#attempts = 0;
    return this.#options.timing.refusedRetryMs;
  }

  /** One cut connection is an everyday event; the next attempt tells whether it is more. */
  #lost(failure: ApiFailure): void {
    if (this.#attempts >= PATIENCE) this.#settle();
    if (this.#attempts < 2 && this.#sight.confirmedAtMs !== null) return;
    this.#see(this.#sight.confirmedAtMs === null ? "starting" : "stale", failure, this.#sight.confirmedAtMs);
  }

  #backoffMs(): number {
    const { backoffMinMs, backoffMaxMs } = this.#options.timing;
    return Math.min(backoffMaxMs, backoffMinMs * 2 ** (this.#attempts - 1)) * (0.5 + Math.random() / 2);
  }

  #see(state: Sight["state"], failure: ApiFailure | null, confirmedAtMs: number | null): void {
    const before = this.#sight;
    this.#sight = { state, failure, confirmedAtMs, sinceMs: before.state === state ? before.sinceMs : Date.now() };
    if (before.state === state && before.failure?.message === failure?.message) return;
    this.#report(before);
    this.#options.onChange();
  }

  /** That all goes well from the start is not news. */
  #report(before: Sight): void {
    const { state, failure } = this.#sight;
    if (before.state === state || (before.state === "starting" && before.failure === null && failure === null)) return;
    log(failure === null ? "info" : "warn", `${resourceName(this.resource)} is ${state}`, { namespace: this.scope.namespace, because: failure?.message ?? null });
  }

  #changed(): void {
    this.#revision++;
    this.#options.onChange();
  }
}
