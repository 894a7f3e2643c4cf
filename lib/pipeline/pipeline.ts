import { workloadId } from "#mesh";
import { log, traceOf, wordsOf, type MeshSources } from "#sources";
import { pageOf, refused, type Answer, type Done, type Page, type Refused } from "./answer.ts";
import type { AskedWindow } from "./askedWindow.ts";
import { FollowedPicture, type Renewal } from "./followedPicture.ts";
import { healthOf, type Health } from "./health.ts";
import { PipelineMetrics } from "./metrics.ts";
import { Judging, Painter } from "./painter.ts";
import { Picture } from "./picture.ts";
import { Playground, type PlaygroundSettings } from "./playground.ts";
import { timed, timing, type Stages } from "./stages.ts";
import { Subscribers, type Subscriber } from "./subscribers.ts";
import { viewEvent } from "./viewEvent.ts";
import { Windows } from "./windows.ts";

/** What a pipeline takes over from another one, and whom it tells how it is. */
export interface PipelineOptions {
  /** that of the last picture before, where this pipeline takes another one's place */
  readonly revision?: number;
  /** told after each evaluation, also one that failed */
  readonly onHealth?: (health: Health) => void;
}

/**
 * The mesh as it is known now: collects, evaluates, proposes, presents, and keeps what it made.
 * What can be asked of the window that is followed can be asked of another, too.
 */
export class MeshPipeline {
  readonly #sources: MeshSources;
  readonly #stages: Stages;
  readonly #followed: FollowedPicture;
  readonly #windows: Windows;
  readonly #subscribers = new Subscribers();
  readonly #playground: Playground;
  #lastChange: Promise<unknown> = Promise.resolve();
  readonly #metrics = new PipelineMetrics();
  readonly #onHealth: (health: Health) => void;
  readonly #viewEvent = timing(viewEvent, (ms) => { this.#metrics.took("delta", ms); });

  constructor(sources: MeshSources, stages: Stages, { revision = 0, onHealth = () => undefined }: PipelineOptions = {}) {
    this.#onHealth = onHealth;
    this.#sources = sources;
    this.#stages = stages;
    this.#playground = new Playground(sources.playground, stages);
    const judging = new Judging(timed(stages, (stage, ms) => { this.#metrics.took(stage, ms); }));
    this.#followed = new FollowedPicture(sources, new Painter(judging), { revision, identity: () => this.#playground.identity(), onRenewed: (renewal) => { this.#renewed(renewal); } });
    this.#windows = new Windows(sources.telemetry, judging, {
      configuration: () => sources.configuration.current(),
      circumstances: (shown, status) => {
        const circumstances = this.#followed.circumstances(shown);
        return { ...circumstances, followed: false, sources: [...circumstances.sources, status] };
      },
    });
    this.#followed.start();
  }

  async mesh(window?: AskedWindow): Promise<Answer> {
    return await this.#ask(async (picture) => {
      const page = await picture.whole();
      if (picture === this.#followed.newest) this.#metrics.sent(page);
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
    const { revision, failure } = this.#followed;
    return healthOf(revision, this.#followed.circumstances().sources, failure);
  }

  /** @returns the unsubscriber */
  subscribe(subscriber: Subscriber): () => void {
    return this.#subscribers.add(subscriber);
  }

  /** Ends every subscription, then the sources. */
  async stop(): Promise<void> {
    this.#followed.stop();
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
    return this.#followed.newest ?? refused(503, "no_picture_yet", this.#followed.failure?.message ?? "the mesh has not been read yet; ask again in a second");
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
    await this.#followed.readAgain();
    return pageOf(null, { revision: this.#followed.revision, ...done.told });
  }

  #renewed({ startedMs, before, after }: Renewal): void {
    this.#metrics.evaluated(startedMs, this.#followed.failure === null ? after : null);
    this.#onHealth(this.health());
    if (after !== null) this.#subscribers.publish(this.#viewEvent(before, after));
  }
}
