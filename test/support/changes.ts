import type { AdmissionWebhook, Configuration, EndpointSlice, KubernetesGateway, MeshChange, MeshObject, ObjectKind, ObjectMeta, Pod, Service, ServiceEntry } from "#mesh";
import { applyChange, OBJECT_KINDS } from "#mesh";
import { NAMESPACES, type Dice } from "./generated.ts";
import {
  authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, envoyFilter, gateway, meshConfig, namespace, peerAuthentication, pod, second, service, serviceEntry, sidecar, slice,
  source, tls, trafficPolicy, unread, virtualService, workloadEntry,
} from "./mesh.ts";

/** Few, so that objects take names and addresses from each other. */
const APPS = ["cart", "shop", "mail"] as const;
export const ADDRESSES = ["10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6"] as const;
/** Each holds some of them. */
const RANGES = ["10.9.0.1", "10.9.0.0/30"] as const;
const MODES = ["STRICT", "PERMISSIVE", "DISABLE", "UNSET"] as const;
const HOSTS = ["*", "*.local", "cart", "shop.bar", "mail.foo.svc", "cart.bar.svc.cluster.local", "mail.baz.svc.cluster.local", "entry.example", "alias.foo.svc.cluster.local"] as const;

interface Named {
  readonly ns: string;
  readonly name: string;
}

type Making = { readonly [Kind in ObjectKind]: (rolled: Dice, named: Named, configuration: Configuration) => MeshObject };

function selecting({ one, chance }: Dice): { readonly app: string } | null {
  return chance(0.4) ? { app: one(APPS) } : null;
}

function randomPod(rolled: Dice, { ns, name }: Named): Pod {
  const { one, chance } = rolled;
  const proxy = one(["sidecar", "sidecar", "sidecar", "ambient", "gateway", "waypoint", "none"] as const);
  const annotations = chance(0.2) ? { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } : chance(0.1) ? { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } : {};
  const owner = { kind: "Deployment", name: one([...APPS, name]) };
  return pod(ns, name, {
    ...(proxy === "none" ? {} : { proxy }), owner, annotations, labels: { app: one(APPS), version: one(["v1", "v2"]) }, ips: [one(ADDRESSES)], hostNetwork: chance(0.1), serviceAccountName: one(["a", "b"]), ready: chance(0.8), phase: one(["Running", "Running", "Running", "Failed"]),
  });
}

function randomService(rolled: Dice, { ns, name }: Named): Service {
  const { one, chance } = rolled;
  if (chance(0.1)) return service(ns, name, { type: "ExternalName", externalName: one(["cart.bar.svc.cluster.local", "mail.foo.svc.cluster.local"]), selector: {}, clusterIPs: [] });
  const ports = [{ port: 80, name: one(["http", "tcp", "https", "x"]), targetPort: 8080 }, { port: 9090, name: one(["http", "tcp"]), targetPort: 9090 }];
  return service(ns, name, { ports, selector: chance(0.1) ? {} : { app: one(APPS) }, ...(chance(0.4) ? { clusterIPs: ["None"] } : {}), annotations: chance(0.1) ? { "networking.istio.io/exportTo": one([".", "foo", "*"]) } : {} });
}

function randomSlice({ one, chance }: Dice, { ns, name }: Named, { objects }: Configuration): EndpointSlice {
  const of = objects.Service.find((known) => known.namespace === ns) ?? service(ns, name);
  const pods = objects.Pod.filter((known) => known.namespace === ns && chance(0.6));
  const made = { ...slice(of, pods), name };
  if (chance(0.7)) return made;
  const targetRef = chance(0.5) ? null : { kind: "Pod", namespace: one(NAMESPACES), name: one(APPS) };
  return { ...made, ports: of.ports.map((port) => ({ name: port.name, port: 8080, protocol: "TCP", appProtocol: null })), endpoints: [{ addresses: [one(ADDRESSES)], ready: true, targetRef }] };
}

function randomEntry(rolled: Dice, { ns, name }: Named): ServiceEntry {
  const { one, chance } = rolled;
  const endpoints = chance(0.5) ? [{ address: one(ADDRESSES), ports: {}, labels: chance(0.5) ? { "security.istio.io/tlsMode": "istio", app: one(APPS) } : {}, serviceAccount: null, network: null }] : [];
  return serviceEntry(ns, name, one(["entry.example", "cart.bar.svc.cluster.local"]), { endpoints, location: one(["MESH_INTERNAL", "MESH_EXTERNAL"]), workloadSelector: endpoints.length > 0 ? null : selecting(rolled) });
}

function kubernetesGateway({ one }: Dice, { ns, name }: Named): KubernetesGateway {
  const listeners = [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null }];
  return { kind: "KubernetesGateway", namespace: ns, name, labels: { "istio.io/waypoint-for": one(["service", "all"]) }, annotations: {}, createdAtMs: second(1), gatewayClassName: one(["istio-waypoint", "istio"]), listeners };
}

function calledService({ one }: Dice): AdmissionWebhook["service"] {
  return { namespace: one(NAMESPACES), name: one(APPS), port: one([80, 443, 9090]) };
}

function webhooks(rolled: Dice): readonly AdmissionWebhook[] {
  return [{ name: "check.example", failurePolicy: rolled.one(["Fail", "Ignore"]), service: calledService(rolled) }];
}

/** In no namespace. */
function clusterMeta(name: string): ObjectMeta {
  return { namespace: "", name, labels: {}, annotations: {}, createdAtMs: second(1) };
}

const MAKING: Making = {
  Namespace: ({ one, chance }, { name }) => namespace(name, chance(0.3) ? { "istio.io/use-waypoint": one(["way", "none"]) } : {}),
  Pod: randomPod,
  Service: randomService,
  EndpointSlice: randomSlice,
  PeerAuthentication: (rolled, { ns, name }) =>
    peerAuthentication(ns, name, rolled.one(MODES), { selector: selecting(rolled), portLevelMtls: rolled.chance(0.3) ? { 8080: rolled.one(MODES) } : {}, createdAtMs: second(rolled.upTo(3)) }),
  DestinationRule: (rolled, { ns, name }) => {
    const { one, chance, upTo } = rolled;
    const policy = trafficPolicy(chance(0.8) ? tls(one(["DISABLE", "ISTIO_MUTUAL", "SIMPLE", null])) : null, chance(0.2) ? { loadBalancerSimple: "PASSTHROUGH" } : {});
    return destinationRule(ns, name, one(HOSTS), { trafficPolicy: policy, exportTo: one([[], ["."], ["*"], ["foo"]]), workloadSelector: chance(0.2) ? selecting(rolled) : null, createdAtMs: second(upTo(3)) });
  },
  Sidecar: (rolled, { ns, name }) => {
    const ingress = rolled.chance(0.3) ? [{ port: 8080, protocol: "HTTP", captureMode: null, tlsMode: null }] : null;
    return sidecar(ns, name, { egress: egress(rolled.one(["./*", "*/*", "bar/*"]), "istio-system/*"), workloadSelector: selecting(rolled), ingress });
  },
  ServiceEntry: randomEntry,
  WorkloadEntry: ({ one }, { ns, name }) => workloadEntry(ns, name, { address: one(ADDRESSES), serviceAccount: one(["a", null]), workloadLabels: { app: one(APPS) } }),
  VirtualService: ({ one, chance }, { ns, name }) =>
    virtualService(ns, name, { hosts: [one(HOSTS)], http: [{ conditional: chance(0.3), destinations: [{ host: one(HOSTS.slice(2) as ["cart"]), subset: null, port: null }] }] }),
  AuthorizationPolicy: (rolled, { ns, name }) =>
    authorizationPolicy(ns, name, { action: rolled.one(["ALLOW", "DENY"]), selector: selecting(rolled), rules: [authorizationRule({ from: [source(rolled.chance(0.3) ? { ipBlocks: [rolled.one(RANGES)] } : { namespaces: [rolled.one(NAMESPACES)] })] })] }),
  Gateway: ({ one }, { ns, name }) => gateway(ns, name, { selector: { app: one(APPS) }, servers: [{ port: 80, protocol: one(["HTTP", "TCP"]), hosts: ["*"], tlsMode: null }] }),
  KubernetesGateway: kubernetesGateway,
  EnvoyFilter: (rolled, { ns, name }) => envoyFilter(ns, name, { workloadSelector: selecting(rolled), patches: [{ applyTo: "CLUSTER", context: rolled.one(["ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND"]), touchesTransport: true }] }),
  MeshConfig: ({ one, chance }) => meshConfig({ enableAutoMtls: chance(0.7), outboundTrafficPolicyMode: one(["ALLOW_ANY", "REGISTRY_ONLY"]), rootNamespace: one(["istio-system", "bar"]) }),
  ValidatingWebhookConfiguration: (rolled, { name }) => ({ kind: "ValidatingWebhookConfiguration", ...clusterMeta(name), webhooks: webhooks(rolled) }),
  MutatingWebhookConfiguration: (rolled, { name }) => ({ kind: "MutatingWebhookConfiguration", ...clusterMeta(name), webhooks: webhooks(rolled) }),
  APIService: (rolled, { name }) => ({ kind: "APIService", ...clusterMeta(name), service: calledService(rolled) }),
  ControlPlane: ({ one }) => controlPlane({ version: one(["1.32.0", "1.29.0"]), env: { PILOT_ENABLE_AMBIENT: one(["true", "false"]) } }),
};

function single(part: Partial<MeshChange>): MeshChange {
  return { add: [], update: [], remove: [], ...part };
}

/** A configuration with one object more, less, or other; now and then other knowledge. Kinds that keep their objects keep their arrays. */
export function changed(configuration: Configuration, rolled: Dice): Configuration {
  const { one, chance } = rolled;
  if (chance(0.04)) return { ...configuration, unread: chance(0.5) ? [] : [unread(one(OBJECT_KINDS as unknown as [ObjectKind]), { namespace: one([null, ...NAMESPACES]) })] };
  const kind = chance(0.5) ? one(["Pod", "PeerAuthentication", "DestinationRule", "EndpointSlice"] as const) : one(OBJECT_KINDS as unknown as [ObjectKind]);
  const existing = configuration.objects[kind] as readonly MeshObject[];
  const found = existing.length === 0 ? undefined : one(existing as [MeshObject]);
  if (found !== undefined && chance(0.25)) return applyChange(configuration, single({ remove: [found] }));
  if (found !== undefined && (chance(0.6) || kind === "MeshConfig" || kind === "ControlPlane")) {
    return applyChange(configuration, single({ update: [[found, MAKING[kind](rolled, { ns: found.namespace, name: found.name }, configuration)]] }));
  }
  const name = one([...APPS, "way", "other", "more"]);
  const made = MAKING[kind](rolled, { ns: one(NAMESPACES), name }, configuration);
  const clash = existing.some((object) => object.namespace === made.namespace && object.name === made.name);
  return clash ? configuration : applyChange(configuration, single({ add: [made] }));
}
