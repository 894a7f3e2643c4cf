import type { Edge, Party } from "#mesh";
import { memoised } from "#mesh";
import type { EdgeView } from "./meshView.ts";
import { digestOf, digestText, joinedDigest, nodeId } from "./identify.ts";

/** What an edge leads from or to. */
export interface EndNode {
  readonly id: string;
  readonly party: Party;
  /** whose server, where nobody knows who it is */
  readonly server: Party;
}

/** The names of a picture's edges and of the nodes at their ends, by position: most is asked of all of them at once. */
export interface EdgeEnds {
  /** of the edges, in their order */
  readonly ids: readonly string[];
  /** each node at an end, once, in the order of the edges */
  readonly nodes: readonly EndNode[];
  /** for each edge a position among the nodes */
  readonly clients: Uint32Array;
  readonly servers: Uint32Array;
}

/** Gives nodes their positions. */
class Numbering {
  readonly nodes: EndNode[] = [];
  readonly #byId = new Map<string, number>();
  /** equal parties are one object as a rule */
  readonly #byParty = new Map<Party, number>();

  of(party: Party, server: Party): number {
    const known = this.#byParty.get(party);
    if (known !== undefined) return known;
    const position = this.#named(nodeId(party, server), { party, server });
    if (party.kind !== "unidentified") this.#byParty.set(party, position);
    return position;
  }

  #named(id: string, ends: Omit<EndNode, "id">): number {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    this.#byId.set(id, this.nodes.length);
    return this.nodes.push({ id, ...ends }) - 1;
  }
}

/**
 * Ids that are short, stable over time and safe in an address, made of what an edge leads from and to, its host and its family.
 *
 * Two edges with one digest are told apart by number, in their order, which is that of their keys: the id of neither depends on chance.
 */
function idsOf(edges: readonly Edge[], { nodes, clients, servers }: Omit<EdgeEnds, "ids">): readonly string[] {
  // many edges share a host
  const digest = memoised(digestOf);
  const ofNodes = nodes.map(({ id }) => digestOf(id));
  const nothing = digest("");
  const taken = new Set<string>();
  return edges.map(({ host, family }, at) => {
    const plain = digestText(joinedDigest([ofNodes[clients[at] ?? -1] ?? nothing, ofNodes[servers[at] ?? -1] ?? nothing, digest(host ?? ""), digest(family)]));
    let id = plain;
    for (let number = 2; taken.has(id); number += 1) id = `${plain}-${number}`;
    taken.add(id);
    return id;
  });
}

export function edgeEnds(edges: readonly Edge[]): EdgeEnds {
  const numbering = new Numbering();
  const [clients, servers] = [new Uint32Array(edges.length), new Uint32Array(edges.length)];
  edges.forEach(({ client, server }, at) => {
    clients[at] = numbering.of(client, server);
    servers[at] = numbering.of(server, server);
  });
  const ends = { nodes: numbering.nodes, clients, servers };
  return { ids: idsOf(edges, ends), ...ends };
}

export type EdgeNames = Pick<EdgeView, "id" | "client" | "server">;

export function namesAt({ ids, nodes, clients, servers }: EdgeEnds, at: number): EdgeNames {
  return { id: ids[at] ?? "", client: nodes[clients[at] ?? -1]?.id ?? "", server: nodes[servers[at] ?? -1]?.id ?? "" };
}

/** Whether two pictures show the same edges in the same places, whatever is said of them. */
export function sameEdges(one: readonly Edge[], other: readonly Edge[]): boolean {
  return one.length === other.length && one.every(({ key }, at) => key === other[at]?.key);
}
