export { meshThread } from "./process.ts";
export type { Answer, Page, Refused } from "./answer.ts";
export type { Health } from "./health.ts";
export type { AskedWindow } from "./askedWindow.ts";
export type { MeshThread } from "./thread/meshThread.ts";
export type { Question, Questions } from "./thread/messages.ts";
export type { PlaygroundSettings } from "./playground.ts";
export type { Halt, Subscriber, ViewEvent } from "./subscribers.ts";
