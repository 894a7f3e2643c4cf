import type { ServiceHost, SpiffeId, WorkloadId } from "../vocabulary.ts";
import { serviceHost, spiffeId, workloadId } from "../vocabulary.ts";
import { memoised } from "../order.ts";
import type { Directory } from "./directory.ts";
import type { Party } from "./edge.ts";
import type { ReportedPeer, TrafficRow } from "./telemetry.ts";

/** A party and its part of an edge's key, made once per party and not once per row. */
export interface KeyedParty {
  readonly party: Party;
  readonly key: string;
  /** the key and what ends it in an edge's: these sort as the keys of edges do */
  readonly start: string;
}

/** A row with both ends and the host that was dialled, as far as telemetry and the addresses of the mesh tell. */
export interface ResolvedRow {
  readonly row: TrafficRow;
  readonly client: KeyedParty;
  readonly server: KeyedParty;
  readonly host: ServiceHost | null;
  readonly principal: SpiffeId | null;
  /** the client dialled past the registry: its report names no Service */
  readonly passthrough: boolean;
  /** named by attribution (OBS-20) and not by the row itself */
  readonly attributed: boolean;
}

const INBOUND_PASSTHROUGH = "InboundPassthroughCluster";
const PORT = /:\d+$/;

function nameOf(party: Party): string {
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

export function keyed(party: Party): KeyedParty {
  const key = escaped(nameOf(party));
  return { party, key, start: [key, ""].join("|") };
}

const UNIDENTIFIED = keyed({ kind: "unidentified" });

export function workloadOf(party: Party): WorkloadId | null {
  return party.kind === "workload" ? party.id : null;
}

function isAddress(text: string): boolean {
  return /^[\d.]+$/.test(text) || /^\[?[\da-f:]+\]?$/i.test(text);
}

/** Finds the ends of rows. Equal names give the same party, and equal hosts the same text. */
export class Ends {
  readonly #directory: Directory;
  readonly #named = new Map<string, Map<string, KeyedParty>>();
  readonly #host = memoised(serviceHost);
  readonly #workload = memoised((id: WorkloadId) => keyed({ kind: "workload", id: this.#directory.spelling(id) }));
  readonly #external = memoised((host: string) => keyed({ kind: "external", host }));

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  resolve(row: TrafficRow): ResolvedRow {
    const principal = row.client.principal === null ? null : (spiffeId(row.client.principal) ?? null);
    const name = row.serviceName;
    const passthrough = name === "PassthroughCluster";
    const beyondRegistry = passthrough || name === "BlackHoleCluster" || name?.startsWith(INBOUND_PASSTHROUGH) === true;
    return {
      row,
      client: this.#reported(row.client) ?? this.#byPrincipal(principal),
      server: this.#reported(row.server) ?? this.#dialled(row),
      host: beyondRegistry || row.serviceHost === null ? null : this.#host(row.serviceHost),
      principal,
      passthrough,
      attributed: false,
    };
  }

  #reported({ namespace, workload }: ReportedPeer): KeyedParty | null {
    if (workload === null || namespace === null) return null;
    let inNamespace = this.#named.get(namespace);
    if (inNamespace === undefined) this.#named.set(namespace, (inNamespace = new Map<string, KeyedParty>()));
    let party = inNamespace.get(workload);
    if (party === undefined) inNamespace.set(workload, (party = this.#workload(workloadId(namespace, workload))));
    return party;
  }

  #byPrincipal(principal: SpiffeId | null): KeyedParty {
    if (principal === null) return UNIDENTIFIED;
    const [owner, ...others] = this.#directory.owners(principal);
    return owner === undefined || others.length > 0 ? UNIDENTIFIED : this.#workload(owner);
  }

  /** What a client dialled that its report names no workload for: the pod behind an address, the address, or a host outside. */
  #dialled(row: TrafficRow): KeyedParty {
    const target = row.serviceHost ?? row.serviceName ?? "unknown";
    const address = target.replace(PORT, "");
    if (!isAddress(address)) return this.#external(target);
    const [owner, ...others] = this.#directory.holders(address.replace(/^\[|\]$/g, ""));
    return owner === undefined || others.length > 0 ? keyed({ kind: "address", address }) : this.#workload(owner);
  }
}
