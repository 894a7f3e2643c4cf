import type { Destination, IstioGateway, KubernetesGateway, Labels, RouteMatch, ServiceEntry, Sidecar, VirtualService, WorkloadEntry } from "#mesh";
import type { z } from "zod";
import { mapLabels, mapMeta, mapWorkloadSelector, parse } from "./parse.ts";
import type { metadataSchema } from "./schema.ts";
import { gatewaySchema, kubernetesGatewaySchema, serviceEntrySchema, sidecarSchema, virtualServiceSchema, workloadEntrySchema } from "./schema.ts";

type Metadata = z.infer<typeof metadataSchema>;
type VirtualServiceSpec = z.infer<typeof virtualServiceSchema>["spec"];
type Route = NonNullable<VirtualServiceSpec["http"]>[number]["route"];

function present<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

export function mapSidecar(raw: unknown, meta: Metadata): Sidecar {
  const spec = parse(sidecarSchema, raw).spec ?? {};
  return {
    kind: "Sidecar",
    ...mapMeta(meta),
    workloadSelector: mapWorkloadSelector(spec.workloadSelector),
    egress: spec.egress?.map(({ hosts, port, captureMode }) => ({
      hosts: hosts ?? [], port: port?.number ?? null, ...(present(port) ? { protocol: port.protocol ?? "" } : {}), captureMode: captureMode ?? null,
    })) ?? null,
    ingress:
      spec.ingress?.map(({ port, captureMode, tls }) => ({
        port: port.number,
        protocol: port.protocol ?? "",
        captureMode: captureMode ?? null,
        tlsMode: present(tls) ? (tls.mode ?? "") : null,
      })) ?? null,
    outboundTrafficPolicyMode: present(spec.outboundTrafficPolicy) ? (spec.outboundTrafficPolicy.mode ?? "") : null,
  };
}

export function mapServiceEntry(raw: unknown, meta: Metadata): ServiceEntry {
  const { spec } = parse(serviceEntrySchema, raw);
  return {
    kind: "ServiceEntry",
    ...mapMeta(meta),
    hosts: spec.hosts,
    addresses: spec.addresses ?? [],
    ports: (spec.ports ?? []).map(({ number, name, protocol, targetPort }) => ({
      number,
      name: name ?? "",
      protocol: protocol ?? "",
      targetPort: targetPort ?? null,
    })),
    location: spec.location ?? null,
    resolution: spec.resolution ?? null,
    endpoints: (spec.endpoints ?? []).map(({ address, ports, labels, serviceAccount, network }) => ({
      address: address ?? "",
      ports: ports ?? {},
      labels: mapLabels(labels),
      serviceAccount: serviceAccount ?? null,
      network: network ?? null,
    })),
    workloadSelector: mapWorkloadSelector(spec.workloadSelector),
    exportTo: spec.exportTo ?? [],
  };
}

export function mapWorkloadEntry(raw: unknown, meta: Metadata): WorkloadEntry {
  const { spec } = parse(workloadEntrySchema, raw);
  return {
    kind: "WorkloadEntry",
    ...mapMeta(meta),
    address: spec.address ?? "",
    ports: spec.ports ?? {},
    serviceAccount: spec.serviceAccount ?? null,
    network: spec.network ?? null,
    workloadLabels: mapLabels(spec.labels),
  };
}

function destinations(route: Route): readonly Destination[] {
  const sharing = (route ?? []).length > 1;
  return (route ?? [])
    .filter(({ weight }) => !sharing || (weight ?? 0) > 0)
    .map(({ destination }) => ({ host: destination.host, subset: destination.subset ?? null, port: destination.port?.number ?? null }));
}

function isEverything(match: Readonly<Record<string, unknown>>): boolean {
  const { uri, name, ...others } = match;
  return Object.keys(others).length === 0 && (uri === undefined || JSON.stringify(uri) === '{"prefix":"/"}') && (name === undefined || typeof name === "string");
}

function isConditional(matches: readonly Readonly<Record<string, unknown>>[] | null | undefined): boolean {
  return present(matches) && matches.length > 0 && !matches.some(isEverything);
}

interface RawMatch {
  readonly port?: number | null | undefined;
  readonly gateways?: readonly string[] | null | undefined;
  readonly sniHosts?: readonly string[] | null | undefined;
  readonly [more: string]: unknown;
}

function routeMatches(match: readonly RawMatch[] | null | undefined): { readonly matches?: readonly RouteMatch[] } {
  const matches = (match ?? []).map(({ port, gateways, sniHosts, ...more }) => ({ port: port ?? null, gateways: gateways ?? [], sniHosts: sniHosts ?? [], conditional: Object.keys(more).length > 0 }));
  return matches.some(({ port, gateways, conditional }) => port !== null || gateways.length > 0 || conditional) ? { matches } : {};
}

export function mapVirtualService(raw: unknown, meta: Metadata): VirtualService {
  const { spec } = parse(virtualServiceSchema, raw);
  return {
    kind: "VirtualService",
    ...mapMeta(meta),
    hosts: spec.hosts ?? [],
    gateways: spec.gateways ?? [],
    exportTo: spec.exportTo ?? [],
    http: (spec.http ?? []).map(({ match, route }) => ({ conditional: isConditional(match), destinations: destinations(route) })),
    tcp: (spec.tcp ?? []).map(({ match, route }) => ({ conditional: isConditional(match), ...routeMatches(match), destinations: destinations(route) })),
    tls: (spec.tls ?? []).map(({ match, route }) => ({ sniHosts: (match ?? []).flatMap(({ sniHosts }) => sniHosts ?? []), ...routeMatches(match), destinations: destinations(route) })),
  };
}

export function mapGateway(raw: unknown, meta: Metadata): IstioGateway {
  const { spec } = parse(gatewaySchema, raw);
  return {
    kind: "Gateway",
    ...mapMeta(meta),
    selector: mapLabels(spec.selector),
    servers: (spec.servers ?? []).map(({ port, hosts, tls, bind }) => ({
      port: port.number,
      protocol: port.protocol ?? "",
      hosts: hosts ?? [],
      tlsMode: present(tls) ? (tls.mode ?? "") : null,
      ...((bind ?? "") === "" ? {} : { bind: bind ?? "" }),
    })),
  };
}

type RawListener = NonNullable<z.infer<typeof kubernetesGatewaySchema>["spec"]["listeners"]>[number];

const TERMINATE_MODE = "gateway.istio.io/tls-terminate-mode";

const PASSES_ON = "gateway.istio.io/listener-protocol";

/** Mesh mTLS for other networks is passed on: by an option, or on the port for it of a gateway that is for a network. */
function isAutoPassthrough(options: Labels, port: number, of: Labels): boolean {
  if (Object.hasOwn(options, PASSES_ON) && options[PASSES_ON] === "auto-passthrough") return true;
  return Object.hasOwn(of, "topology.istio.io/network") && String(port) === (Object.hasOwn(of, "networking.istio.io/gatewayPort") ? of["networking.istio.io/gatewayPort"] : "15443");
}

/** As istiod converts it: a listener ends TLS unless it says `Passthrough`, and an option says whose certificates it asks for. */
function listenerTlsMode({ port, tls }: RawListener, of: Labels): string | null {
  if (!present(tls)) return null;
  const options = mapLabels(tls.options);
  if (tls.mode === "Passthrough") return isAutoPassthrough(options, port, of) ? "AUTO_PASSTHROUGH" : "PASSTHROUGH";
  const asked = Object.hasOwn(options, TERMINATE_MODE) ? options[TERMINATE_MODE] : undefined;
  return asked === "MUTUAL" || asked === "ISTIO_MUTUAL" ? asked : "SIMPLE";
}

export function mapKubernetesGateway(raw: unknown, meta: Metadata): KubernetesGateway {
  const { spec } = parse(kubernetesGatewaySchema, raw);
  const own = mapMeta(meta);
  return {
    kind: "KubernetesGateway",
    ...own,
    gatewayClassName: spec.gatewayClassName ?? "",
    listeners: (spec.listeners ?? []).map((listener) => ({
      name: listener.name ?? "",
      port: listener.port,
      protocol: listener.protocol ?? "",
      tlsMode: listenerTlsMode(listener, own.labels),
      hostname: (listener.hostname ?? "") === "" ? null : (listener.hostname ?? null),
    })),
  };
}
