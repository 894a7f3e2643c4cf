import { difference, isAlikeOtherwise } from "./difference.ts";
import type { Engine } from "../engine.ts";
import { isWildcard, resolveHost } from "../host.ts";
import type { Instance } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { isEmptySelector, selects } from "../order.ts";
import type { Reach } from "./reach.ts";
import { EVERYTHING, Gathering } from "./reach.ts";
import type { RegistryService } from "../registry/service.ts";
import type { AuthorizationPolicy, ConfigurationObjects, DestinationRule, EndpointSlice, MeshObject, ObjectKind, PeerAuthentication, Pod, WorkloadEntry } from "../snapshot.ts";
import { workloadId } from "../vocabulary.ts";

type Touching = { readonly [Kind in ObjectKind]: (object: ConfigurationObjects[Kind][number], into: Gathering) => void };

function everything(_: unknown, into: Gathering): void {
  into.everything = true;
}

/** What no verdict depends on. */
function nothing(): void {}

function servicesIn(namespace: string, { worlds }: Gathering): readonly RegistryService[] {
  return worlds.flatMap(({ view }) => view.everything.inNamespace(namespace));
}

function hostsOf(services: readonly RegistryService[]): readonly string[] {
  return services.map(({ host }) => host);
}

function servers({ namespace }: MeshObject, into: Gathering): void {
  if (into.isRoot(namespace)) into.everything = true;
  into.servers.add(namespace);
}

/** A waypoint sends on to servers of any namespace. */
function authorizationPolicy(policy: AuthorizationPolicy, into: Gathering): void {
  servers(policy, into);
  if (policy.targetRefs.length > 0) into.everything = true;
}

function clientsAndServers(object: MeshObject, into: Gathering): void {
  servers(object, into);
  into.clients.add(object.namespace);
}

/** A general policy is read by clients too, of the namespace that owns the host they dial; one with a selector only for an endpoint. */
function peerAuthentication(policy: PeerAuthentication, into: Gathering): void {
  const { namespace, selector } = policy;
  const services = servicesIn(namespace, into);
  if (isEmptySelector(selector)) {
    servers(policy, into);
    into.add(into.hosts, hostsOf(services));
    return;
  }
  if (into.isRoot(namespace)) into.everything = true;
  const selected = into.worlds.flatMap(({ engine }) => engine.instances.in(namespace)?.all ?? []).filter(({ told }) => selects(selector ?? {}, told.labels));
  for (const { told } of selected) into.workloads.add(told.workload);
  into.add(into.hosts, hostsOf(services.filter(({ source }) => source.kind === "ServiceEntry")));
}

/** Hosts that people mean by what they write: reasons name rules that only look as if they were for a service. */
function spelled({ host: written, namespace }: DestinationRule, { view: { configuration, everything: registry } }: Gathering["worlds"][number]): readonly string[] {
  const { clusterDomain } = configuration;
  const name = written.toLowerCase();
  const sameName = name.includes(".") ? [] : hostsOf(registry.services.filter(({ meta }) => meta.name === name));
  return [resolveHost(written, namespace, clusterDomain), name, `${name}.svc.${clusterDomain}`, `${name}.${clusterDomain}`, ...sameName];
}

/** A rule speaks to who dials its host. How rules are merged is asked only where there are two. */
function destinationRule(rule: DestinationRule, into: Gathering): void {
  const { namespace, host } = rule;
  if (into.isRoot(namespace) || into.worlds.some(({ engine }) => engine.configuration.objects.DestinationRule.length < 2)) into.everything = true;
  for (const world of into.worlds) into.add(into.hosts, spelled(rule, world));
  if (!isWildcard(host)) return;
  into.clients.add(namespace);
  into.add(into.hosts, hostsOf(servicesIn(namespace, into)));
}

/** Whether an instance may be among the endpoints of a service of its own namespace. */
function mayHave({ source }: RegistryService, { object, told }: Instance, { everything: { endpoints } }: IstiodView): boolean {
  if (source.kind === "ServiceEntry") return source.workloadSelector !== null && selects(source.workloadSelector, told.labels);
  if (object.kind === "WorkloadEntry" && selects(source.selector, told.labels)) return true;
  return endpoints.slices.of(source).some((slice) => slice.endpoints.some(({ targetRef }) => targetRef?.name === object.name));
}

/** What it may be an endpoint of. A gateway or waypoint sends on for others. */
function endpoint(instance: Instance, view: IstiodView, into: Gathering): void {
  const { dataPlaneMode, namespace } = instance.class;
  if (dataPlaneMode === "gateway" || dataPlaneMode === "waypoint") into.everything = true;
  const { everything: registry } = view;
  into.add(into.hosts, hostsOf(registry.inNamespace(namespace).filter((service) => mayHave(service, instance, view))));
  into.add(into.hosts, hostsOf(registry.outward));
}

function instance(object: Pod | WorkloadEntry, into: Gathering): void {
  into.workloads.add(workloadId(object.namespace, object.kind === "Pod" ? object.owner.name : object.name));
  for (const { engine, view } of into.worlds) {
    const found = engine.instances.in(object.namespace)?.all.find((one) => one.object === object);
    if (found !== undefined) endpoint(found, view, into);
  }
}

/** Beside who dials the Service: an instance has the ports of Services without selector that name its address. */
function endpointSlice({ namespace, serviceName }: EndpointSlice, into: Gathering): void {
  into.servers.add(namespace);
  into.add(into.hosts, hostsOf(servicesIn(namespace, into).filter(({ meta }) => meta.name === serviceName)));
}

const TOUCHING: Touching = {
  PeerAuthentication: peerAuthentication,
  DestinationRule: destinationRule,
  AuthorizationPolicy: authorizationPolicy,
  Sidecar: clientsAndServers,
  EnvoyFilter: clientsAndServers,
  Pod: instance,
  WorkloadEntry: instance,
  EndpointSlice: endpointSlice,
  Namespace: everything,
  Service: everything,
  ServiceEntry: everything,
  VirtualService: everything,
  Gateway: everything,
  KubernetesGateway: everything,
  MeshConfig: everything,
  ControlPlane: everything,
  ValidatingWebhookConfiguration: nothing,
  MutatingWebhookConfiguration: nothing,
  APIService: nothing,
};

/** Adds to a reach those to whom an object speaks, or did. */
export function touch(object: MeshObject, into: Gathering): void {
  const add = TOUCHING[object.kind] as (object: MeshObject, into: Gathering) => void;
  add(object, into);
}

function besideOf({ configuration: { clusterDomain }, unread }: Engine): Parameters<typeof isAlikeOtherwise>[0] {
  return { clusterDomain, unread };
}

/** What the difference of two configurations reaches. */
export function reachOf(before: Engine, after: Engine): Reach {
  if (!isAlikeOtherwise(besideOf(before), besideOf(after))) return EVERYTHING;
  const changed = difference(before.configuration, after.configuration);
  const gathering = new Gathering([before, after].map((engine) => ({ engine, view: engine.overview })));
  for (const objects of changed.values()) for (const object of objects) touch(object, gathering);
  gathering.close();
  return gathering;
}
