import { authorizationPoliciesOf } from "./authorizationPolicies.ts";
import { destinationRulesOf } from "./destinationRules.ts";
import type { Draw, Json } from "./draw.ts";
import { drawFrom, maybe } from "./draw.ts";
import type { Machine } from "./entries.ts";
import { entryOf, machineBehind } from "./entries.ts";
import { peerAuthenticationsOf } from "./peerAuthentications.ts";
import type { Places } from "./places.ts";
import { placesOf } from "./places.ts";
import { gatewaysOf, virtualServiceOf } from "./routes.ts";
import type { Dialled } from "./services.ts";
import { aliasOf, servicesOf } from "./services.ts";
import { environmentOf, meshConfigOf, namespacesOf } from "./settings.ts";
import { sidecarsOf } from "./sidecars.ts";
import type { Pod } from "./workloads.ts";
import { podsOf } from "./workloads.ts";

/** A mesh of the format `mtlscope-conformance/1`, without answers. */
export interface Mesh {
  readonly id: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly objects: readonly Json[];
  readonly queries: readonly Json[];
}

interface Inhabitants {
  readonly places: Places;
  readonly pods: readonly Pod[];
  readonly dialled: readonly Dialled[];
  readonly machines: readonly Machine[];
}

function inhabitantsOf(draw: Draw, wild: boolean): Inhabitants {
  const places = placesOf(draw, wild);
  const pods = podsOf(draw, places);
  const services = servicesOf(draw, places, pods);
  const entries = Array.from({ length: draw.weighted([[6, 0], [3, 1], [1, 2]]) }, (_, at) => entryOf(draw, places, { pods, dialled: services, at }));
  const selected = services.filter(() => draw.chance(0.04)).map((of, at) => ({ of, machine: machineBehind(draw, of, at) }));
  const joined = services.map((service) => ({ ...service, servers: [...service.servers, ...selected.filter(({ of }) => of === service).map(({ machine }) => `${machine.namespace}/${machine.name}`)] }));
  const aliases = draw.chance(0.12) ? [aliasOf(draw, places, draw.pick([...joined, ...entries]))] : [];
  return { places, pods, dialled: [...joined, ...entries, ...aliases], machines: [...entries.flatMap(({ machines }) => machines), ...selected.map(({ machine }) => machine)] };
}

/** One pod of each app that has gateways in a namespace. */
function gateways(pods: readonly Pod[]): readonly Pod[] {
  const all = pods.filter(({ plane }) => plane === "gateway");
  return all.filter(({ app, namespace }, at) => all.findIndex((other) => other.app === app && other.namespace === namespace) === at);
}

function configurationOf(draw: Draw, { places, pods, dialled }: Inhabitants): readonly Json[] {
  const services = dialled.filter(({ host }) => host.endsWith(".svc.cluster.local"));
  return [
    ...peerAuthenticationsOf(draw, places, { pods, services }),
    ...destinationRulesOf(draw, places, { pods, dialled }),
    ...(draw.chance(0.25) ? sidecarsOf(draw, places, { pods, dialled }) : []),
    ...(draw.chance(0.25) ? authorizationPoliciesOf(draw, places, pods) : []),
    ...(draw.chance(0.08) ? Array.from({ length: 1 + draw.below(2) }, (_, at) => virtualServiceOf(draw, places, { dialled, at })) : []),
    ...gateways(pods).flatMap((pod) => gatewaysOf(draw, places, { pod, dialled })),
  ];
}

function queryOf(draw: Draw, { pods, dialled }: Inhabitants): Json | null {
  const client = draw.pick(pods);
  if (draw.chance(0.2)) {
    const server = draw.pick(pods);
    if (client.plane === "gateway" || server === client) return null;
    return { client: `${client.namespace}/${client.name}`, server: `${server.namespace}/${server.name}`, port: draw.pick(server.ports).target, via: { type: "podIP", ip: server.ip } };
  }
  const to = draw.pick(dialled);
  if (to.servers.length === 0) return null;
  const subset = draw.chance(0.04) ? draw.pick(["v1", "v2"]) : null;
  return { client: `${client.namespace}/${client.name}`, server: draw.pick(to.servers), port: draw.pick(to.ports).port, via: { type: "service", host: to.host, ...maybe(subset !== null, () => ({ subset })) } };
}

const QUERIES = 24;

/** The mesh of a seed. @param wild with what the other conformance files leave out */
export function generatedMesh(seed: number, wild = false): Mesh {
  const draw = drawFrom(seed);
  const inhabitants = inhabitantsOf(draw, wild);
  const { places, pods, dialled, machines } = inhabitants;
  const id = `G${seed}`;
  const objects = [...namespacesOf(places), meshConfigOf(draw, places), ...pods.map(({ object }) => object), ...machines.map(({ object }) => object), ...dialled.flatMap((one) => one.objects), ...configurationOf(draw, inhabitants)];
  const asked = new Map(Array.from({ length: QUERIES }, () => queryOf(draw, inhabitants)).flatMap((query) => (query === null ? [] : [[JSON.stringify(query), query] as const])));
  const env = environmentOf(draw, places);
  return { id, ...maybe(Object.keys(env).length > 0, () => ({ env })), objects, queries: [...asked.values()].map((query, at) => ({ id: `${id}-${String(at + 1).padStart(2, "0")}`, ...query })) };
}
