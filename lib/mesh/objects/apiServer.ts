import type { ObjectMeta } from "./kubernetes.ts";

/** A port of a Service, as the API server calls it: without a proxy, and with TLS of its own. */
export interface CalledService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** One question that the API server asks before it writes an object. */
export interface AdmissionWebhook {
  readonly name: string;
  /** `Fail`: without an answer the object is not written; `Ignore`: it is written without one */
  readonly failurePolicy: string;
  readonly service: CalledService;
}

/** Only webhooks that a Service answers: what is called by URL is not the mesh's. */
export interface ValidatingWebhookConfiguration extends ObjectMeta {
  readonly kind: "ValidatingWebhookConfiguration";
  readonly webhooks: readonly AdmissionWebhook[];
}

export interface MutatingWebhookConfiguration extends ObjectMeta {
  readonly kind: "MutatingWebhookConfiguration";
  readonly webhooks: readonly AdmissionWebhook[];
}

/** An API that the API server has answered by a Service; those that it answers itself are none of the mesh's. */
export interface APIService extends ObjectMeta {
  readonly kind: "APIService";
  readonly service: CalledService;
}
