export { meshPipeline } from "./process.ts";
export { MeshPipeline } from "./pipeline.ts";
export type { Answer, Page, Refused } from "./answer.ts";
export type { PlaygroundSettings } from "./playground.ts";
export type { Stages, Circumstances } from "./stages.ts";
export type { Subscriber, ViewEvent } from "./subscribers.ts";
