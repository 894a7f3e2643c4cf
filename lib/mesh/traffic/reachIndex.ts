import { appendUnder } from "../order.ts";
import type { Reach } from "../change/reach.ts";
import type { WorkloadId } from "../vocabulary.ts";
import { workloadIdParts } from "../vocabulary.ts";
import type { EdgeIdentity } from "./configured.ts";
import type { EdgeDraft } from "./draft.ts";
import type { Party } from "./edge.ts";

type Positions = number[];

/** One end of edges: by workload, and the workloads by namespace. */
class End {
  readonly #byWorkload = new Map<WorkloadId, Positions>();
  #byNamespace: Map<string, WorkloadId[]> | null = null;

  put(party: Party, at: number): void {
    if (party.kind === "workload") appendUnder(this.#byWorkload, party.id, at);
  }

  addTo(into: Set<number>, namespaces: ReadonlySet<string>, workloads: ReadonlySet<WorkloadId>): void {
    for (const namespace of namespaces) for (const id of this.#in(namespace)) this.#add(into, id);
    for (const id of workloads) this.#add(into, id);
  }

  #add(into: Set<number>, id: WorkloadId): void {
    for (const at of this.#byWorkload.get(id) ?? []) into.add(at);
  }

  #in(namespace: string): readonly WorkloadId[] {
    this.#byNamespace ??= Map.groupBy(this.#byWorkload.keys(), (id) => workloadIdParts(id).namespace);
    return this.#byNamespace.get(namespace) ?? [];
  }
}

function isEndReached(party: Party, namespaces: ReadonlySet<string>, workloads: ReadonlySet<WorkloadId>): boolean {
  return party.kind === "workload" && (workloads.has(party.id) || namespaces.has(workloadIdParts(party.id).namespace));
}

/** Whether a change reaches one edge. An address that was dialled may be any service's. */
export function isReached({ everything, clients, servers, workloads, hosts }: Reach, { client, server, host }: Pick<EdgeIdentity, "client" | "server" | "host">): boolean {
  if (everything || host === null || hosts.has(host)) return true;
  return isEndReached(server, servers, workloads) || isEndReached(client, clients, workloads);
}

/** Where edges lead to and from: those that a change reaches are found without asking each. */
export class ReachIndex {
  readonly #clients = new End();
  readonly #servers = new End();
  readonly #byHost = new Map<string | null, Positions>();

  constructor(drafts: Iterable<EdgeDraft>) {
    let at = 0;
    for (const { client, server, host } of drafts) {
      this.#clients.put(client.party, at);
      this.#servers.put(server.party, at);
      appendUnder(this.#byHost, host, at);
      at += 1;
    }
  }

  /** Positions, each once. An address that was dialled may be any service's. */
  reachedBy({ clients, servers, workloads, hosts }: Reach): Set<number> {
    const reached = new Set<number>();
    for (const host of [null, ...hosts]) for (const at of this.#byHost.get(host) ?? []) reached.add(at);
    this.#servers.addTo(reached, servers, workloads);
    this.#clients.addTo(reached, clients, workloads);
    return reached;
  }
}
