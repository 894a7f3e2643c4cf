import type { Draw, Json } from "./draw.ts";
import { age, maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import { exportTo, somewhere } from "./places.ts";
import type { Dialled, ServicePort } from "./services.ts";
import type { Pod } from "./workloads.ts";

/** A machine outside of the cluster. */
export interface Machine {
  readonly namespace: string;
  readonly name: string;
  readonly object: Json;
}

const MARK = "security.istio.io/tlsMode";

function marksOf(draw: Draw): Json {
  return draw.weighted<Json>([[7, {}], [1.2, { [MARK]: "disabled" }], [0.8, { [MARK]: "istio" }]]);
}

function machineOf(draw: Draw, namespace: string, { name, app, address, portNames }: { readonly name: string; readonly app: string; readonly address: string; readonly portNames: readonly string[] }): Machine {
  const account = draw.chance(0.63) ? { serviceAccount: draw.pick(["vm-sa", "default", app]) } : {};
  const ports = maybe(draw.chance(0.15) && portNames.length > 0, () => ({ ports: { [draw.pick(portNames)]: 9191 } }));
  const object = { apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", metadata: { name, namespace }, spec: { address, labels: { app, version: draw.chance(0.9) ? "v1" : "v2", ...marksOf(draw) }, ...account, ...ports } };
  return { namespace, name, object };
}

const PROTOCOLS = ["TCP", "TCP", "TCP", "HTTP", "HTTP", "GRPC", "GRPC", "HTTPS", "TLS"] as const;

function portsOf(draw: Draw, at: number): readonly (ServicePort & { readonly json: Json })[] {
  const protocol = draw.pick(PROTOCOLS);
  const number = 8100 + 100 * at + draw.below(50);
  const target = draw.pick([9090, 8080, 8081, 3306]);
  const first = { name: protocol === "TCP" || protocol === "HTTPS" || protocol === "TLS" ? "tcp" : "http", port: number, target, json: { number, name: protocol === "TCP" || protocol === "HTTPS" || protocol === "TLS" ? "tcp" : "http", protocol, targetPort: target } };
  const untargeted = draw.chance(0.1) ? { ...first, target: number, json: { number, name: first.name, protocol } } : first;
  return draw.chance(0.25) ? [untargeted, { name: "second", port: number + 60, target: 9091, json: { number: number + 60, name: "second", protocol: "TCP", targetPort: 9091 } }] : [untargeted];
}

interface Behind {
  readonly servers: readonly string[];
  readonly spec: Json;
  readonly machines: readonly Machine[];
}

function behindEntries(draw: Draw, namespace: string, at: number): Behind {
  const app = `vm${at}`;
  const first = machineOf(draw, namespace, { name: app, app, address: `172.16.${at}.5`, portNames: ["http", "tcp"] });
  const more = draw.chance(0.2) ? [machineOf(draw, namespace, { name: `${app}-b`, app, address: `172.16.${at}.6`, portNames: ["http", "tcp"] })] : [];
  const machines = [first, ...more];
  return { servers: machines.map(({ name }) => `${namespace}/${name}`), spec: { workloadSelector: { labels: { app } } }, machines };
}

function behindPods(draw: Draw, pods: readonly Pod[]): Behind {
  const { app, namespace } = draw.pick(pods);
  return { servers: pods.filter((pod) => pod.app === app && pod.namespace === namespace).map((pod) => `${namespace}/${pod.name}`), spec: { workloadSelector: { labels: { app } } }, machines: [] };
}

function inline(draw: Draw, pods: readonly Pod[]): Behind {
  const chosen = [draw.pick(pods), ...draw.some(pods, 0.12)].filter((pod, at, all) => all.indexOf(pod) === at);
  const endpoints = chosen.map((pod) => ({
    address: pod.ip,
    ...maybe(draw.chance(0.15), () => ({ ports: { [draw.pick(["tcp", "http"])]: 9191 } })),
    ...maybe(draw.chance(0.45), () => ({ labels: { app: pod.app, ...marksOf(draw) } })),
    ...maybe(draw.chance(0.45), () => ({ serviceAccount: draw.chance(0.7) ? pod.serviceAccount : "default" })),
  }));
  return { servers: chosen.map((pod) => `${pod.namespace}/${pod.name}`), spec: { endpoints }, machines: [] };
}

export interface Entry extends Dialled {
  readonly machines: readonly Machine[];
}

/** A ServiceEntry, for machines, pods or addresses; sometimes under the name of a Service. */
export function entryOf(draw: Draw, places: Places, { pods, dialled, at }: { readonly pods: readonly Pod[]; readonly dialled: readonly Dialled[]; readonly at: number }): Entry {
  const home = draw.pick(pods.filter((pod) => !pod.namespace.startsWith("istio")).concat(pods));
  const namespace = draw.chance(0.85) ? home.namespace : somewhere(draw, places);
  const behind = draw.weighted<() => Behind>([[5, () => behindEntries(draw, namespace, at)], [4, () => behindPods(draw, pods.filter((pod) => pod.namespace === namespace).length > 0 ? pods.filter((pod) => pod.namespace === namespace) : pods)], [5, () => inline(draw, pods)]])();
  const elsewhere = dialled.filter((one) => one.namespace !== namespace);
  const twin = elsewhere.length > 0 && draw.chance(places.nasty ? 0.14 : 0.05) ? draw.pick(elsewhere) : null;
  const host = twin?.host ?? draw.pick([`vm${at}.${namespace}.svc.cluster.local`, `se${at}.${namespace}.example`]);
  const drawn = portsOf(draw, at);
  const ports = twin === null ? drawn : drawn.slice(0, 1).map(({ name, target, json }) => ({ name, port: twin.ports[0]?.port ?? 80, target, json: { ...json, number: twin.ports[0]?.port ?? 80 } }));
  const spec = {
    hosts: [host], ports: ports.map(({ json }) => json),
    ...draw.weighted<Json>([[7, { location: "MESH_INTERNAL" }], [3, { location: "MESH_EXTERNAL" }], [4, {}]]),
    resolution: draw.weighted([[11, "STATIC"], [1.5, "NONE"], [1.5, "DNS"], [0.2, "DNS_ROUND_ROBIN"]]),
    ...maybe(draw.chance(0.57), () => ({ addresses: [`172.30.${20 + at}.1`] })),
    ...maybe(draw.chance(0.16), () => ({ exportTo: exportTo(draw, places) })),
    ...behind.spec,
  };
  const object = { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", metadata: { name: `se-${at}`, ...age(draw), namespace }, spec };
  return { namespace, name: `se-${at}`, host, ports, servers: twin === null ? behind.servers : [], machines: behind.machines, objects: [object] };
}

/** A machine that a Kubernetes Service selects. */
export function machineBehind(draw: Draw, of: Dialled, at: number): Machine {
  const portNames = of.ports.flatMap(({ name }) => (name === null ? [] : [name]));
  return machineOf(draw, of.namespace, { name: `${of.name}-vm${at === 0 ? "" : `-${at + 1}`}`, app: of.name.replace(/-alt$/, ""), address: `172.20.0.${5 + at}`, portNames: [...portNames, ...of.ports.map(({ target }) => `p${target}`)] });
}
