import type { Configuration, MeshChange, Telemetry } from "#mesh";

/** What is read from a source: objects, the traffic of the window that is followed, or that of another window; `evaluation` is none, and stands among them while it fails. */
export const SOURCE_KINDS = ["configuration", "telemetry", "window", "evaluation"] as const;

/** How one source is doing. Messages say what happened, to which object, and what to do; they hold no token. */
export interface SourceStatus {
  readonly kind: (typeof SOURCE_KINDS)[number];
  readonly name: string;
  readonly state: "live" | "starting" | "stale" | "absent";
  readonly readAtMs: number | null;
  readonly message: string;
}

/** Reads the cluster's objects and follows them: Kubernetes, or the playground. */
export interface ConfigurationSource {
  /** what is known now; before the first complete read, kinds not yet read stand in `unread` */
  current(): Configuration;
  status(): readonly SourceStatus[];
  /** resolves once every kind has been read or found unreadable */
  ready(): Promise<void>;
  /** calls back after each change of `current()` or `status()`; returns the unsubscriber */
  onChange(listener: () => void): () => void;
  stop(): Promise<void>;
}

export interface TelemetryRequest {
  readonly windowSeconds: number;
  readonly lookBackSeconds: number;
  /** `null`: now, and the same window is asked for again and again */
  readonly endMs: number | null;
}

/** Who waits for a window that is read in pieces. When the same one asks for the same again, what was given up goes on where it stopped. */
export interface Waiting {
  /** hears of what has been read so far */
  readonly told: (partial: Telemetry) => void;
  /** hears why a part was not read that may be there the next time */
  readonly gaveUp: (because: string) => void;
  /** aborted when nobody waits any more */
  readonly signal: AbortSignal;
}

/** Reads traffic: Prometheus, or the playground. Failing reads do not throw: rows are empty and `gaps` say why. */
export interface TelemetrySource {
  read(request: TelemetryRequest, waiting?: Waiting): Promise<Telemetry>;
  status(): readonly SourceStatus[];
  /** how long to wait between reads */
  readonly refreshMs: number;
  stop(): Promise<void>;
}

/** The playground cannot do what was asked; the message says why, and what to do first. */
export class PlaygroundRefusal extends Error {}

/** What only the playground can do: it has no users but the one who looks at it. */
export interface PlaygroundControls {
  readonly scene: string;
  readonly scenes: readonly { readonly id: string; readonly title: string }[];
  readonly resolvePeersByAddress: boolean;
  readonly accessLogs: boolean;
  readonly applied: readonly { readonly id: string; readonly title: string; readonly atMs: number }[];
  openScene(scene: string): void;
  setResolvePeersByAddress(on: boolean): void;
  setAccessLogs(on: boolean): void;
  /** @returns the id by which it is undone; @throws PlaygroundRefusal when an object is not as the change expects */
  apply(title: string, change: MeshChange): string;
  /** @throws PlaygroundRefusal when the id is not an applied change, or a later change stands on it */
  undo(id: string): void;
}

/** Everything the pipeline reads from. */
export interface MeshSources {
  /** context name, `in-cluster`, or the scene's title */
  readonly name: string;
  /** what is read was saved earlier, and does not change; `null`: it is followed */
  readonly saved: { readonly atMs: number; readonly simulated: boolean } | null;
  readonly configuration: ConfigurationSource;
  readonly telemetry: TelemetrySource;
  readonly playground: PlaygroundControls | null;
  stop(): Promise<void>;
}
