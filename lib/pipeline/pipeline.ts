import { workloadId } from "#mesh";
import { log, traceOf, wordsOf, type MeshSources, type SourceStatus } from "#sources";
import { pageOf, refused, type Answer, type Done, type Page, type Refused } from "./answer.ts";
import { FOLLOWED, type AskedWindow } from "./askedWindow.ts";
import { healthOf, type Health } from "./health.ts";
import { PipelineMetrics } from "./metrics.ts";
import { Judging, Painter } from "./painter.ts";
import { outdated, Picture } from "./picture.ts";
import { Playground, type PlaygroundSettings } from "./playground.ts";
import { timed, timing, type Circumstances, type Stages } from "./stages.ts";
import { Subscribers, type Subscriber } from "./subscribers.ts";
import { TelemetryFeed } from "./telemetryFeed.ts";
import { Throttle } from "./throttle.ts";
import { viewEvent } from "./viewEvent.ts";
import { Windows } from "./windows.ts";

const GATHER_MS = 50;
/** Half of a large mesh takes as long to evaluate as the whole: what is read first waits so long for the rest, and its configuration for telemetry. */
const WHOLE_WITHIN_MS = 30_000;
const TELEMETRY_WITHIN_MS = 5_000;
const LARGE = 5_000;

export interface PipelineOptions {
  /** that of the last picture before, where this pipeline takes another one's place */
  readonly revision?: number;
  /** told after each evaluation, also one that failed */
  readonly onHealth?: (health: Health) => void;
}

/**
 * The mesh as it is known now: collects, evaluates, proposes, presents, and keeps what it made.
 * What can be asked of the window that is followed can be asked of another, too.
 *
 * Follows configuration and telemetry by itself. What fails leaves the last picture, with a source that says what failed.
 */
export class MeshPipeline {
  readonly #sources: MeshSources;
  readonly #stages: Stages;
  readonly #painter: Painter;
  readonly #windows: Windows;
  readonly #feed: TelemetryFeed;
  readonly #throttle: Throttle;
  readonly #subscribers = new Subscribers();
  readonly #playground: Playground;
  readonly #unfollow: () => void;
  #picture: Picture | null = null;
  #failure: SourceStatus | null = null;
  #revision: number;
  #isConfigurationRead = false;
  /** the whole configuration was in a picture */
  #isShown = false;
  #lastChange: Promise<unknown> = Promise.resolve();
  readonly #metrics = new PipelineMetrics();
  readonly #onHealth: (health: Health) => void;
  readonly #viewEvent = timing(viewEvent, (ms) => { this.#metrics.took("delta", ms); });

  constructor(sources: MeshSources, stages: Stages, { revision = 0, onHealth = () => undefined }: PipelineOptions = {}) {
    this.#revision = revision;
    this.#onHealth = onHealth;
    this.#sources = sources;
    this.#stages = stages;
    const judging = new Judging(timed(stages, (stage, ms) => { this.#metrics.took(stage, ms); }));
    this.#painter = new Painter(judging);
    this.#windows = new Windows(sources.telemetry, judging, {
      configuration: () => sources.configuration.current(),
      circumstances: (shown, status) => ({ ...this.#circumstances(shown), followed: false, sources: [...sources.configuration.status(), ...this.#feed.status(), status] }),
    });
    this.#throttle = new Throttle(() => {
      this.#renew();
    }, GATHER_MS);
    this.#feed = new TelemetryFeed(sources.telemetry, FOLLOWED, () => {
      this.#changed();
    });
    this.#unfollow = sources.configuration.onChange(() => {
      this.#changed();
    });
    void sources.configuration.ready().then(() => {
      this.#isConfigurationRead = true;
      this.#throttle.hasten(this.#patienceMs());
    });
    this.#playground = new Playground(sources.playground, stages);
    this.#throttle.now();
    void this.#feed.readNow();
  }

  async mesh(window?: AskedWindow): Promise<Answer> {
    return await this.#ask(async (picture) => {
      const page = await picture.whole();
      if (picture === this.#picture) this.#metrics.sent(page);
      return page;
    }, window);
  }

  async workload(namespace: string, name: string, window?: AskedWindow): Promise<Answer> {
    const id = workloadId(namespace, name);
    const missing = `no workload \`${id}\` in the picture: it may have been deleted, or it is named after its owner (Deployment, StatefulSet, …)`;
    return await this.#ask((picture) => picture.page(`workload ${id}`, (verdicts) => this.#stages.presentWorkload(verdicts, id), missing), window);
  }

  async edge(id: string, window?: AskedWindow): Promise<Answer> {
    const missing = `no edge \`${id}\` in the picture: nothing was seen on it in the window or in the look-back before`;
    return await this.#ask((picture) => picture.page(`edge ${id}`, (verdicts) => this.#stages.presentEdge(verdicts, id), missing), window);
  }

  /** Quickly made, and not kept: anybody may ask for any. */
  async address(address: string, window?: AskedWindow): Promise<Answer> {
    return await this.#ask(({ revision, verdicts }) => pageOf(revision, this.#stages.presentAddress(verdicts, address)), window);
  }

  async senders(window?: AskedWindow): Promise<Answer> {
    return await this.#ask((picture) => picture.page("senders", (verdicts) => this.#stages.presentSenders(verdicts), ""), window);
  }

  async findings(window?: AskedWindow): Promise<Answer> {
    return await this.#ask((picture) => picture.page("findings", (verdicts) => this.#stages.presentFindings(verdicts), ""), window);
  }

  async proposals(window?: AskedWindow): Promise<Answer> {
    return await this.#ask((picture) => picture.page("proposals", (verdicts) => this.#stages.presentList(verdicts), ""), window);
  }

  async proposal(id: string, window?: AskedWindow): Promise<Answer> {
    return await this.#ask((picture) => this.#playground.proposal(picture, id), window);
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

  /** How reading and evaluating goes, in Prometheus' text format. */
  async metrics(): Promise<Page> {
    const text = await this.#metrics.text(this.health().sources);
    return { kind: "page", encoding: "identity", revision: null, bytes: new TextEncoder().encode(text) };
  }

  health(): Health {
    return healthOf(this.#revision, this.#circumstances(this.#revision).sources, this.#failure);
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

  async #ask<T>(answer: (picture: Picture) => T | Promise<T>, window?: AskedWindow): Promise<T | Refused> {
    try {
      const picture = window === undefined ? this.#newest() : await this.#pictureOf(window);
      return picture instanceof Picture ? await answer(picture) : picture;
    } catch (error) {
      log("error", "presentation failed", { because: traceOf(error) });
      return refused(500, "internal", `this could not be shown (${wordsOf(error)}): this is a fault of mtlscope, please report it`);
    }
  }

  #newest(): Picture | Refused {
    return this.#picture ?? refused(503, "no_picture_yet", this.#failure?.message ?? "the mesh has not been read yet; ask again in a second");
  }

  async #pictureOf(window: AskedWindow): Promise<Picture | Refused> {
    if (this.#sources.saved !== null) return refused(409, "saved_state", "a saved state holds the one window that was saved; leave out `window` and `end`");
    const newest = this.#newest();
    return newest instanceof Picture ? await this.#windows.picture(window) : newest;
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
    this.#windows.forget();
    await this.#feed.readNow();
    this.#throttle.now();
    return pageOf(null, { revision: this.#revision, ...done.told });
  }

  #changed(): void {
    this.#throttle.ask(this.#patienceMs());
  }

  #patienceMs(): number {
    if (this.#isShown || !this.#isLarge()) return GATHER_MS;
    if (!this.#isConfigurationRead) return WHOLE_WITHIN_MS;
    return this.#feed.hasRead ? GATHER_MS : TELEMETRY_WITHIN_MS;
  }

  #isLarge(): boolean {
    const kinds: readonly (readonly unknown[])[] = Object.values(this.#sources.configuration.current().objects);
    return kinds.reduce((sum, { length }) => sum + length, this.#feed.current().rows.length) >= LARGE;
  }

  #circumstances(revision: number): Circumstances {
    return {
      revision,
      mesh: { name: this.#sources.name, savedAtMs: this.#sources.saved?.atMs ?? null, ...this.#playground.identity(), ...(this.#sources.saved?.simulated === true && { simulated: true }) },
      sources: [...this.#sources.configuration.status(), ...this.#feed.status()],
    };
  }

  #renew(): void {
    this.#revision += 1;
    this.#isShown = this.#isConfigurationRead;
    const startedMs = performance.now();
    const before = this.#picture?.view ?? null;
    const circumstances = this.#circumstances(this.#revision);
    try {
      const snapshot = { capturedAtMs: this.#sources.saved?.atMs ?? Date.now(), configuration: this.#sources.configuration.current(), telemetry: this.#feed.current() };
      this.#picture = this.#painter.paint(snapshot, circumstances);
      this.#failure = null;
    } catch (error) {
      this.#fail(error, circumstances);
    }
    this.#metrics.evaluated(startedMs, this.#failure === null ? (this.#picture?.view ?? null) : null);
    this.#onHealth(this.health());
    if (this.#picture !== null) this.#subscribers.publish(this.#viewEvent(before, this.#picture.view));
  }

  #fail(error: unknown, { sources }: Circumstances): void {
    log("error", "evaluation failed", { because: traceOf(error) });
    const message = `the newest state could not be evaluated (${wordsOf(error)}): this is a fault of mtlscope, please report it`;
    this.#failure = { kind: "evaluation", name: "evaluation", state: "stale", readAtMs: this.#picture?.view.capturedAtMs ?? null, message };
    if (this.#picture !== null) this.#picture = outdated(this.#picture, this.#revision, [...sources, this.#failure]);
  }
}
