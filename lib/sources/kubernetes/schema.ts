import { z } from "zod";

// What the API server sends, as far as the engine reads it. Additions are ignored; enumerations stay text, so that a value
// Istio does not know reaches the engine and becomes a gap there.

const text = z.string().nullish();
const texts = z.array(z.string()).nullish();
const labels = z.record(z.string(), z.string()).nullish();
const port = z.number().int().min(0).max(65_535);
const mode = z.object({ mode: text }).nullish();

export const metadataSchema = z.object({
  name: z.string().min(1),
  namespace: text,
  labels,
  annotations: labels,
  creationTimestamp: text,
  deletionTimestamp: text,
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() })).nullish(),
});

/** What every object has; enough to name one that cannot be understood. */
export const objectSchema = z.object({ apiVersion: z.string(), kind: z.string(), metadata: metadataSchema });

const securityContext = z.object({ runAsUser: z.number().nullish() }).nullish();

const targetPort = z.union([port, z.string()]).nullish();
const handler = z.object({ httpGet: z.object({ port: targetPort, host: text }).nullish(), grpc: z.object({ port: targetPort }).nullish() }).nullish();

const containerSchema = z.object({
  name: z.string(),
  image: text,
  args: texts,
  restartPolicy: text,
  ports: z.array(z.object({ name: text, containerPort: port, protocol: text })).nullish(),
  securityContext,
  livenessProbe: handler,
  readinessProbe: handler,
  startupProbe: handler,
  lifecycle: z.object({ postStart: handler, preStop: handler }).nullish(),
  env: z.array(z.object({ name: z.string(), value: text, valueFrom: z.unknown().optional() })).nullish(),
  envFrom: z.array(z.unknown()).nullish(),
});

/** Environment and image are most of a pod, and of no concern in it. */
const podContainerSchema = containerSchema.omit({ env: true, envFrom: true, image: true });

export const podSchema = z.object({
  spec: z.object({
    serviceAccountName: text,
    hostNetwork: z.boolean().nullish(),
    nodeName: text,
    securityContext,
    containers: z.array(podContainerSchema).nullish(),
    initContainers: z.array(podContainerSchema).nullish(),
  }),
  status: z
    .object({
      phase: text,
      podIP: text,
      podIPs: z.array(z.object({ ip: text })).nullish(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
    })
    .nullish(),
});

export const deploymentSchema = z.object({
  spec: z.object({ template: z.object({ spec: z.object({ containers: z.array(containerSchema).nullish() }) }) }),
});

export const serviceSchema = z.object({
  spec: z.object({
    type: text,
    selector: labels,
    clusterIP: text,
    clusterIPs: texts,
    externalIPs: texts,
    externalName: text,
    publishNotReadyAddresses: z.boolean().nullish(),
    ports: z.array(z.object({ name: text, port, protocol: text, targetPort, appProtocol: text, nodePort: port.nullish() })).nullish(),
  }),
});

export const endpointSliceSchema = z.object({
  addressType: text,
  ports: z.array(z.object({ name: text, port: port.nullish(), protocol: text, appProtocol: text })).nullish(),
  endpoints: z
    .array(
      z.object({
        addresses: texts,
        conditions: z.object({ ready: z.boolean().nullish() }).nullish(),
        targetRef: z.object({ kind: text, name: text, namespace: text }).nullish(),
      }),
    )
    .nullish(),
});

const matchLabels = z.object({ matchLabels: labels }).nullish();
/** Sidecar, ServiceEntry and EnvoyFilter say `labels` where others say `matchLabels`. */
const workloadSelector = z.object({ labels }).nullish();

export const peerAuthenticationSchema = z.object({
  spec: z.object({ selector: matchLabels, mtls: mode, portLevelMtls: z.record(z.string(), mode).nullish() }).nullish(),
});

const tls = z
  .object({
    mode: text,
    credentialName: text,
    clientCertificate: text,
    privateKey: text,
    caCertificates: text,
    subjectAltNames: texts,
    sni: text,
  })
  .nullish();
const loadBalancer = z.object({ simple: text }).nullish();
const trafficPolicy = z
  .object({
    tls,
    loadBalancer,
    portLevelSettings: z.array(z.object({ port: z.object({ number: port.nullish() }).nullish(), tls, loadBalancer })).nullish(),
  })
  .nullish();

export const destinationRuleSchema = z.object({
  spec: z.object({
    host: z.string(),
    exportTo: texts,
    workloadSelector: matchLabels,
    trafficPolicy,
    subsets: z.array(z.object({ name: z.string(), labels, trafficPolicy })).nullish(),
  }),
});

export const sidecarSchema = z.object({
  spec: z
    .object({
      workloadSelector,
      egress: z.array(z.object({ hosts: texts, port: z.object({ number: port.nullish(), protocol: text }).nullish(), captureMode: text })).nullish(),
      ingress: z
        .array(z.object({ port: z.object({ number: port, protocol: text }), captureMode: text, tls: mode }))
        .nullish(),
      outboundTrafficPolicy: mode,
    })
    .nullish(),
});

const namedPorts = z.record(z.string(), port).nullish();

export const serviceEntrySchema = z.object({
  spec: z.object({
    hosts: z.array(z.string()),
    addresses: texts,
    ports: z.array(z.object({ number: port, name: text, protocol: text, targetPort: port.nullish() })).nullish(),
    location: text,
    resolution: text,
    endpoints: z
      .array(z.object({ address: text, ports: namedPorts, labels, serviceAccount: text, network: text }))
      .nullish(),
    workloadSelector,
    exportTo: texts,
  }),
});

export const workloadEntrySchema = z.object({
  spec: z.object({ address: text, ports: namedPorts, labels, serviceAccount: text, network: text }),
});

const destination = z.object({
  destination: z.object({ host: z.string(), subset: text, port: z.object({ number: port.nullish() }).nullish() }),
  weight: z.number().nullish(),
});
const route = z.array(destination).nullish();

export const virtualServiceSchema = z.object({
  spec: z.object({
    hosts: texts,
    gateways: texts,
    exportTo: texts,
    http: z.array(z.object({ match: z.array(z.looseObject({})).nullish(), route })).nullish(),
    tcp: z.array(z.object({ match: z.array(z.looseObject({ port: port.nullish(), gateways: texts })).nullish(), route })).nullish(),
    tls: z.array(z.object({ match: z.array(z.looseObject({ sniHosts: texts, port: port.nullish(), gateways: texts })).nullish(), route })).nullish(),
  }),
});

const authorizationSource = z.object({
  principals: texts, notPrincipals: texts, requestPrincipals: texts, notRequestPrincipals: texts,
  namespaces: texts, notNamespaces: texts, serviceAccounts: texts, notServiceAccounts: texts,
  trustDomains: texts, notTrustDomains: texts, ipBlocks: texts, notIpBlocks: texts,
  remoteIpBlocks: texts, notRemoteIpBlocks: texts,
});
const authorizationOperation = z.object({
  hosts: texts, notHosts: texts, ports: texts, notPorts: texts, methods: texts, notMethods: texts, paths: texts, notPaths: texts,
});
const targetRef = z.object({ group: text, kind: z.string(), name: z.string() });

export const authorizationPolicySchema = z.object({
  spec: z
    .object({
      selector: matchLabels,
      targetRef: targetRef.nullish(),
      targetRefs: z.array(targetRef).nullish(),
      action: text,
      rules: z
        .array(
          z.object({
            from: z.array(z.object({ source: authorizationSource.nullish() })).nullish(),
            to: z.array(z.object({ operation: authorizationOperation.nullish() })).nullish(),
            when: z.array(z.object({ key: z.string(), values: texts, notValues: texts })).nullish(),
          }).nullable(),
        )
        .nullish(),
    })
    .nullish(),
});

export const gatewaySchema = z.object({
  spec: z.object({
    selector: labels,
    servers: z.array(z.object({ port: z.object({ number: port, protocol: text }), hosts: texts, tls: mode, bind: text })).nullish(),
  }),
});

export const kubernetesGatewaySchema = z.object({
  spec: z.object({
    gatewayClassName: text,
    listeners: z.array(z.object({ name: text, port, protocol: text, hostname: text, tls: z.object({ mode: text, options: labels }).nullish() })).nullish(),
  }),
});

export const envoyFilterSchema = z.object({
  spec: z
    .object({
      workloadSelector,
      configPatches: z
        .array(
          z.object({
            applyTo: text,
            match: z.object({ context: text }).nullish(),
            patch: z.object({ operation: text, value: z.unknown().optional() }).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

export const configMapSchema = z.object({ data: z.object({ mesh: text }).nullish() });

const discoverySelector = z.object({
  matchLabels: labels,
  matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: texts })).nullish(),
});

/** `data.mesh` of the ConfigMap `istio`, once read as YAML. An empty text is a mesh of defaults. */
export const meshConfigSchema = z
  .object({
    rootNamespace: text,
    trustDomain: text,
    trustDomainAliases: texts,
    caCertificates: z.array(z.object({ trustDomains: texts })).nullish(),
    enableAutoMtls: z.boolean().nullish(),
    outboundTrafficPolicy: mode,
    defaultServiceExportTo: texts,
    defaultDestinationRuleExportTo: texts,
    defaultVirtualServiceExportTo: texts,
    discoverySelectors: z.array(discoverySelector).nullish(),
    defaultConfig: z.object({ statusPort: port.nullish(), interceptionMode: text, proxyMetadata: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  })
  .nullish();
