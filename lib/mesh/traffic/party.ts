import type { SpiffeId, WorkloadId } from "../vocabulary.ts";
import { spiffeId } from "../vocabulary.ts";
import type { Party } from "./edge.ts";
import type { TrafficRow } from "./telemetry.ts";

/** A party and its part of an edge's key, made once per party and not once per row. */
export interface KeyedParty {
  readonly party: Party;
  readonly key: string;
  /** the key and what ends it in an edge's: these sort as the keys of edges do */
  readonly start: string;
}

/** The identity that the certificate of a row's client gave it; `null` where none was used. */
export function principalOf({ client: { principal } }: TrafficRow): SpiffeId | null {
  return principal === null ? null : (spiffeId(principal) ?? null);
}

const PASSTHROUGH = "PassthroughCluster";
const INBOUND_PASSTHROUGH = "InboundPassthroughCluster";

export function nameOf(party: Party): string {
  switch (party.kind) {
    case "workload":
      return party.id;
    case "node":
      return `node:${party.name}`;
    case "address":
      return `address:${party.address}`;
    case "external":
      return `external:${party.host}`;
    case "unidentified":
      return "unidentified";
  }
}

/** Parts of a key may hold anything that a label may hold. */
export function escaped(part: string): string {
  return part.includes("|") || part.includes("\\") ? part.replaceAll("\\", "\\\\").replaceAll("|", "\\|") : part;
}

export function keyed(party: Party, key: string = escaped(nameOf(party))): KeyedParty {
  return { party, key, start: [key, ""].join("|") };
}

export function workloadOf(party: Party): WorkloadId | null {
  return party.kind === "workload" ? party.id : null;
}

/** The client dialled past the registry: its report names no Service. */
export function isPassthrough({ serviceName }: TrafficRow): boolean {
  return serviceName === PASSTHROUGH;
}

/** A report that names no Service, but one of Envoy's clusters for what the registry does not know. */
export function isBeyondRegistry({ serviceName: name }: TrafficRow): boolean {
  return name === PASSTHROUGH || name === "BlackHoleCluster" || name?.startsWith(INBOUND_PASSTHROUGH) === true;
}
