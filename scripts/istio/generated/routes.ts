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
  const kind = draw.weighted([[6, "http"], [places.nasty ? 2 : 0.5, "tcp"]]);
  const spec = { hosts: [short ? from.name : from.host], ...maybe(draw.chance(0.15), () => ({ exportTo: exportTo(draw, places) })), [kind]: [{ route: [{ destination }] }] };
  return { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: at === 0 ? "vs" : `vs-${at}`, ...age(draw), namespace }, spec };
}

function serverOf(draw: Draw, number: number): Json {
  return draw.chance(0.11)
    ? { port: { number, name: `https-${number}`, protocol: "HTTPS" }, hosts: ["*"], tls: { mode: "ISTIO_MUTUAL" } }
    : { port: { number, name: `http-${number}`, protocol: "HTTP" }, hosts: ["*"] };
}

/** A Gateway for the pods of an app that are gateways. */
export function gatewayOf(draw: Draw, pod: Pod): Json {
  const numbers = [...new Set(pod.ports.filter(({ protocol }) => protocol === "TCP").map(({ port, target }) => (draw.chance(0.8) ? target : port)))];
  const servers = (numbers.length > 0 ? numbers : [8080]).map((number) => serverOf(draw, number));
  return { apiVersion: "networking.istio.io/v1", kind: "Gateway", metadata: { name: `${pod.app}-gw`, namespace: pod.namespace }, spec: { selector: { app: pod.app }, servers } };
}
