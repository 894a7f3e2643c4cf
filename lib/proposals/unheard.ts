import type { Edge, MeshVerdicts, Observation, Workload, WorkloadId } from "#mesh";
import { workloadIdParts } from "#mesh";
import { isProtected } from "./holdouts.ts";

/** What the server's own side counted: nothing else can tell of plaintext from callers without a proxy. */
const BY_SERVER: ReadonlySet<Observation["reporter"]> = new Set(["destination", "waypoint"]);
/** A client's proxy tells of attempts that got nowhere, which no server counts. */
const ONLY_CLIENTS_KNOW: ReadonlySet<Observation["rule"]> = new Set(["OBS-11", "OBS-17", "OBS-18", "OBS-19"]);

interface Heard {
  /** servers of which a client's proxy told that traffic reached them */
  readonly toldOf: ReadonlySet<WorkloadId>;
  /** servers of which their own side told */
  readonly speaking: ReadonlySet<WorkloadId>;
  /** whoever is an end of an edge */
  readonly named: ReadonlySet<WorkloadId>;
}

function heardOn(edges: readonly Edge[]): Heard {
  const toldOf = new Set<WorkloadId>();
  const speaking = new Set<WorkloadId>();
  const named = new Set<WorkloadId>();
  for (const { client, server, observations } of edges) {
    if (client.kind === "workload") named.add(client.id);
    if (server.kind !== "workload") continue;
    named.add(server.id);
    for (const { reporter, rule } of observations) {
      if (BY_SERVER.has(reporter)) speaking.add(server.id);
      else if (reporter === "source" && !ONLY_CLIENTS_KNOW.has(rule)) toldOf.add(server.id);
    }
  }
  return { toldOf, speaking, named };
}

type Picture = Pick<MeshVerdicts, "edges" | "judge">;

const heard = new WeakMap<readonly Edge[], Heard>();

function heardIn({ edges }: Picture): Heard {
  const found = heard.get(edges) ?? heardOn(edges);
  heard.set(edges, found);
  return found;
}

const unheard = new WeakMap<readonly Edge[], readonly WorkloadId[]>();

/**
 * Workloads to which traffic went in the window, as clients tell, and of which their own proxies told nothing: these are not scraped,
 * or not there. Whoever calls them without a proxy was seen by nobody.
 *
 * @see rule PRE-27
 */
export function unheardServers(picture: Picture): readonly WorkloadId[] {
  const found = unheard.get(picture.edges) ?? unheardIn(picture);
  unheard.set(picture.edges, found);
  return found;
}

function unheardIn(picture: Picture): readonly WorkloadId[] {
  const { toldOf, speaking } = heardIn(picture);
  return [...toldOf].filter((id) => !speaking.has(id) && hasProxy(picture, id)).sort();
}

function hasProxy({ judge }: Picture, id: WorkloadId): boolean {
  const workload = judge.workloads.get(id);
  return workload !== undefined && isProtected(workload);
}

const silent = new WeakMap<readonly Edge[], ReadonlyMap<string, readonly WorkloadId[]>>();

/** By namespace, workloads with a proxy of which nobody told anything, in the window or before it: it is not known whether they are scraped. */
export function silentWorkloads(picture: Picture): ReadonlyMap<string, readonly WorkloadId[]> {
  const found = silent.get(picture.edges) ?? silentIn(picture);
  silent.set(picture.edges, found);
  return found;
}

function silentIn(picture: Picture): ReadonlyMap<string, readonly WorkloadId[]> {
  const { named } = heardIn(picture);
  const isSilent = (workload: Workload): boolean => !named.has(workload.id) && isProtected(workload);
  const all = [...picture.judge.workloads.values()].filter(isSilent).map(({ id }) => id);
  return Map.groupBy(all, (id) => workloadIdParts(id).namespace);
}
