import { ApiFailure, failureOfEvent } from "./failure.ts";

/** What identifies one state of one object; everything else in it is the mapping's business. */
export interface Identified {
  /** `namespace/name`, unique within one resource */
  readonly key: string;
  readonly resourceVersion: string;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

export function identify(raw: unknown): Identified | null {
  const { namespace, name, resourceVersion } = record(record(raw)["metadata"]);
  if (typeof name !== "string" || typeof resourceVersion !== "string") return null;
  return { key: `${typeof namespace === "string" ? namespace : ""}/${name}`, resourceVersion };
}

export type WatchEvent =
  | { readonly type: "set" | "delete"; readonly identified: Identified; readonly raw: unknown }
  | { readonly type: "bookmark"; readonly resourceVersion: string };

/** @throws `ApiFailure`: the ERROR event itself, or `unreadable` where the line is not an event (what it said is then unknown, so the list is read again) */
export function readEvent(line: unknown): WatchEvent {
  const { type, object } = record(line);
  if (type === "ERROR") throw failureOfEvent(object);
  if (type === "BOOKMARK") {
    const { resourceVersion } = record(record(object)["metadata"]);
    if (typeof resourceVersion === "string") return { type: "bookmark", resourceVersion };
  }
  const identified = identify(object);
  if (identified !== null && (type === "ADDED" || type === "MODIFIED")) return { type: "set", identified, raw: object };
  if (identified !== null && type === "DELETED") return { type: "delete", identified, raw: object };
  throw new ApiFailure("unreadable", "an event of the watch is not what the API promises");
}

export interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** `null` on the last page */
  readonly next: string | null;
}

export function readPage(reply: unknown): Page {
  const { items, metadata } = record(reply);
  const { resourceVersion, continue: next } = record(metadata);
  // Go writes an empty list as null
  const list: unknown = items ?? [];
  if (!Array.isArray(list) || typeof resourceVersion !== "string") throw new ApiFailure("unreadable", "the reply is not a list of the Kubernetes API");
  return { items: list as readonly unknown[], resourceVersion, next: typeof next === "string" && next !== "" ? next : null };
}

/** Whether `now` is a state before `then`: the server was restored or replaced. Versions that are not decimal cannot be compared. */
export function isBefore(now: string, then: string): boolean {
  return /^\d+$/.test(now) && /^\d+$/.test(then) && BigInt(now) < BigInt(then);
}
