import type { Worker } from "node:worker_threads";
import { log, Misconfiguration, traceOf } from "#sources";
import { refused, type Answer } from "../answer.ts";
import type { Health } from "../health.ts";
import { Subscribers, type Subscriber, type ViewEvent } from "../subscribers.ts";
import { Backoff } from "./backoff.ts";
import type { Asked, FromWorker, Question, Questions, ToWorker, WorkerData } from "./messages.ts";
import { ServingMetrics } from "./servingMetrics.ts";
import { PATIENCE, Watchdog, type Patience } from "./watchdog.ts";
import { WholePicture } from "./wholePicture.ts";

const STOP_MS = 1_000;
const HALTED = "the part of mtlscope that reads the mesh has stopped and is being started again; its log says why";

const METRICS_MS = 1_000;
/** A thread that takes another one's place has this long to read everything before it shows what it has. */
const RECOVERY_MS = 15_000;
const STARTING: Health = { revision: 0, sources: [], notReady: ["the mesh has not been read yet"] };

const FAULT = "the thread that reads the mesh failed, and is started again: this is a fault of mtlscope, please report it";
const UNUSABLE = "the settings lead to no mesh any more; the thread that reads it ended, and is started again";

/** Why a thread ended. */
interface End {
  readonly words: string;
  readonly because: string;
}

/**
 * The mesh as the serving thread sees it: questions go to the thread that holds the pipeline, answers come back as bytes.
 *
 * That thread may die; it is started again, later each time, and until then every question is refused with the reason.
 */
export class MeshThread {
  /** tells the revisions of this process from those of the one before it */
  readonly process = crypto.randomUUID().slice(0, 8);
  readonly #start: (data: WorkerData) => Worker;
  readonly #subscribers = new Subscribers();
  readonly #backoff = new Backoff();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #opening = Promise.withResolvers<undefined>();
  #worker: Worker | null = null;
  #retry: NodeJS.Timeout | undefined;
  readonly #patience: Patience;
  readonly #whole = new WholePicture(() => this.#send("mesh", []));
  #asked = 0;
  #revision = 0;
  #stopped = false;
  /** while the last picture is still truer than the first ones of a thread that has just begun to read */
  #recoversUntilMs = 0;
  #health: Health = STARTING;
  readonly #metrics = new ServingMetrics();

  constructor(start: (data: WorkerData) => Worker, patience = PATIENCE) {
    this.#start = start;
    this.#patience = patience;
    this.#run();
  }

  /** @throws {Misconfiguration} when the settings lead to no source */
  async opened(): Promise<this> {
    await this.#opening.promise;
    return this;
  }

  /** As of the last evaluation; known without asking the other thread, however busy that is. */
  get health(): Health {
    return this.#health;
  }

  /** Both threads', in Prometheus' text format; this one's alone where the other does not answer soon. */
  async metrics(): Promise<string> {
    const ours = await this.#metrics.text({ isUp: this.#worker !== null, subscribers: this.#subscribers.count });
    const late = new Promise<null>((done) => setTimeout(done, METRICS_MS, null).unref());
    const theirs = await Promise.race([this.#send("metrics", []), late]);
    return theirs?.kind === "page" ? ours + new TextDecoder().decode(theirs.bytes) : ours;
  }

  async ask<Q extends Question>(question: Q, ...args: Parameters<Questions[Q]>): Promise<Answer> {
    this.#metrics.asked(question);
    if (this.#recoversUntilMs > 0) return restarting();
    if (question === "mesh" && args.every((arg) => arg === undefined) && this.#whole.isThere) return await this.#whole.newest();
    return await this.#send(question, args);
  }

  /**
   * @param revision the newest that the subscriber has: it is told what happened since
   * @returns the unsubscriber
   */
  subscribe(subscriber: Subscriber, revision: number | null = null): () => void {
    return this.#subscribers.add(subscriber, revision);
  }

  /** Ends every subscription at once, then the thread with its sources; one that does not end by itself is cut off. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#subscribers.end();
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise((done) => worker.once("exit", done));
    worker.postMessage({ kind: "stop" } satisfies ToWorker);
    const cut = setTimeout(() => void worker.terminate(), STOP_MS);
    await ended;
    clearTimeout(cut);
  }

  async #send<Q extends Question>(question: Q, args: Parameters<Questions[Q]>): Promise<Answer> {
    const worker = this.#worker;
    if (worker === null) return restarting();
    this.#asked += 1;
    const id = this.#asked;
    return await new Promise((done) => {
      this.#waiting.set(id, done);
      worker.postMessage({ kind: "ask", id, question, args } satisfies Asked<Q>);
    });
  }

  #run(): void {
    const startedMs = performance.now();
    const worker = this.#start({ revision: this.#revision });
    this.#worker = worker;
    let end: End = { words: FAULT, because: "it ended by itself" };
    let watchdog: Watchdog | null = null;
    worker.on("message", (message: FromWorker) => {
      watchdog?.heard();
      if (message.kind === "open") watchdog = this.#watch(worker, (because) => { end = { words: FAULT, because }; });
      if (message.kind === "misconfigured") end = { words: UNUSABLE, because: message.message };
      this.#hear(message);
    });
    worker.on("error", (error: unknown) => {
      end = { words: FAULT, because: traceOf(error) };
    });
    worker.once("exit", () => {
      watchdog?.stop();
      this.#lose(end, performance.now() - startedMs);
    });
  }

  #watch(worker: Worker, say: (because: string) => void): Watchdog {
    const ask = (): void => { worker.postMessage({ kind: "areYouThere" } satisfies ToWorker); };
    return new Watchdog(this.#patience, ask, (silentMs) => {
      say(`it gave no sign of life for ${silentMs / 1000} s`);
      void worker.terminate();
    });
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case "open":
        this.#opening.resolve(undefined);
        return;
      case "misconfigured":
        this.#opening.reject(new Misconfiguration(message.message));
        return;
      case "here":
        return;
      case "answer":
        this.#waiting.get(message.id)?.(message.answer);
        this.#waiting.delete(message.id);
        return;
      case "health":
        this.#health = message.health;
        return;
      case "view":
        this.#show(message.event);
    }
  }

  #show(event: ViewEvent): void {
    this.#revision = event.revision;
    if (this.#health.notReady.length > 0 && performance.now() < this.#recoversUntilMs) return;
    const isFirst = this.#recoversUntilMs > 0;
    this.#recoversUntilMs = 0;
    this.#subscribers.publish(isFirst ? { ...event, since: null, delta: null } : event);
    this.#whole.renewed({ isTold: event.delta !== null });
  }

  #lose({ words, because }: End, livedMs: number): void {
    this.#worker = null;
    this.#whole.lost();
    for (const done of this.#waiting.values()) done(restarting());
    this.#waiting.clear();
    this.#opening.resolve(undefined);
    if (this.#stopped) return;
    this.#metrics.restarted();
    this.#health = { ...this.#health, notReady: [HALTED] };
    this.#subscribers.halt({ sinceMs: Date.now(), message: HALTED });
    const waitMs = this.#backoff.next(livedMs);
    log("error", words, { because, inMs: waitMs });
    this.#retry = setTimeout(() => {
      this.#recoversUntilMs = performance.now() + RECOVERY_MS;
      this.#run();
    }, waitMs);
  }
}

function restarting(): Answer {
  return refused(503, "restarting", `${HALTED}. Ask again in a few seconds`);
}
