import { applyChange, lengthText, reverseChange, type Configuration, type MeshChange, type Telemetry, type TrafficRow } from "#mesh";
import type { TelemetryRequest } from "../source.ts";
import { PlaygroundRefusal } from "../source.ts";
import { beyondCluster } from "./beyondCluster.ts";
import { callsOf } from "./calls.ts";
import { settleChange, standsInTheWay, type AppliedChange } from "./changes.ts";
import { simulatedClock, type SimulatedClock } from "./clock.ts";
import { clusterOf, withObjects } from "./cluster.ts";
import type { ProxySettings } from "./proxies.ts";
import type { Scene } from "./scene.ts";
import { TrafficHistory } from "./traffic.ts";

const DEFAULT_WINDOW_SECONDS = 900;

export interface WorldOptions {
  readonly wallClock: () => number;
  readonly speed: number;
}

/**
 * One scene being played: its cluster, its clock, and what has happened in it.
 *
 * A change takes effect at once. The clock is then moved on by one window, so that the window holds only traffic
 * since the change, and what was before lies in the look-back.
 */
export class World {
  readonly scene: Scene;
  readonly #wallClock: () => number;
  readonly #clock: SimulatedClock;
  readonly #history: TrafficHistory;
  #configuration: Configuration;
  #applied: readonly AppliedChange[] = [];
  #changes = 0;
  #windowSeconds = DEFAULT_WINDOW_SECONDS;
  #movedOn: string | null = null;

  constructor(scene: Scene, { wallClock, speed }: WorldOptions) {
    this.scene = scene;
    this.#wallClock = wallClock;
    this.#clock = simulatedClock(wallClock, speed);
    const openedAtMs = this.#clock.now();
    this.#history = new TrafficHistory(openedAtMs);
    this.#configuration = clusterOf(scene, openedAtMs);
    this.#begin(Number.NEGATIVE_INFINITY);
    if (scene.addedLately === null) return;
    const addedAtMs = openedAtMs - scene.addedLately.secondsAgo * 1000;
    this.#configuration = withObjects(this.#configuration, scene.addedLately.policies, addedAtMs);
    this.#begin(addedAtMs);
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** newest first, with the time of the clock on the wall: whoever applied it knows when that was */
  get applied(): readonly { readonly id: string; readonly title: string; readonly atMs: number }[] {
    return this.#applied.map(({ id, title, atMs }) => ({ id, title, atMs })).reverse();
  }

  /** what was done to the clock, for people; null while it only runs */
  get movedOn(): string | null {
    return this.#movedOn;
  }

  apply(title: string, change: MeshChange): string {
    const settled = settleChange(this.#configuration, change, this.#wallClock() - this.#windowSeconds * 1000);
    const id = `change-${(this.#changes += 1)}`;
    this.#applied = [...this.#applied, { id, title, atMs: this.#wallClock(), change: settled }];
    this.#take(settled, `"${title}" was applied`);
    return id;
  }

  undo(id: string): void {
    const undone = this.#applied.find((candidate) => candidate.id === id);
    if (undone === undefined) throw new PlaygroundRefusal(`cannot undo "${id}": no such change is applied in the playground`);
    const obstacle = standsInTheWay(this.#applied, undone);
    if (obstacle !== null) throw new PlaygroundRefusal(`cannot undo "${undone.title}": "${obstacle.by.title}" changed ${obstacle.object} after it; undo that first`);
    this.#applied = this.#applied.filter((candidate) => candidate !== undone);
    this.#take(reverseChange(undone.change), `"${undone.title}" was undone`);
  }

  read(request: TelemetryRequest, settings: ProxySettings): Telemetry {
    if (request.endMs === null) this.#windowSeconds = request.windowSeconds;
    const shownEndMs = request.endMs ?? this.#wallClock();
    const endMs = this.#clock.simulated(shownEndMs);
    const startMs = endMs - request.windowSeconds * 1000;
    const lookBackStartMs = startMs - request.lookBackSeconds * 1000;
    const shown = (simulatedMs: number): number => this.#clock.shown(simulatedMs);
    const isTraffic = (row: { readonly what: string }): row is TrafficRow => row.what === "traffic";
    const rows = this.#history.rows({ startMs, endMs }, settings, shown);
    return {
      windowStartMs: shownEndMs - request.windowSeconds * 1000,
      windowEndMs: shownEndMs,
      rows,
      lookBackRows: this.#history.rows({ startMs: lookBackStartMs, endMs: startMs }, settings, shown).filter(isTraffic),
      lookBackStartMs: shownEndMs - (request.windowSeconds + request.lookBackSeconds) * 1000,
      covered: [{ startMs: shownEndMs - request.windowSeconds * 1000, endMs: shownEndMs }],
      gaps: [],
      blindSpots: beyondCluster(settings, rows, this.#configuration.objects.Pod),
      queries: [],
    };
  }

  #take(change: MeshChange, done: string): void {
    this.#configuration = applyChange(this.#configuration, change);
    this.#begin(this.#clock.now());
    this.#clock.moveOn(this.#windowSeconds * 1000);
    this.#movedOn = `${done}, and the simulated clock was moved on by ${lengthText(this.#windowSeconds)}: the window holds traffic since then`;
  }

  #begin(fromMs: number): void {
    this.#history.begin({ fromMs, flows: callsOf(this.scene, this.#configuration) });
  }
}
