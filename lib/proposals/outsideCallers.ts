import type { Configuration, Gap, MeshVerdicts, Pod, Service, ServiceHost, Workload } from "#mesh";
import { serviceHost } from "#mesh";
import { closesUnderStrict } from "./closing.ts";
import { isProtected } from "./holdouts.ts";
import { listed } from "./listed.ts";
import { sidecarPods } from "./probes.ts";

type Judge = MeshVerdicts["judge"];

function isExposed({ type, externalIPs }: Service): boolean {
  return type === "LoadBalancer" || type === "NodePort" || externalIPs.length > 0;
}

function exposedServices({ objects, clusterDomain }: Configuration): ReadonlyMap<ServiceHost, Service> {
  return new Map(objects.Service.filter(isExposed).map((service) => [serviceHost(`${service.name}.${service.namespace}.svc.${clusterDomain}`), service]));
}

/** Services that are reached from outside the cluster and lead to a port that STRICT would close. */
function exposedTo({ snapshot: { configuration }, judge }: MeshVerdicts, scoped: readonly Workload[]): readonly Service[] {
  const exposed = exposedServices(configuration);
  if (exposed.size === 0) return [];
  const ports = scoped.filter(isProtected).flatMap(({ id }) => judge.workloadPorts(id));
  const closing = ports.filter(({ serverMode }) => closesUnderStrict(serverMode));
  return [...new Set(closing.flatMap(({ services }) => services.flatMap(({ host }) => exposed.get(host) ?? [])))];
}

function balancerDoubts(verdicts: MeshVerdicts, scoped: readonly Workload[]): readonly Gap[] {
  const services = exposedTo(verdicts, scoped).map(({ namespace, name, type }) => `${namespace}/${name} (${type === "ClusterIP" ? "externalIPs" : type})`).sort();
  return [
    ...(services.length === 0 ? [] : [{ wanted: `callers from outside the cluster, health checks of load balancers among them, of Service ${listed(services)}`, because: "they have no certificate of the mesh, and STRICT refuses them; only those that were seen are in this preview" }]),
    { wanted: "health checks of load balancers that call pods directly", because: "mtlscope does not read Ingresses and what a cloud makes of them; STRICT refuses such a check, and the balancer takes the pod for dead" },
  ];
}

function scrapedPort({ annotations }: Pod): number | undefined {
  if (annotations["prometheus.io/scrape"] !== "true") return undefined;
  const port = Number(annotations["prometheus.io/port"]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/** The port for merged metrics is the proxy's own, and stays open. */
function isClosing({ namespace, name }: Pod, port: number, judge: Judge): boolean {
  return closesUnderStrict(judge.serverMode({ namespace, name }, port));
}

function scraperDoubts(verdicts: MeshVerdicts, scoped: readonly Workload[]): readonly Gap[] {
  const targets = [...sidecarPods(verdicts, scoped)].flatMap(([pod, { id }]) => {
    const port = scrapedPort(pod);
    return port === undefined || !isClosing(pod, port, verdicts.judge) ? [] : [`${id}:${port}`];
  });
  const named = [...new Set(targets)].sort();
  return [
    ...(named.length === 0 ? [] : [{ wanted: `scrapes of ${listed(named)}`, because: "annotation `prometheus.io/port` tells Prometheus to scrape a port that the proxy captures: STRICT refuses it, unless Prometheus was given a certificate of the mesh" }]),
    { wanted: "scrapers that are told of their targets elsewhere", because: "mtlscope reads no ServiceMonitors, PodMonitors or configuration of Prometheus; STRICT refuses a scraper without a certificate of the mesh on every port but the proxy's own" },
  ];
}

const CONVERSIONS: Gap = {
  wanted: "conversion webhooks that the API server calls",
  because: "mtlscope does not read CustomResourceDefinitions, which name them; the API server has no proxy, and STRICT refuses it",
};

/** Callers outside the mesh, as far as objects tell of them, and what tells of the others and is never read. */
export function outsideCallerDoubts(verdicts: MeshVerdicts, scoped: readonly Workload[]): readonly Gap[] {
  return [...balancerDoubts(verdicts, scoped), ...scraperDoubts(verdicts, scoped), CONVERSIONS];
}
