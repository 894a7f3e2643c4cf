import type { Configuration, ConnectionQuestion, Labels, MeshObject, Pod, Service } from "#mesh";
import { serviceHost } from "#mesh";
import {
  authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, gateway, mesh, meshConfig, namespace, peerAuthentication, pod, second, service, serviceEntry, sidecar, source, tls,
  trafficPolicy, virtualService, workloadEntry,
} from "./mesh.ts";

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Dice {
  readonly chance: (probability: number) => boolean;
  readonly one: <T>(all: readonly [T, ...T[]]) => T;
  readonly upTo: (most: number) => number;
}

export function dice(seed: number): Dice {
  const next = random(seed);
  const upTo = (most: number): number => Math.floor(next() * (most + 1));
  return { chance: (probability) => next() < probability, upTo, one: (all) => all[Math.floor(next() * all.length)] ?? all[0] };
}

export const NAMESPACES = ["foo", "bar", "baz", "istio-system"] as const;
const APPS = ["cart", "shop", "mail"] as const;
const MODES = ["STRICT", "PERMISSIVE", "DISABLE", "UNSET"] as const;
const TLS_MODES = ["DISABLE", "ISTIO_MUTUAL", "SIMPLE", "MUTUAL", null] as const;
/** most are as the injector writes them */
const REDIRECTIONS: readonly [Labels, ...Labels[]] = [
  {},
  ...Array.from({ length: 13 }, () => ({})),
  { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" }, { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" },
  { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" }, { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" },
  { "sidecar.istio.io/interceptionMode": "NONE" }, { "sidecar.istio.io/interceptionMode": "NONE" },
];
const PORT_NAMES = ["http", "tcp", "grpc", "https", "x", "mysql"] as const;

function pods({ one, chance }: Dice): readonly Pod[] {
  return NAMESPACES.flatMap((ns) =>
    APPS.filter(() => chance(0.7)).map((app) => {
      const proxy = one(["sidecar", "sidecar", "sidecar", "native-sidecar", "ambient", "gateway", "none", "none"] as const);
      return pod(ns, app, { ...(proxy === "none" ? {} : { proxy }), labels: { app, version: one(["v1", "v2"]) }, annotations: one(REDIRECTIONS), hostNetwork: chance(0.05) });
    }),
  );
}

function services({ one, chance, upTo }: Dice): readonly Service[] {
  return NAMESPACES.flatMap((ns) =>
    APPS.filter(() => chance(0.8)).map((app) => {
      const ports = [{ port: 80, name: one(PORT_NAMES), targetPort: 8080 }, { port: 9090, name: one(PORT_NAMES), targetPort: 9090 }];
      const headless = chance(0.25) ? { clusterIPs: ["None"] } : {};
      const annotations = chance(0.15) ? { "networking.istio.io/exportTo": one([".", "~", "foo", "*"]) } : {};
      return service(ns, app, { ports, ...headless, annotations, createdAtMs: second(upTo(5)) });
    }),
  );
}

function policies({ one, chance, upTo }: Dice): readonly MeshObject[] {
  return NAMESPACES.flatMap((ns) =>
    [0, 1, 2].filter(() => chance(0.5)).map((n) => {
      const selecting = chance(0.5) ? { selector: { app: one(APPS) }, portLevelMtls: chance(0.5) ? { 8080: one(MODES) } : {} } : {};
      return peerAuthentication(ns, `pa-${n}`, one(MODES), { createdAtMs: second(upTo(3)), ...selecting });
    }),
  );
}

function rules({ one, chance, upTo }: Dice): readonly MeshObject[] {
  return NAMESPACES.flatMap((ns) =>
    [0, 1].filter(() => chance(0.4)).map((n) => {
      const policy = trafficPolicy(chance(0.8) ? tls(one(TLS_MODES)) : null, chance(0.2) ? { loadBalancerSimple: "PASSTHROUGH" } : {});
      return destinationRule(ns, `dr-${n}`, one(["*", "*.local", "cart", "shop.bar", `mail.${ns}.svc.cluster.local`]), {
        trafficPolicy: policy, exportTo: one([[], [], ["."], ["*"], ["foo"]]), createdAtMs: second(upTo(3)), ...(chance(0.2) ? { workloadSelector: { app: one(APPS) } } : {}),
      });
    }),
  );
}

function others({ one, chance }: Dice): readonly MeshObject[] {
  const maybe = (probability: number, object: () => MeshObject): readonly MeshObject[] => (chance(probability) ? [object()] : []);
  return [
    ...NAMESPACES.map((ns) => namespace(ns)),
    ...maybe(0.3, () => meshConfig({ enableAutoMtls: chance(0.5), outboundTrafficPolicyMode: one(["ALLOW_ANY", "REGISTRY_ONLY"]) })),
    ...NAMESPACES.flatMap((ns) => maybe(0.3, () => sidecar(ns, "scope", { egress: egress(one(["./*", "*/*", "bar/*"]), "istio-system/*"), ingress: chance(0.7) ? [{ port: 8080, protocol: "HTTP", captureMode: null, tlsMode: one([null, "SIMPLE"]) }] : null }))),
    ...maybe(0.5, () => serviceEntry(one(NAMESPACES), "entry", "entry.example", { location: one(["MESH_INTERNAL", "MESH_EXTERNAL", null]), workloadSelector: { app: one(APPS) } })),
    ...maybe(0.3, () => workloadEntry(one(NAMESPACES), "machine", { serviceAccount: one(["vm", null]), workloadLabels: { app: one(APPS) } })),
    ...maybe(0.3, () => virtualService(one(NAMESPACES), "route", { hosts: ["cart.bar.svc.cluster.local"], http: [{ conditional: false, destinations: [{ host: "cart.bar.svc.cluster.local", subset: null, port: null }] }] })),
    ...maybe(0.4, () => authorizationPolicy(one(NAMESPACES), "policy", { action: one(["ALLOW", "DENY"]), rules: [authorizationRule({ from: [source({ namespaces: [one(NAMESPACES)] })] })] })),
    ...maybe(0.4, () => gateway(one(NAMESPACES), "gate", { selector: { app: one(APPS) }, servers: [{ port: 80, protocol: one(["HTTP", "TCP", "HTTPS"]), hosts: ["*"], tlsMode: one([null, "ISTIO_MUTUAL"]) }] })),
    controlPlane(chance(0.5) ? { env: { PILOT_ENABLE_AMBIENT: "true" } } : {}),
  ];
}

/** A small mesh with something of everything, the same for the same seed. */
export function generatedMesh(seed: number): Configuration {
  const rolled = dice(seed);
  return mesh([...pods(rolled), ...services(rolled), ...policies(rolled), ...rules(rolled), ...others(rolled)]);
}

/** Every pod dials every endpoint of every Service, by name and by address. */
export function questionsOf({ objects }: Configuration, most = 60): readonly ConnectionQuestion[] {
  const all = objects.Service.flatMap((one) =>
    objects.Pod.filter(({ namespace: ns, labels }) => ns === one.namespace && labels["app"] === one.selector["app"]).flatMap((server) =>
      objects.Pod.flatMap((client) =>
        one.ports.flatMap(({ port, targetPort }): readonly ConnectionQuestion[] => {
          const ends = { client: { namespace: client.namespace, name: client.name }, server: { namespace: server.namespace, name: server.name } };
          return [
            { ...ends, port, via: { type: "service", host: serviceHost(`${one.name}.${one.namespace}.svc.cluster.local`) } },
            { ...ends, port: Number(targetPort), via: { type: "podIP", ip: server.ips[0] ?? "" } },
          ];
        }),
      ),
    ),
  );
  const step = Math.max(1, Math.floor(all.length / most));
  return all.filter((_, at) => at % step === 0);
}
