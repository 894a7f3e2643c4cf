import type { Edge, MeshVerdicts, Party } from "#mesh";

/** A colon separates our own words from names, so one inside a name (hostile telemetry may send it) is written differently. */
function safe(name: string): string {
  return /[%:]/.test(name) ? name.replaceAll("%", "%25").replaceAll(":", "%3A") : name;
}

/** Workloads are `namespace/name`; everything else has its kind before a colon. An unidentified sender belongs to one server. */
export function nodeId(party: Party, server: Party): string {
  switch (party.kind) {
    case "workload":
      return safe(party.id);
    case "node":
      return `node:${safe(party.name)}`;
    case "address":
      return `address:${safe(party.address)}`;
    case "external":
      return `external:${safe(party.host)}`;
    case "unidentified":
      return server.kind === "unidentified" ? "unidentified:" : `unidentified:${nodeId(server, { kind: "unidentified" })}`;
  }
}

/** 53 bits of a text, by two rounds of multiplication and mixing (cyrb53): even enough for names, and the same everywhere. */
function digest(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let position = 0; position < text.length; position += 1) {
    const unit = text.charCodeAt(position);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36).padStart(11, "0");
}

export interface EdgeIds {
  readonly byEdge: ReadonlyMap<Edge, string>;
  readonly byId: ReadonlyMap<string, Edge>;
}

/** Two keys with one digest are told apart by number, in the order of their keys: the id of neither depends on chance. */
function idsOf(edges: readonly Edge[]): EdgeIds {
  const byEdge = new Map<Edge, string>();
  const byId = new Map<string, Edge>();
  for (const edge of edges) {
    const plain = digest(edge.key);
    let id = plain;
    for (let number = 2; byId.has(id); number += 1) id = `${plain}-${number}`;
    byEdge.set(edge, id);
    byId.set(id, edge);
  }
  return { byEdge, byId };
}

const idsByEdges = new WeakMap<readonly Edge[], EdgeIds>();

/** Ids that are short, stable over time and safe in an address. `edges` come sorted by key. */
export function edgeIds({ edges }: Pick<MeshVerdicts, "edges">): EdgeIds {
  const ids = idsByEdges.get(edges) ?? idsOf(edges);
  idsByEdges.set(edges, ids);
  return ids;
}
