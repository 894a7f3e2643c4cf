import type { RefusalRow, TrafficRow } from "#mesh";
import { z } from "zod";
import { textOrNull, type SchemaOf } from "./parts.ts";

const peer = z.object({ namespace: textOrNull, workload: textOrNull, principal: textOrNull, principalDropped: z.literal(true).exactOptional() });
const amount = z.number().min(0);

export const trafficRowSchema = z.object({
  what: z.literal("traffic"),
  reporter: z.string(),
  proxy: z.enum(["envoy", "ztunnel"]),
  family: z.enum(["http", "tcp"]),
  connectionSecurityPolicy: textOrNull,
  client: peer,
  server: peer,
  serviceHost: textOrNull,
  serviceName: textOrNull,
  responseCode: textOrNull,
  responseFlags: textOrNull,
  count: amount,
  bytes: amount,
  extrapolated: z.boolean(),
  lastSeenMs: z.number().nullable(),
  lastSeenAfterMs: z.number().exactOptional(),
}) satisfies SchemaOf<TrafficRow>;

export const rowSchema = z.discriminatedUnion("what", [
  trafficRowSchema,
  z.object({
    what: z.literal("refusal"),
    serverAddress: z.string(),
    targetPort: z.number(),
    clientAddress: z.string(),
    requestedServerName: textOrNull,
    detail: z.string(),
    count: amount,
    lastSeenMs: z.number(),
  }) satisfies SchemaOf<RefusalRow>,
]);
