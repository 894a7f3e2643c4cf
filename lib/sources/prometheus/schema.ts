import { z } from "zod";

/** A question that could not be answered; the message holds no credentials. */
export class PrometheusError extends Error {}

/** One element of an instant vector: labels, and `[seconds, "value"]`. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

function isSample(candidate: unknown): candidate is Sample {
  if (typeof candidate !== "object" || candidate === null || !("metric" in candidate) || !("value" in candidate)) return false;
  const { metric, value } = candidate;
  if (typeof metric !== "object" || metric === null || !Array.isArray(value)) return false;
  return typeof value[1] === "string" && Object.values(metric).every((label) => typeof label === "string");
}

/** What the query API answers; Thanos, Mimir and VictoriaMetrics write the same. A predicate keeps large vectors cheap. */
export const QUERY_REPLY = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("success"),
    data: z.object({ resultType: z.literal("vector"), result: z.array(z.custom<Sample>(isSample)) }),
    warnings: z.array(z.string()).nullish(),
  }),
  z.object({ status: z.literal("error"), errorType: z.string().nullish(), error: z.string().nullish() }),
]);
export type QueryReply = z.infer<typeof QUERY_REPLY>;
