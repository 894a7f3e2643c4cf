import type { Draw, Json } from "./draw.ts";
import { age, maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import type { Dialled } from "./services.ts";
import type { Pod } from "./workloads.ts";

type Mode = "STRICT" | "PERMISSIVE" | "DISABLE" | "UNSET";

function modeOf(draw: Draw): Mode {
  return draw.weighted<Mode>([[7, "STRICT"], [5, "PERMISSIVE"], [4, "DISABLE"], [2, "UNSET"]]);
}

function mtlsOf(draw: Draw): Json {
  return draw.weighted<() => Json>([[17, () => ({ mtls: { mode: modeOf(draw) } })], [1, () => ({})], [1, () => ({ mtls: {} })]])();
}

function named(draw: Draw, namespace: string, name: string, spec: Json): Json {
  return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { name, ...age(draw), namespace }, spec };
}

/** Ports of the workload, of a Service before it, or of neither. */
function portLevel(draw: Draw, pod: Pod, services: readonly Dialled[]): Json {
  const before = services.filter(({ namespace }) => namespace === pod.namespace).flatMap(({ ports }) => ports.map(({ port }) => port));
  const candidates = [...pod.ports.map(({ target }) => target), ...pod.ports.map(({ target }) => target), ...before, 9999];
  const ports = [...new Set([draw.pick(candidates), ...draw.some([draw.pick(candidates)], 0.4)])];
  return { portLevelMtls: Object.fromEntries(ports.map((port) => [port, draw.chance(0.08) ? {} : { mode: modeOf(draw) }])) };
}

function ofWorkload(draw: Draw, places: Places, pod: Pod, services: readonly Dialled[]): (name: string) => Json {
  const { namespace, labels } = pod;
  const matchLabels = draw.chance(0.15) ? { app: labels["app"], version: draw.pick(["v1", "v2"]) } : { app: labels["app"] };
  const spec = { selector: { matchLabels }, ...mtlsOf(draw), ...maybe(draw.chance(0.5), () => portLevel(draw, pod, services)) };
  return (name) => named(draw, draw.chance(0.05) ? places.root : namespace, name, spec);
}

/** Of two of one age ztunnel is told of either: in an ambient mesh each has an age of its own. */
function apart(policy: Json, at: number): Json {
  return { ...policy, metadata: { ...(policy["metadata"] as Json), creationTimestamp: `2026-01-01T00:00:${String((at * 7) % 60).padStart(2, "0")}Z` } };
}

/** For the mesh, for namespaces, for workloads; several of a kind, of one age. */
export function peerAuthenticationsOf(draw: Draw, places: Places, { pods, services }: { readonly pods: readonly Pod[]; readonly services: readonly Dialled[] }): readonly Json[] {
  const all: Json[] = [];
  const selector = (): Json => maybe(draw.chance(0.06), () => ({ selector: draw.chance(0.5) ? { matchLabels: {} } : {} }));
  const add = (namespace: string, kind: string, at: number): void => {
    all.push(named(draw, namespace, at === 0 ? kind : `${kind}-${at + 1}`, { ...selector(), ...mtlsOf(draw) }));
  };
  const repeat = (most: number): number => draw.weighted([[6, 1], [places.nasty ? 3 : 1, 2], [places.nasty ? 1 : 0, most]]);
  if (draw.chance(0.5)) for (let at = 0; at < repeat(3); at += 1) add(places.root, "default", at);
  for (const namespace of places.namespaces.filter((one) => one !== places.root)) if (draw.chance(0.45)) for (let at = 0; at < repeat(3); at += 1) add(namespace, "ns", at);
  const wanted = draw.some(pods, 0.3).flatMap((pod) => Array.from({ length: draw.chance(0.25) ? 2 : 1 }, () => ofWorkload(draw, places, pod, services)));
  const drawn = [...all, ...wanted.map((make, at) => make(`w-${draw.pick(["a", "b", "c"])}${at}`))];
  return places.ambient ? drawn.map(apart) : drawn;
}
