import type { Configuration, Telemetry } from "#mesh";
import type { SourceStatus, TelemetrySource } from "#sources";
import { refused, type Refused } from "./answer.ts";
import { keyOf, type AskedWindow } from "./askedWindow.ts";
import { Painter, type Judging } from "./painter.ts";
import type { Picture } from "./picture.ts";
import type { Circumstances } from "./stages.ts";
import { Turns } from "./turns.ts";
import { WindowReading } from "./windowReading.ts";

const MOST_WINDOWS = 6;
/** Windows of a large mesh are large: so many rows are kept in all, and always the newest window. */
const MOST_ROWS = 400_000;
/** A long window is more than a hundred questions: others wait. */
const MOST_READINGS = 2;
const PATIENCE_MS = 4_000;
/** A picture is kept for at least this long, and for so many times as long as it took to draw. */
const SHORTEST_MS = 1_000;
const TIMES_DRAWN = 5;

interface Kept {
  readonly reading: WindowReading;
  readonly painter: Painter;
  picture: Picture | null;
  shows: { readonly telemetry: Telemetry; readonly configuration: Configuration; readonly untilMs: number; readonly status: string } | null;
}

/** What a picture of a window is made of beside its traffic. */
export interface Surroundings {
  readonly configuration: () => Configuration;
  readonly circumstances: (revision: number, status: SourceStatus) => Circumstances;
}

/** Windows other than the followed one: read when asked for, judged against the configuration of now, the last few kept. */
export class Windows {
  readonly #telemetry: TelemetrySource;
  readonly #judging: Judging;
  readonly #surroundings: Surroundings;
  readonly #kept = new Map<string, Kept>();
  readonly #turns = new Turns(MOST_READINGS);
  /** told apart from those before a restart */
  #revision = Date.now();

  constructor(telemetry: TelemetrySource, judging: Judging, surroundings: Surroundings) {
    this.#telemetry = telemetry;
    this.#judging = judging;
    this.#surroundings = surroundings;
  }

  async picture(asked: AskedWindow): Promise<Picture | Refused> {
    const kept = this.#keep(asked);
    const telemetry = await kept.reading.telemetry(PATIENCE_MS);
    if (telemetry.refused !== undefined) return refused(422, "window_too_short", telemetry.refused);
    return this.#draw(kept, telemetry);
  }

  /** Nothing that was read is true any more: the mesh was changed on purpose. */
  forget(): void {
    for (const key of this.#kept.keys()) this.#drop(key);
  }

  #keep(asked: AskedWindow): Kept {
    const key = keyOf(asked);
    const kept = this.#kept.get(key) ?? { reading: new WindowReading(this.#telemetry, asked, this.#turns), painter: new Painter(this.#judging), picture: null, shows: null };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const keys = [...this.#kept.keys()];
    let rows = [...this.#kept.values()].reduce((sum, { reading }) => sum + reading.rows, 0);
    for (const oldest of keys.slice(0, -1)) {
      if (this.#kept.size <= MOST_WINDOWS && rows <= MOST_ROWS) break;
      rows -= this.#kept.get(oldest)?.reading.rows ?? 0;
      this.#drop(oldest);
    }
    return kept;
  }

  #drop(key: string): void {
    this.#kept.get(key)?.reading.end();
    this.#kept.delete(key);
  }

  #draw(intoKept: Kept, telemetry: Telemetry): Picture {
    const { picture, shows, reading, painter } = intoKept;
    const configuration = this.#surroundings.configuration();
    const status = reading.status();
    const statusText = `${status.state} ${status.message}`;
    const same = shows?.telemetry === telemetry && shows.status === statusText;
    if (picture !== null && same && (shows.configuration === configuration || performance.now() < shows.untilMs)) return picture;
    const startedMs = performance.now();
    this.#revision += 1;
    const drawn = painter.paint({ capturedAtMs: Date.now(), configuration, telemetry }, this.#surroundings.circumstances(this.#revision, status));
    const endedMs = performance.now();
    intoKept.picture = drawn;
    intoKept.shows = { telemetry, configuration, status: statusText, untilMs: endedMs + Math.max(SHORTEST_MS, TIMES_DRAWN * (endedMs - startedMs)) };
    return drawn;
  }
}
