import type { AdmissionWebhook, APIService, CalledService, MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from "#mesh";
import type { z } from "zod";
import { mapMeta, parse } from "./parse.ts";
import type { metadataSchema } from "./schema.ts";
import { apiServiceSchema, webhookConfigurationSchema } from "./schemaApiServer.ts";

type Metadata = z.infer<typeof metadataSchema>;
type RawService = NonNullable<z.infer<typeof apiServiceSchema>["spec"]["service"]>;

function calledService({ namespace, name, port }: RawService): CalledService {
  return { namespace, name, port: port ?? 443 };
}

function mapWebhooks(raw: unknown): readonly AdmissionWebhook[] {
  const { webhooks } = parse(webhookConfigurationSchema, raw);
  return (webhooks ?? []).flatMap(({ name, failurePolicy, clientConfig: { service } }) => {
    if (service === null || service === undefined) return [];
    return [{ name, failurePolicy: failurePolicy ?? "Fail", service: calledService(service) }];
  });
}

export function mapValidatingWebhookConfiguration(raw: unknown, meta: Metadata): ValidatingWebhookConfiguration | null {
  const webhooks = mapWebhooks(raw);
  return webhooks.length === 0 ? null : { kind: "ValidatingWebhookConfiguration", ...mapMeta(meta), webhooks };
}

export function mapMutatingWebhookConfiguration(raw: unknown, meta: Metadata): MutatingWebhookConfiguration | null {
  const webhooks = mapWebhooks(raw);
  return webhooks.length === 0 ? null : { kind: "MutatingWebhookConfiguration", ...mapMeta(meta), webhooks };
}

export function mapAPIService(raw: unknown, meta: Metadata): APIService | null {
  const { service } = parse(apiServiceSchema, raw).spec;
  return service === null || service === undefined ? null : { kind: "APIService", ...mapMeta(meta), service: calledService(service) };
}
