import type { Edge, Party } from "#mesh";

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
export function digest(text: string): string {
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

/**
 * Ids that are short, stable over time and safe in an address; one for each edge, in their order.
 *
 * Two keys with one digest are told apart by number, in the order of `edges`, which come sorted by key: the id of neither depends on chance.
 */
export function edgeIds(edges: readonly Edge[]): readonly string[] {
  const taken = new Set<string>();
  return edges.map((edge) => {
    const plain = digest(edge.key);
    let id = plain;
    for (let number = 2; taken.has(id); number += 1) id = `${plain}-${number}`;
    taken.add(id);
    return id;
  });
}
