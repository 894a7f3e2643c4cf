import type { Draw, Json } from "./draw.ts";
import { age, maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import { exportTo, somewhere } from "./places.ts";
import type { Pod, PortKind } from "./workloads.ts";

/** A port of a service, and where it arrives. */
export interface ServicePort {
  readonly name: string | null;
  readonly port: number;
  readonly target: number;
}

/** Something that can be dialled by name, and what stands behind it. */
export interface Dialled {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly ports: readonly ServicePort[];
  /** `namespace/name` of Pods and WorkloadEntries */
  readonly servers: readonly string[];
  readonly objects: readonly Json[];
}

const fqdn = (name: string, namespace: string): string => `${name}.${namespace}.svc.cluster.local`;

interface Written {
  readonly name: string;
  readonly namespace: string;
  readonly pods: readonly Pod[];
  readonly ports: readonly PortKind[];
  readonly at: number;
}

function portOf(draw: Draw, { name, appProtocol, port, target, protocol }: PortKind, single: boolean): Json {
  const nameless = single && draw.chance(0.06);
  const targetPort = draw.chance(0.2) ? `p${target}` : draw.chance(0.03) && port === target ? undefined : target;
  return { ...maybe(!nameless && name !== null, () => ({ name })), port, protocol, ...maybe(targetPort !== undefined, () => ({ targetPort })), ...maybe(appProtocol !== undefined, () => ({ appProtocol })) };
}

function endpointOf(draw: Draw, { wild }: Places, { ip, name, namespace }: Pod): Json {
  const targetRef = maybe(!(wild && draw.chance(0.06)), () => ({ targetRef: { kind: "Pod", name, namespace } }));
  return { addresses: [ip], conditions: { ready: !(wild && draw.chance(0.1)) }, ...targetRef };
}

function sliceOf({ name, namespace, pods }: Written, ports: readonly Json[], kinds: readonly PortKind[], endpointOf: (pod: Pod) => Json): Json {
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: { name: `${name}-1`, namespace, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports: kinds.map(({ target, protocol }, at) => ({ port: target, protocol, name: ports[at]?.["name"] ?? "", ...maybe(ports[at]?.["appProtocol"] !== undefined, () => ({ appProtocol: ports[at]?.["appProtocol"] })) })),
    endpoints: pods.map(endpointOf),
  };
}

function dialled(draw: Draw, places: Places, written: Written): Dialled {
  const { name, namespace, pods, ports: kinds, at } = written;
  const ports = kinds.map((kind) => portOf(draw, kind, kinds.length === 1));
  const exported = draw.chance(places.nasty ? 0.18 : 0.06) ? exportTo(draw, places, ["~"]) : null;
  const [first] = pods;
  const selector = { app: first?.app ?? name, ...maybe(draw.chance(0.06) && first !== undefined, () => ({ version: first?.labels["version"] })) };
  const chosen = pods.filter(({ labels, namespace: its }) => its === namespace && Object.entries(selector).every(([key, value]) => labels[key] === value));
  const selects = chosen.length > 0 && draw.chance(0.95);
  const behind = selects ? chosen : pods;
  const service = {
    apiVersion: "v1", kind: "Service",
    metadata: { name, namespace, ...age(draw), ...maybe(exported !== null, () => ({ annotations: { "networking.istio.io/exportTo": exported?.join(",") } })) },
    spec: { clusterIP: draw.chance(0.21) ? "None" : `10.96.0.${12 + at}`, ports, ...maybe(selects, () => ({ selector })) },
  };
  return {
    namespace, name, host: fqdn(name, namespace),
    ports: kinds.map(({ port, target }, index) => ({ name: (ports[index]?.["name"] as string | undefined) ?? null, port, target })),
    servers: behind.map((pod) => `${pod.namespace}/${pod.name}`),
    objects: [service, sliceOf({ ...written, pods: behind }, ports, kinds, (pod) => endpointOf(draw, places, pod))],
  };
}

function distinct(kinds: readonly PortKind[]): readonly PortKind[] {
  return kinds.filter(({ port, name }, at) => kinds.findIndex((other) => other.port === port || other.name === name) === at);
}

/** Another Service for the same pods, with other ports for the same target ports or another protocol. */
function variant(draw: Draw, kinds: readonly PortKind[]): readonly PortKind[] {
  return kinds.map((kind) =>
    draw.weighted<() => PortKind>([
      [4, () => kind],
      [2, () => ({ ...kind, port: kind.port + 1000 })],
      [2, () => ({ name: `${draw.pick(["http", "tcp", "https", "grpc", "foo"])}-${kind.port}`, port: kind.port, target: kind.target, protocol: "TCP" })],
    ])(),
  );
}

/** One Service for each app of a namespace, some of them twice, some for pods of another namespace too. */
export function servicesOf(draw: Draw, places: Places, pods: readonly Pod[]): readonly Dialled[] {
  const apps = [...new Set(pods.map(({ namespace, app }) => `${namespace}/${app}`))];
  return apps.flatMap((key, at): readonly Dialled[] => {
    const own = pods.filter(({ namespace, app }) => `${namespace}/${app}` === key);
    const [first] = own;
    if (first === undefined) return [];
    const { namespace, app } = first;
    const foreign = draw.chance(0.03) ? draw.some(pods, 0.2) : [];
    const ports = distinct(draw.chance(0.8) ? first.ports : own.flatMap((pod) => pod.ports));
    const main = dialled(draw, places, { name: app, namespace, pods: [...own, ...foreign.filter((pod) => !own.includes(pod))], ports, at: 2 * at });
    const other = (): Dialled => dialled(draw, places, { name: `${app}-alt`, namespace: draw.chance(0.1) ? somewhere(draw, places) : namespace, pods: own, ports: distinct(variant(draw, ports)), at: 2 * at + 1 });
    return draw.chance(places.nasty ? 0.2 : 0.06) ? [main, other()] : [main];
  });
}

/** An ExternalName for another service, or for another such name. */
export function aliasOf(draw: Draw, places: Places, of: Dialled): Dialled {
  const namespace = somewhere(draw, places);
  const name = `${of.name}-alias`;
  const ports = of.ports.map(({ name: portName, port }) => ({ ...maybe(portName !== null, () => ({ name: portName })), port, protocol: "TCP" }));
  const exported = draw.chance(0.2) ? exportTo(draw, places, ["~"]) : null;
  const service = {
    apiVersion: "v1", kind: "Service",
    metadata: { name, namespace, ...age(draw), ...maybe(exported !== null, () => ({ annotations: { "networking.istio.io/exportTo": exported?.join(",") } })) },
    spec: { type: "ExternalName", externalName: of.host, ports },
  };
  return { ...of, namespace, name, host: fqdn(name, namespace), objects: [service] };
}
