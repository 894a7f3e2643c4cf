import { workloadId } from "#mesh";
import { log, type MeshSources, type SourceStatus, type TelemetryRequest } from "#sources";
import { pageOf, refused, type Answer, type Done, type Refused } from "./answer.ts";
import { Painter, outdated, type Picture } from "./picture.ts";
import { Playground, type PlaygroundSettings } from "./playground.ts";
import type { Circumstances, Stages } from "./stages.ts";
import { Subscribers, type Subscriber } from "./subscribers.ts";
import { TelemetryFeed } from "./telemetryFeed.ts";
import { Throttle } from "./throttle.ts";

const REQUEST: TelemetryRequest = { windowSeconds: 900, lookBackSeconds: 3600, endMs: null };
const GATHER_MS = 50;

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function traceOf(error: unknown): string {
  return (error instanceof Error ? error.stack : undefined) ?? String(error);
}

/**
 * The mesh as it is known now: collects, evaluates, proposes, presents, and keeps what it made.
 *
 * Follows configuration and telemetry by itself. What fails leaves the last picture, with a source that says what failed.
 */
export class MeshPipeline {
  readonly #sources: MeshSources;
  readonly #stages: Stages;
  readonly #painter: Painter;
  readonly #feed: TelemetryFeed;
  readonly #throttle: Throttle;
  readonly #subscribers = new Subscribers();
  readonly #playground: Playground;
  readonly #unfollow: () => void;
  #picture: Picture | null = null;
  #failure: SourceStatus | null = null;
  #revision: number;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @param revision that of the last picture before, where this pipeline takes another one's place */
  constructor(sources: MeshSources, stages: Stages, revision = 0) {
    this.#revision = revision;
    this.#sources = sources;
    this.#stages = stages;
    this.#painter = new Painter(stages);
    this.#throttle = new Throttle(() => {
      this.#renew();
    }, GATHER_MS);
    this.#feed = new TelemetryFeed(sources.telemetry, REQUEST, () => {
      this.#throttle.ask();
    });
    this.#unfollow = sources.configuration.onChange(() => {
      this.#throttle.ask();
    });
    this.#playground = new Playground(sources.playground, stages);
    this.#throttle.now();
    void this.#feed.readNow();
  }

  async mesh(): Promise<Answer> {
    return await this.#ask((picture) => picture.whole());
  }

  async workload(namespace: string, name: string): Promise<Answer> {
    const id = workloadId(namespace, name);
    const missing = `no workload \`${id}\` in the picture: it may have been deleted, or it is named after its owner (Deployment, StatefulSet, …)`;
    return await this.#ask((picture) => picture.page(`workload ${id}`, (verdicts) => this.#stages.presentWorkload(verdicts, id), missing));
  }

  async edge(id: string): Promise<Answer> {
    const missing = `no edge \`${id}\` in the picture: nothing was seen on it in the window or in the look-back before`;
    return await this.#ask((picture) => picture.page(`edge ${id}`, (verdicts) => this.#stages.presentEdge(verdicts, id), missing));
  }

  async senders(): Promise<Answer> {
    return await this.#ask((picture) => picture.page("senders", (verdicts) => this.#stages.presentSenders(verdicts), ""));
  }

  async findings(): Promise<Answer> {
    return await this.#ask((picture) => picture.page("findings", (verdicts) => this.#stages.presentFindings(verdicts), ""));
  }

  async proposals(): Promise<Answer> {
    return await this.#ask((picture) => picture.page("proposals", (verdicts) => this.#stages.presentList(verdicts), ""));
  }

  async proposal(id: string): Promise<Answer> {
    return await this.#ask((picture) => this.#playground.proposal(picture, id));
  }

  /** Applies a proposal in the playground. Answers when the picture shows it. */
  async apply(proposal: string): Promise<Answer> {
    return await this.#change((picture) => this.#playground.apply(picture, proposal));
  }

  async undo(id: string): Promise<Answer> {
    return await this.#change(() => this.#playground.undo(id));
  }

  async setPlayground(settings: PlaygroundSettings): Promise<Answer> {
    return await this.#change(() => this.#playground.set(settings));
  }

  /** @returns the unsubscriber */
  subscribe(subscriber: Subscriber): () => void {
    return this.#subscribers.add(subscriber);
  }

  /** Ends every subscription, then the sources. */
  async stop(): Promise<void> {
    this.#unfollow();
    this.#feed.stop();
    this.#throttle.stop();
    this.#subscribers.end();
    await this.#sources.stop();
  }

  async #ask<T>(answer: (picture: Picture) => T | Promise<T>): Promise<T | Refused> {
    await Promise.resolve();
    if (this.#picture === null) return refused(503, "no_picture_yet", this.#failure?.message ?? "the mesh has not been read yet; ask again in a second");
    try {
      return await answer(this.#picture);
    } catch (error) {
      log("error", "presentation failed", { because: traceOf(error) });
      return refused(500, "internal", `this could not be shown (${wordsOf(error)}): this is a fault of mtlscope, please report it`);
    }
  }

  /** One after the other: each sees the picture that the one before it made. */
  async #change(act: (picture: Picture) => Done | Refused): Promise<Answer> {
    const turn = this.#lastChange.then(() => this.#changeNow(act));
    this.#lastChange = turn.catch(() => undefined);
    return await turn;
  }

  async #changeNow(act: (picture: Picture) => Done | Refused): Promise<Answer> {
    const done = await this.#ask(act);
    if (done.kind === "refused") return done;
    await this.#feed.readNow();
    this.#throttle.now();
    return pageOf(null, { revision: this.#revision, ...done.told });
  }

  #circumstances(): Circumstances {
    return {
      revision: this.#revision,
      mesh: { name: this.#sources.name, savedAtMs: this.#sources.saved?.atMs ?? null, ...this.#playground.identity(), ...(this.#sources.saved?.simulated === true && { simulated: true }) },
      sources: [...this.#sources.configuration.status(), ...this.#feed.status()],
    };
  }

  #renew(): void {
    this.#revision += 1;
    const circumstances = this.#circumstances();
    try {
      const snapshot = { capturedAtMs: this.#sources.saved?.atMs ?? Date.now(), configuration: this.#sources.configuration.current(), telemetry: this.#feed.current() };
      this.#picture = this.#painter.paint(snapshot, circumstances);
      this.#failure = null;
    } catch (error) {
      this.#fail(error, circumstances);
    }
    if (this.#picture !== null) this.#subscribers.publish({ revision: this.#revision, capturedAtMs: this.#picture.view.capturedAtMs });
  }

  #fail(error: unknown, { sources }: Circumstances): void {
    log("error", "evaluation failed", { because: traceOf(error) });
    const message = `the newest state could not be evaluated (${wordsOf(error)}): this is a fault of mtlscope, please report it`;
    this.#failure = { name: "evaluation", state: "stale", readAtMs: this.#picture?.view.capturedAtMs ?? null, message };
    if (this.#picture !== null) this.#picture = outdated(this.#picture, this.#revision, [...sources, this.#failure]);
  }
}
