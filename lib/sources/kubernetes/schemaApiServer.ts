import { z } from "zod";

// Whom the API server calls, as it says so itself.

const service = z.object({ namespace: z.string(), name: z.string(), port: z.number().int().min(1).max(65_535).nullish() }).nullish();

export const webhookConfigurationSchema = z.object({
  webhooks: z.array(z.object({ name: z.string(), failurePolicy: z.string().nullish(), clientConfig: z.object({ service }) })).nullish(),
});

export const apiServiceSchema = z.object({ spec: z.object({ service }) });
