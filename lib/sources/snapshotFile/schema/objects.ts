import type { ConfigurationObjects, ObjectKind } from "#mesh";
import type { z } from "zod";
import { apiServiceSchema, mutatingWebhookConfigurationSchema, validatingWebhookConfigurationSchema } from "./apiServer.ts";
import { controlPlaneSchema, endpointSliceSchema, meshConfigSchema, namespaceSchema, podSchema, serviceSchema } from "./kubernetes.ts";
import { gatewaySchema, kubernetesGatewaySchema, serviceEntrySchema, sidecarSchema, virtualServiceSchema, workloadEntrySchema } from "./networking.ts";
import { authorizationPolicySchema, destinationRuleSchema, envoyFilterSchema, peerAuthenticationSchema } from "./policy.ts";

/** Each kind as the engine reads it, and as it stands in the file. */
export const OBJECT_SCHEMAS: { readonly [Kind in ObjectKind]: z.ZodType<ConfigurationObjects[Kind][number]> } = {
  Namespace: namespaceSchema,
  Pod: podSchema,
  Service: serviceSchema,
  EndpointSlice: endpointSliceSchema,
  PeerAuthentication: peerAuthenticationSchema,
  DestinationRule: destinationRuleSchema,
  Sidecar: sidecarSchema,
  ServiceEntry: serviceEntrySchema,
  WorkloadEntry: workloadEntrySchema,
  VirtualService: virtualServiceSchema,
  AuthorizationPolicy: authorizationPolicySchema,
  Gateway: gatewaySchema,
  KubernetesGateway: kubernetesGatewaySchema,
  EnvoyFilter: envoyFilterSchema,
  MeshConfig: meshConfigSchema,
  ControlPlane: controlPlaneSchema,
  ValidatingWebhookConfiguration: validatingWebhookConfigurationSchema,
  MutatingWebhookConfiguration: mutatingWebhookConfigurationSchema,
  APIService: apiServiceSchema,
};
