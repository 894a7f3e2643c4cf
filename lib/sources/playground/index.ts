import type { MeshChange } from "#mesh";
import { Misconfiguration } from "../misconfiguration.ts";
import type { ConfigurationSource, MeshSources, PlaygroundControls, SourceStatus, TelemetrySource } from "../source.ts";
import type { Scene } from "./scene.ts";
import { migration } from "./scenes/migration.ts";
import { shop } from "./scenes/shop.ts";
import { World } from "./world.ts";

const SCENES: readonly Scene[] = [migration, shop];
const REFRESH_MS = 5000;

export interface PlaygroundOptions {
  /** id of a scene; the migration without it */
  readonly scene?: string;
  /** the wall clock, in milliseconds */
  readonly now?: () => number;
  /** how many simulated seconds pass in one */
  readonly speed?: number;
}

function sceneById(id: string): Scene {
  const scene = SCENES.find((candidate) => candidate.id === id);
  if (scene === undefined) throw new Misconfiguration(`playground \`${id}\`: there is no such scene; there are ${SCENES.map((known) => known.id).join(" and ")}`);
  return scene;
}

/** The scenes a person can open, in the order they are offered. */
export function playgroundScenes(): readonly { readonly id: string; readonly title: string }[] {
  return SCENES.map(({ id, title }) => ({ id, title }));
}

/** All that changes while the playground is open, and who wants to know. */
class Playground {
  readonly #now: () => number;
  readonly #speed: number;
  readonly #listeners = new Set<() => void>();
  world: World;
  settings = { resolvePeersByAddress: true, accessLogs: true };

  constructor({ scene = migration.id, now = Date.now, speed = 1 }: PlaygroundOptions) {
    this.#now = now;
    this.#speed = speed;
    this.world = this.#open(scene);
  }

  openScene(scene: string): void {
    this.world = this.#open(scene);
    this.changed();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  close(): void {
    this.#listeners.clear();
  }

  status(kind: SourceStatus["kind"], name: string): SourceStatus {
    return { kind, name: `playground ${name} (simulated)`, state: "live", readAtMs: this.#now(), message: this.world.movedOn ?? "" };
  }

  #open(scene: string): World {
    return new World(sceneById(scene), { wallClock: this.#now, speed: this.#speed });
  }
}

function configurationOf(playground: Playground): ConfigurationSource {
  return {
    current: () => playground.world.configuration,
    status: () => [playground.status("configuration", "configuration")],
    ready: () => Promise.resolve(),
    onChange: (listener) => playground.onChange(listener),
    stop: () => {
      playground.close();
      return Promise.resolve();
    },
  };
}

function telemetryOf(playground: Playground): TelemetrySource {
  return {
    read: (request) => Promise.resolve(playground.world.read(request, playground.settings)),
    status: () => [playground.status("telemetry", "traffic")],
    refreshMs: REFRESH_MS,
    stop: () => Promise.resolve(),
  };
}

function controlsOf(playground: Playground): PlaygroundControls {
  const set = (change: Partial<Playground["settings"]>): void => {
    playground.settings = { ...playground.settings, ...change };
    playground.changed();
  };
  return {
    get scene() { return playground.world.scene.id; },
    scenes: playgroundScenes(),
    get resolvePeersByAddress() { return playground.settings.resolvePeersByAddress; },
    get accessLogs() { return playground.settings.accessLogs; },
    get applied() { return playground.world.applied; },
    openScene: (scene) => { playground.openScene(scene); },
    setResolvePeersByAddress: (on) => { set({ resolvePeersByAddress: on }); },
    setAccessLogs: (on) => { set({ accessLogs: on }); },
    apply: (title: string, change: MeshChange) => {
      const id = playground.world.apply(title, change);
      playground.changed();
      return id;
    },
    undo: (id) => {
      playground.world.undo(id);
      playground.changed();
    },
  };
}

/**
 * A simulated mesh inside the process: no network, no chance, no time but the clock it is given.
 *
 * Its traffic obeys the configuration by the engine's judgement, and is told only as Istio's proxies would tell it.
 *
 * @throws {Misconfiguration} when the scene is unknown
 */
export function playgroundSources(options: PlaygroundOptions = {}): MeshSources {
  const playground = new Playground(options);
  const configuration = configurationOf(playground);
  return {
    get name() { return playground.world.scene.title; },
    configuration,
    telemetry: telemetryOf(playground),
    saved: null,
    playground: controlsOf(playground),
    stop: () => configuration.stop(),
  };
}
