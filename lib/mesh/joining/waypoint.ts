import type { Destination } from "./destination.ts";
import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { Instance } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { label } from "../order.ts";
import type { KubernetesGateway, Labels, ObjectMeta } from "../snapshot.ts";

/** A waypoint, and the account in whose name it sends on. */
export interface Waypoint {
  readonly gateway: KubernetesGateway;
  readonly serviceAccountName: string;
}

const WAYPOINT_CLASS = "istio-waypoint";
const USE_WAYPOINT = "istio.io/use-waypoint";
const WAYPOINT_FOR = "istio.io/waypoint-for";
const NO_LABELS: Labels = {};

type Traffic = "service" | "workload";

interface Wanted {
  readonly name: string;
  readonly namespace: string;
  readonly by: ObjectMeta & { readonly kind: string };
}

/** The nearest label counts: the object's own, then its namespace's; `none` asks for no waypoint. */
function wanted(view: IstiodView, object: ObjectMeta & { readonly kind: string }): Deduction<Wanted | null> {
  const trail = new Trail();
  const namespace = view.namespaces.get(object.namespace);
  if (namespace === undefined) trail.lacks(view.knowledge.gapsOf("Namespace", "", object.namespace));
  const carriers = [object, ...(namespace === undefined ? [] : [namespace])];
  const by = carriers.find(({ labels }) => label(labels, USE_WAYPOINT) !== undefined);
  const name = by === undefined ? undefined : label(by.labels, USE_WAYPOINT);
  if (by === undefined || name === undefined || name === "none") return trail.found(null);
  return trail.found({ name, namespace: label(by.labels, `${USE_WAYPOINT}-namespace`) ?? object.namespace, by });
}

function serves(gateway: KubernetesGateway, traffic: Traffic): boolean {
  const what = label(gateway.labels, WAYPOINT_FOR) ?? "service";
  return what === "all" || what === traffic;
}

function accountOf(view: IstiodView, gateway: KubernetesGateway): string {
  const isOf = ({ told, class: of }: Instance): boolean => of.dataPlaneMode === "waypoint" && label(told.labels, "gateway.networking.k8s.io/gateway-name") === gateway.name;
  return (view.instances.in(gateway.namespace)?.all ?? []).find(isOf)?.class.serviceAccountName ?? gateway.name;
}

function waypointOf(view: IstiodView, object: ObjectMeta & { readonly kind: string }, traffic: Traffic): Deduction<Waypoint | null> {
  const trail = new Trail();
  const asked = trail.follow(wanted(view, object));
  if (asked === null) return trail.found(null);
  trail.lacks(view.knowledge.gapsOf("KubernetesGateway", asked.namespace, asked.name));
  const gateway = view.configuration.objects.KubernetesGateway.find(({ name, namespace, gatewayClassName }) => name === asked.name && namespace === asked.namespace && gatewayClassName === WAYPOINT_CLASS);
  if (gateway === undefined || !serves(gateway, traffic)) return trail.found(null);
  trail.because("AMB-11", { object: asked.by, field: `metadata.labels.${USE_WAYPOINT}`, value: asked.name });
  return trail.found({ gateway, serviceAccountName: accountOf(view, gateway) });
}

/** The waypoint that ztunnel sends to: a Service's where its own address was dialled, else the workload's. */
export function waypointFor(view: IstiodView, { service, server }: Destination): Deduction<Waypoint | null> {
  const byService = service !== null && service.addresses.length > 0;
  const source = byService ? service.source : server.object;
  if (!byService && server.class.dataPlaneMode !== "ambient") return { value: null, reasons: [], gaps: [] };
  return waypointOf(view, { ...source, labels: byService ? source.labels : server.told.labels }, byService ? "service" : "workload");
}

const INGRESS_USES_WAYPOINT = "istio.io/ingress-use-waypoint";

/** Gateways pass waypoints by unless the Service or its namespace asks otherwise; sidecars always do. */
export function ingressWaypointFor(view: IstiodView, to: Destination): Deduction<Waypoint | null> {
  const none = { value: null, reasons: [], gaps: [] };
  if (to.service === null || to.service.addresses.length === 0) return none;
  const namespace = view.namespaces.get(to.service.namespace)?.labels ?? NO_LABELS;
  const asks = label(to.service.source.labels, INGRESS_USES_WAYPOINT) ?? label(namespace, INGRESS_USES_WAYPOINT);
  return asks === "true" ? waypointFor(view, to) : none;
}
