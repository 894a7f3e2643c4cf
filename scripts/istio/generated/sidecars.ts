import type { Draw, Json } from "./draw.ts";
import { age, maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import { somewhere } from "./places.ts";
import type { Dialled } from "./services.ts";
import type { Pod } from "./workloads.ts";

function egressHost(draw: Draw, places: Places, dialled: readonly Dialled[]): string {
  const { namespace, host, name } = draw.pick(dialled);
  const other = draw.pick(places.namespaces);
  return draw.weighted([
    [10, "./*"], [6, `${places.root}/*`], [4, "*/*"], [7, `${other}/*`], [2, "~/*"], [4, `${namespace}/${host}`], [3, `*/${host}`], [3, `*/*.${namespace}.svc.cluster.local`], [1, `./${host}`], [1, `${other}/*.svc.cluster.local`],
    [0.7, `~${namespace}/*`], [0.7, `~${namespace}/${host}`], [0.5, `${namespace}/*.${name}.${namespace}.svc.cluster.local`], [0.5, `./*.${namespace}.svc.cluster.local`], [0.5, "*/*.example"],
  ]);
}

function egressOf(draw: Draw, places: Places, dialled: readonly Dialled[]): Json {
  const hosts = [...new Set(Array.from({ length: 1 + draw.below(3) }, () => egressHost(draw, places, dialled)))];
  const all = { hosts: hosts.includes("~/*") ? ["~/*"] : hosts };
  if (!places.wild || !draw.chance(0.4)) return { egress: [all] };
  const { namespace, host, ports } = draw.pick(dialled);
  const one = { port: { number: draw.pick(ports).port, protocol: draw.pick(["HTTP", "TCP", "TLS"]), name: "one" }, hosts: [draw.chance(0.7) ? `${namespace}/${host}` : egressHost(draw, places, dialled)] };
  return { egress: [one, all] };
}

function ingressOf(draw: Draw, pods: readonly Pod[]): Json {
  const { target } = draw.pick(draw.pick(pods).ports);
  return { ingress: [{ port: { number: target, protocol: draw.pick(["HTTP", "GRPC", "TCP"]), name: "in" }, defaultEndpoint: `127.0.0.1:${target}` }] };
}

const POLICIES: readonly Json[] = [{ mode: "ALLOW_ANY" }, { mode: "REGISTRY_ONLY" }, {}];

function sidecarOf(draw: Draw, places: Places, { pods, dialled, name }: { readonly pods: readonly Pod[]; readonly dialled: readonly Dialled[]; readonly name: string }): Json {
  const namespace = draw.chance(0.12) ? places.root : somewhere(draw, places);
  const egress = draw.chance(0.92) ? egressOf(draw, places, dialled) : {};
  const ingress = maybe(draw.chance(0.12) || Object.keys(egress).length === 0, () => ingressOf(draw, pods));
  const own = pods.filter((pod) => pod.namespace === namespace);
  const selector = maybe(draw.chance(Object.keys(ingress).length > 0 ? 0.7 : 0.25), () => ({ workloadSelector: { labels: { app: draw.pick(own.length > 0 ? own : pods).app } } }));
  const policy = maybe(draw.chance(0.14), () => ({ outboundTrafficPolicy: draw.pick(POLICIES) }));
  return { apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name, ...age(draw), namespace }, spec: { ...egress, ...ingress, ...selector, ...policy } };
}

export function sidecarsOf(draw: Draw, places: Places, subject: { readonly pods: readonly Pod[]; readonly dialled: readonly Dialled[] }): readonly Json[] {
  return Array.from({ length: 1 + draw.below(3) }, (_, at) => sidecarOf(draw, places, { ...subject, name: at === 0 ? "sc" : `sc-${at + 1}` }));
}
