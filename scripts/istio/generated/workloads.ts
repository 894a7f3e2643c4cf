import type { Draw, Json } from "./draw.ts";
import { maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import { APPS, somewhere } from "./places.ts";

export interface PortKind {
  readonly name: string | null;
  readonly appProtocol?: string;
  readonly port: number;
  readonly target: number;
  readonly protocol: "TCP" | "UDP";
}

const tcp = (name: string | null, port: number, target = port): PortKind => ({ name, port, target, protocol: "TCP" });
const told = (appProtocol: string, port: number, name = "app"): PortKind => ({ name, appProtocol, port, target: port, protocol: "TCP" });

const PORTS: readonly PortKind[] = [
  tcp("http2", 8081), tcp("tcp", 9090), tcp("redis", 6379), tcp("grpc", 50_051), tcp("grpc-web", 8083), tcp("http", 80), tcp("mysql", 3306), tcp("http-web", 8080),
  tcp("tcp-db", 5432), tcp("metrics", 9102), tcp("grpc-api", 9000), tcp("http", 9080), tcp("web", 8000), tcp("tls", 8443), tcp("foo", 7000), tcp("mongo", 27_017), tcp("db", 3306),
  tcp("http", 80, 8080), tcp("https", 443, 8443), tcp("tcp", 80, 8089), told("tcp", 8091, "http-misnamed"), told("https", 9443), told("kubernetes.io/h2c", 8082), told("tcp", 8090),
  told("http", 8088), told("grpc", 50_052), { name: "udp-dns", port: 5353, target: 5353, protocol: "UDP" },
];

const STRANGE_PORTS: readonly PortKind[] = [
  tcp("udp-fake", 8070), tcp("HTTP-upper", 8071), tcp("http3", 8072), tcp("hbone", 8073), told("kubernetes.io/wss", 8074), told("kubernetes.io/ws", 8075), told("redis", 8076, "http"), told("foo", 8077, "http-named"),
  tcp("smtp", 25), tcp("dns", 53), tcp("tls-x", 8078), tcp("https", 8079), tcp("http-proxy", 8066), told("tls", 8067),
];

/** The pods of one app and version. */
export interface Group {
  readonly namespace: string;
  readonly app: string;
  readonly version: string;
  readonly ports: readonly PortKind[];
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly app: string;
  readonly ports: readonly PortKind[];
  readonly plane: "sidecar" | "ambient" | "gateway" | "none";
  readonly object: Json;
}

function portsOf(draw: Draw, nasty: boolean): readonly PortKind[] {
  const wanted = draw.weighted([[5, 1], [4, 2], [2, 3]]);
  const drawn = Array.from({ length: wanted }, () => draw.pick(nasty && draw.chance(0.12) ? STRANGE_PORTS : PORTS));
  return drawn.filter(({ port, target, name }, at) => drawn.findIndex((other) => other.port === port || other.target === target || other.name === name) === at);
}

const PLANES = {
  sidecars: [[16, "sidecar"], [7, "none"], [1.3, "gateway"]],
  ambient: [[6, "sidecar"], [10, "ambient"], [4, "none"], [1, "gateway"]],
} as const satisfies Readonly<Record<string, readonly (readonly [number, Pod["plane"]])[]>>;

const MARK = "security.istio.io/tlsMode";
const TRAFFIC = "traffic.sidecar.istio.io";

function captureOf(draw: Draw, ports: readonly PortKind[]): Json {
  const port = String(draw.pick([...ports.map(({ target }) => target), 80, 8080, 3306]));
  return draw.weighted<Json>([
    [3, { [`${TRAFFIC}/excludeInboundPorts`]: port }],
    [2, { [`${TRAFFIC}/includeInboundPorts`]: port }],
    [2, { [`${TRAFFIC}/excludeOutboundPorts`]: port }],
    [2, { [`${TRAFFIC}/excludeOutboundIPRanges`]: draw.pick(["10.0.0.0/16", "10.96.0.0/24"]) }],
    [1, { [`${TRAFFIC}/includeOutboundIPRanges`]: "10.96.0.0/12" }],
    [1, { "sidecar.istio.io/interceptionMode": "NONE" }],
  ]);
}

function labelsOf(draw: Draw, { app, version }: Group, plane: Pod["plane"], ambient: boolean): Readonly<Record<string, string>> {
  const sidecar = plane === "sidecar";
  const mark = sidecar ? draw.weighted<string | null>([[30, "istio"], [3, "disabled"], [0.5, "foo"], [2, null]]) : draw.weighted<string | null>([[40, null], [1, "istio"]]);
  return { app, version, ...maybe(mark !== null, () => ({ [MARK]: mark })), ...maybe(ambient && sidecar && draw.chance(0.4), () => ({ "networking.istio.io/tunnel": "http" })) };
}

function annotationsOf(draw: Draw, plane: Pod["plane"], ports: readonly PortKind[], nasty: boolean): Json {
  switch (plane) {
    case "sidecar":
      return { "sidecar.istio.io/status": '{"containers":["istio-proxy"]}', ...maybe(draw.chance(nasty ? 0.1 : 0.03), () => captureOf(draw, ports)) };
    case "ambient":
      return { "ambient.istio.io/redirection": draw.chance(0.02) ? "pending" : "enabled", ...maybe(draw.chance(0.03), () => ({ "ambient.istio.io/bypass-inbound-capture": "true" })) };
    case "gateway":
    case "none":
      return {};
  }
}

function containersOf(draw: Draw, plane: Pod["plane"], ports: readonly PortKind[]): Json {
  const app = { name: "app", ports: ports.map(({ target }) => ({ containerPort: target, name: `p${target}` })) };
  const proxy = { name: "istio-proxy", args: ["proxy", plane === "gateway" ? "router" : "sidecar"] };
  if (plane === "none" || plane === "ambient") return { containers: [app] };
  if (plane === "sidecar" && draw.chance(0.08)) return { containers: [app], initContainers: [{ ...proxy, restartPolicy: "Always" }] };
  return { containers: [app, proxy] };
}

function podOf(draw: Draw, places: Places, group: Group, { name, ip }: { readonly name: string; readonly ip: string }): Pod {
  const plane = draw.weighted<Pod["plane"]>(places.ambient ? PLANES.ambient : PLANES.sidecars);
  const { namespace, ports, app } = group;
  const labels = labelsOf(draw, group, plane, places.ambient);
  const serviceAccount = draw.chance(0.3) ? "default" : draw.chance(0.05) ? "vm-sa" : app;
  const annotations = annotationsOf(draw, plane, ports, places.nasty);
  const object = {
    apiVersion: "v1", kind: "Pod",
    metadata: { name, namespace, labels, ...maybe(Object.keys(annotations).length > 0, () => ({ annotations })) },
    spec: { serviceAccountName: serviceAccount, ...containersOf(draw, plane, ports) },
    status: { phase: "Running", podIP: ip },
  };
  return { namespace, name, ip, serviceAccount, labels, app, ports, plane, object };
}

/** Pods of a few apps, some of them in two versions or two of a kind. */
export function podsOf(draw: Draw, places: Places): readonly Pod[] {
  const groups = Array.from({ length: 4 + draw.below(4) }, (): Group => ({ namespace: somewhere(draw, places), app: draw.pick(APPS), version: "v1", ports: portsOf(draw, places.nasty) }));
  const versions = groups.flatMap((group): readonly Group[] => [group, ...(draw.chance(0.35) ? [{ ...group, version: "v2" }] : []), ...(draw.chance(0.12) ? [group] : [])]);
  const taken = new Set<string>();
  return versions.map((group, at) => {
    const wanted = `${group.app}-${group.version}`;
    const name = [wanted, `${wanted}-2`, `${wanted}-3`, `${wanted}-4`].find((one) => !taken.has(`${group.namespace}/${one}`)) ?? `${wanted}-${at}`;
    taken.add(`${group.namespace}/${name}`);
    return podOf(draw, places, group, { name, ip: `10.0.0.${12 + at}` });
  });
}
