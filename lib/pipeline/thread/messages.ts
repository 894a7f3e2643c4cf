import type { Answer } from "../answer.ts";
import type { Health } from "../health.ts";
import type { MeshPipeline } from "../pipeline.ts";
import type { ViewEvent } from "../subscribers.ts";

/** What the pipeline can be asked from another thread: arguments and answers are plain values. */
export type Questions = Pick<MeshPipeline, "mesh" | "workload" | "edge" | "address" | "senders" | "findings" | "proposals" | "proposal" | "apply" | "undo" | "setPlayground" | "metrics">;

export type Question = keyof Questions;

export interface Asked<Q extends Question = Question> {
  readonly kind: "ask";
  readonly id: number;
  readonly question: Q;
  readonly args: Parameters<Questions[Q]>;
}

export type ToWorker = Asked | { readonly kind: "stop" } | { readonly kind: "areYouThere" };

export type FromWorker =
  | { readonly kind: "open" }
  | { readonly kind: "here" }
  /** the settings lead to no source; `message` says what is wrong with them */
  | { readonly kind: "misconfigured"; readonly message: string }
  | { readonly kind: "health"; readonly health: Health }
  | { readonly kind: "view"; readonly event: ViewEvent }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answer };

export interface WorkerData {
  /** the last revision that was shown before this thread */
  readonly revision: number;
}
