import { log, traceOf, wordsOf, type MeshSources, type SourceStatus } from "#sources";
import type { MeshIdentityView, MeshView } from "#view";
import { FOLLOWED } from "./askedWindow.ts";
import type { Painter } from "./painter.ts";
import { outdated, type Picture } from "./picture.ts";
import type { Circumstances } from "./stages.ts";
import { TelemetryFeed } from "./telemetryFeed.ts";
import { Throttle } from "./throttle.ts";

const GATHER_MS = 50;
/** Half of a large mesh takes as long to evaluate as the whole: what is read first waits so long for the rest, and its configuration for telemetry. */
const WHOLE_WITHIN_MS = 30_000;
const TELEMETRY_WITHIN_MS = 5_000;
const LARGE = 5_000;

/** A picture was made of a change, or could not be made of it: then `after` is the last one, which says so, and `null` where there was none. */
export interface Renewal {
  readonly startedMs: number;
  readonly before: MeshView | null;
  readonly after: MeshView | null;
}

export interface FollowedOptions {
  /** that of the last picture before */
  readonly revision: number;
  readonly identity: () => Pick<MeshIdentityView, "simulated" | "playground">;
  readonly onRenewed: (renewal: Renewal) => void;
}

/**
 * The picture of the window that is followed: made anew soon after configuration or telemetry has changed, once for many changes.
 * What fails leaves the last picture, with a source that says what failed.
 */
export class FollowedPicture {
  readonly #sources: MeshSources;
  readonly #painter: Painter;
  readonly #identity: FollowedOptions["identity"];
  readonly #onRenewed: FollowedOptions["onRenewed"];
  readonly #feed: TelemetryFeed;
  readonly #throttle: Throttle;
  readonly #unfollow: () => void;
  #picture: Picture | null = null;
  #failure: SourceStatus | null = null;
  #revision: number;
  #isConfigurationRead = false;
  /** the whole configuration was in a picture */
  #isShown = false;

  constructor(sources: MeshSources, painter: Painter, { revision, identity, onRenewed }: FollowedOptions) {
    this.#sources = sources;
    this.#painter = painter;
    this.#identity = identity;
    this.#onRenewed = onRenewed;
    this.#revision = revision;
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
  }

  /** of the newest picture, or of the change of which none could be made */
  get revision(): number {
    return this.#revision;
  }

  /** `null`: there is none yet */
  get newest(): Picture | null {
    return this.#picture;
  }

  /** the evaluation, while it fails */
  get failure(): SourceStatus | null {
    return this.#failure;
  }

  /** Shows what is known before anything was read, then all that follows. */
  start(): void {
    this.#throttle.now();
    void this.#feed.readNow();
  }

  /** The mesh was changed on purpose: shows what has come of it. */
  async readAgain(): Promise<void> {
    await this.#feed.readNow();
    this.#throttle.now();
  }

  stop(): void {
    this.#unfollow();
    this.#feed.stop();
    this.#throttle.stop();
  }

  circumstances(revision = this.#revision): Circumstances {
    const { name, saved, configuration } = this.#sources;
    return {
      revision,
      mesh: { name, savedAtMs: saved?.atMs ?? null, ...this.#identity(), ...(saved?.simulated === true && { simulated: true }) },
      sources: [...configuration.status(), ...this.#feed.status()],
    };
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

  #renew(): void {
    this.#revision += 1;
    this.#isShown = this.#isConfigurationRead;
    const startedMs = performance.now();
    const before = this.#picture?.view ?? null;
    const circumstances = this.circumstances();
    try {
      const snapshot = { capturedAtMs: this.#sources.saved?.atMs ?? Date.now(), configuration: this.#sources.configuration.current(), telemetry: this.#feed.current() };
      this.#picture = this.#painter.paint(snapshot, circumstances);
      this.#failure = null;
    } catch (error) {
      this.#fail(error, circumstances);
    }
    this.#onRenewed({ startedMs, before, after: this.#picture?.view ?? null });
  }

  #fail(error: unknown, { sources }: Circumstances): void {
    log("error", "evaluation failed", { because: traceOf(error) });
    const message = `the newest state could not be evaluated (${wordsOf(error)}): this is a fault of mtlscope, please report it`;
    this.#failure = { kind: "evaluation", name: "evaluation", state: "stale", readAtMs: this.#picture?.view.capturedAtMs ?? null, message };
    if (this.#picture !== null) this.#picture = outdated(this.#picture, this.#revision, [...sources, this.#failure]);
  }
}
