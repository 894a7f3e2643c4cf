import type { APIService, MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from "#mesh";
import { z } from "zod";
import { meta, type SchemaOf } from "./parts.ts";

const service = z.object({ namespace: z.string(), name: z.string(), port: z.number() });
const webhooks = z.array(z.object({ name: z.string(), failurePolicy: z.string(), service }));

export const validatingWebhookConfigurationSchema = z.object({
  kind: z.literal("ValidatingWebhookConfiguration"), ...meta, webhooks,
}) satisfies SchemaOf<ValidatingWebhookConfiguration>;

export const mutatingWebhookConfigurationSchema = z.object({
  kind: z.literal("MutatingWebhookConfiguration"), ...meta, webhooks,
}) satisfies SchemaOf<MutatingWebhookConfiguration>;

export const apiServiceSchema = z.object({ kind: z.literal("APIService"), ...meta, service }) satisfies SchemaOf<APIService>;
