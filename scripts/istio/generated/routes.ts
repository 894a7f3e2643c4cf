import type { Draw, Json } from "./draw.ts";
import { age, maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import { exportTo, somewhere } from "./places.ts";
import type { Dialled } from "./services.ts";
import type { Pod } from "./workloads.ts";

/** A VirtualService that sends a host to a subset of it, or elsewhere. */
export function virtualServiceOf(draw: Draw, places: Places, { dialled, at }: { readonly dialled: readonly Dialled[]; readonly at: number }): Json {
  const from = draw.pick(dialled);
  const to = draw.chance(0.6) ? from : draw.pick(dialled);
  const namespace = draw.chance(0.6) ? from.namespace : somewhere(draw, places);
  const short = draw.chance(0.12) && from.namespace === namespace && from.host.startsWith(`${from.name}.`);
  const destination = { host: to.host, ...maybe(draw.chance(0.5), () => ({ subset: draw.pick(["v1", "v2"]) })), ...maybe(to !== from && draw.chance(0.5), () => ({ port: { number: draw.pick(to.ports).port } })) };
  const kind = draw.weighted([[6, "http"], [places.nasty ? 3 : 0.5, "tcp"], [places.nasty ? 2 : 0.5, "tls"]]);
  const { port } = draw.pick(from.ports);
  const matches = kind === "tls" ? [{ port, sniHosts: [draw.pick([from.host, `*${from.host.slice(from.host.indexOf("."))}`])] }] : kind === "tcp" && draw.chance(0.3) ? [{ port }] : [];
  const spec = { hosts: [short ? from.name : from.host], ...maybe(draw.chance(0.15), () => ({ exportTo: exportTo(draw, places) })), [kind]: [{ ...maybe(matches.length > 0, () => ({ match: matches })), route: [{ destination }] }] };
  return { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: at === 0 ? "vs" : `vs-${at}`, ...age(draw), namespace }, spec };
}

const TERMINATING = { credentialName: "cred" };

function serverOf(draw: Draw, { nasty }: Places, number: number): Json {
  const strange = nasty ? 1 : 0;
  const [protocol, tls] = draw.weighted<readonly [string, Json | null]>([
    [12, ["HTTP", null]], [2, ["HTTPS", { mode: "ISTIO_MUTUAL" }]], [strange, ["HTTPS", { mode: "SIMPLE", ...TERMINATING }]], [strange, ["TCP", null]], [strange, ["TLS", { mode: "ISTIO_MUTUAL" }]],
    [strange * 0.7, ["TLS", { mode: "PASSTHROUGH" }]], [strange * 0.7, ["TLS", { mode: "AUTO_PASSTHROUGH" }]], [strange * 0.3, ["HTTP", { httpsRedirect: true }]],
  ]);
  const host = draw.weighted([[8, "*"], [nasty ? 1 : 0, "*.local"], [nasty ? 1 : 0, "*.svc.cluster.local"], [nasty ? 1 : 0, "x.example"]]);
  return { port: { number, name: `${protocol.toLowerCase()}-${number}`, protocol }, hosts: [host], ...maybe(tls !== null, () => ({ tls })) };
}

/** What leads on from the servers of a Gateway that read no requests. */
function leadsOn(draw: Draw, name: string, { namespace, port }: { readonly namespace: string; readonly port: number }, to: Dialled): Json {
  const route = [{ destination: { host: to.host } }];
  const matches = maybe(draw.chance(0.2), () => ({ match: [{ port }] }));
  const sniHosts = [draw.weighted([[3, "*.local"], [1, "x.example"]])];
  const spec = { hosts: [draw.weighted([[4, "*"], [1, "*.local"], [1, "x.example"]])], gateways: [name], tcp: [{ ...matches, route }], tls: [{ match: [{ sniHosts }], route }] };
  return { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: `${name}-on`, ...age(draw), namespace }, spec };
}

/** Gateways for the pods of an app that are gateways: where it is nasty two, for the same ports. */
export function gatewaysOf(draw: Draw, places: Places, { pod, dialled }: { readonly pod: Pod; readonly dialled: readonly Dialled[] }): readonly Json[] {
  const names = [`${pod.app}-gw`, ...(places.nasty && draw.chance(0.4) ? [`${pod.app}-gw-2`] : [])];
  return names.flatMap((name) => {
    const numbers = [...new Set(pod.ports.filter(({ protocol }) => protocol === "TCP").map(({ port, target }) => (draw.chance(0.8) ? target : port)))];
    const [first = 8080] = numbers;
    const servers = (numbers.length > 0 ? numbers : [8080]).map((number) => serverOf(draw, places, number));
    const gateway = { apiVersion: "networking.istio.io/v1", kind: "Gateway", metadata: { name, ...age(draw), namespace: pod.namespace }, spec: { selector: { app: pod.app }, servers } };
    return [gateway, ...(draw.chance(0.6) ? [leadsOn(draw, name, { namespace: pod.namespace, port: first }, draw.pick(dialled))] : [])];
  });
}
