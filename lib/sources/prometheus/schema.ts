import { z } from "zod";
import { redact } from "../log.ts";

/**
 * What kept a server from answering. `size`: it was asked for more than it may do, and would refuse it again. `strain`: for more than it can do
 * just now. Of both a smaller question may be answered. `question`: it does not take such a question, and would refuse it again. `fault`: whatever
 * has nothing to do with what was asked.
 */
export type Trouble = "fault" | "strain" | "size" | "question";

/** Whether a smaller question may be answered. */
export function isTooMuch(trouble: Trouble): boolean {
  return trouble === "size" || trouble === "strain";
}

/** A question that could not be answered; the message holds no credentials. */
export class PrometheusError extends Error {
  readonly trouble: Trouble;

  constructor(message: string, trouble: Trouble = "fault") {
    super(redact(message));
    this.trouble = trouble;
  }
}

export type Labels = Readonly<Record<string, string>>;

/** @param name one of ours, none of which every object of JavaScript has */
export function label(labels: Labels, name: string): string | null {
  const value = labels[name];
  return value === undefined || value === "" ? null : value;
}

/** `unknown` is Istio's word for nothing, except where it is a value of its own: `connection_security_policy`. */
export function known(labels: Labels, name: string): string | null {
  const value = label(labels, name);
  return value === "unknown" ? null : value;
}

/** One element of an instant vector as it is sent: labels, and `[seconds, "value"]`. */
export interface Element {
  readonly metric: Labels;
  readonly value: readonly [number, string];
}

function isElement(candidate: unknown): candidate is Element {
  if (typeof candidate !== "object" || candidate === null || !("metric" in candidate) || !("value" in candidate)) return false;
  const { metric, value } = candidate;
  if (typeof metric !== "object" || metric === null || !Array.isArray(value)) return false;
  return typeof value[1] === "string" && Object.values(metric).every((label) => typeof label === "string");
}

/** One series of a range: labels, and `[seconds, "value"]` for each step where there is one. */
interface Points {
  readonly values: readonly (readonly [number, string])[];
}

function isPoints(candidate: unknown): candidate is Points {
  if (typeof candidate !== "object" || candidate === null || !("values" in candidate) || !Array.isArray(candidate.values)) return false;
  return candidate.values.every((point: unknown) => Array.isArray(point) && typeof point[0] === "number" && typeof point[1] === "string");
}

const ERROR_REPLY = z.object({ status: z.literal("error"), errorType: z.string().nullish(), error: z.string().nullish() });

/** What a range query answers. */
export const RANGE_REPLY = z.discriminatedUnion("status", [
  z.object({ status: z.literal("success"), data: z.object({ resultType: z.literal("matrix"), result: z.array(z.custom<Points>(isPoints)) }) }),
  ERROR_REPLY,
]);

/** What the query API answers; Thanos, Mimir and VictoriaMetrics write the same. Elements of a vector are tested by a predicate, with no schema and no copy for each. */
export const QUERY_REPLY = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("success"),
    data: z.object({ resultType: z.literal("vector"), result: z.array(z.custom<Element>(isElement)) }),
    warnings: z.array(z.string()).nullish(),
  }),
  ERROR_REPLY,
]);
