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

/** A party that rows name, by a number of its own: two numbers are found quicker than two texts. */
export interface NumberedParty extends KeyedParty {
  readonly number: number;
}

/** What a row proves of its client. */
export function principalOf({ client: { principal } }: TrafficRow): SpiffeId | null {
  return principal === null ? null : (spiffeId(principal) ?? null);
}

const PASSTHROUGH = "PassthroughCluster";
const INBOUND_PASSTHROUGH = "InboundPassthroughCluster";
/** An address of IPv6 without brackets has colons of its own, and no port. */
const WITH_PORT = /^([^:]*|\[[^\]]*\]):\d+$/;

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

export function workloadOf(party: Party): WorkloadId | null {
  return party.kind === "workload" ? party.id : null;
}

/** The client dialled past the registry: its report names no Service. */
export function isPassthrough({ serviceName }: TrafficRow): boolean {
  return serviceName === PASSTHROUGH;
}

function isBeyondRegistry({ serviceName: name }: TrafficRow): boolean {
  return name === PASSTHROUGH || name === "BlackHoleCluster" || name?.startsWith(INBOUND_PASSTHROUGH) === true;
}

function isAddress(text: string): boolean {
  return /^[\d.]+$/.test(text) || /^\[?[\da-f:]+\]?$/i.test(text);
}

/** Finds the ends of rows, as far as telemetry and the addresses of the mesh tell. Equal names give the same party, and equal hosts the same text. */
export class Ends {
  #directory: Directory;
  readonly #named = new Map<string, Map<string, NumberedParty>>();
  /** a row's peer is most often one that another row has, too: it is found sooner than its names */
  #met = new Map<ReportedPeer, NumberedParty>();
  readonly #host = memoised(serviceHost);
  readonly #workload = memoised((id: WorkloadId) => this.#numbered({ kind: "workload", id: this.#directory.spelling(id) }));
  readonly #external = memoised((host: string) => this.#numbered({ kind: "external", host }));
  readonly #address = memoised((address: string) => this.#numbered({ kind: "address", address }));
  readonly #parties = new Map<string, NumberedParty>();
  readonly #unidentified = this.#numbered({ kind: "unidentified" });

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** From now on other rows are read, and another directory is asked whose a name is; names themselves stay. */
  turnTo(directory: Directory): void {
    this.#directory = directory;
    this.#met = new Map();
  }

  client(row: TrafficRow): NumberedParty {
    return this.#reported(row.client) ?? this.#byPrincipal(principalOf(row));
  }

  server(row: TrafficRow): NumberedParty {
    return this.#reported(row.server) ?? this.#dialled(row);
  }

  /** What was dialled by name. */
  host(row: TrafficRow): ServiceHost | null {
    return row.serviceHost === null || isBeyondRegistry(row) ? null : this.#host(row.serviceHost);
  }

  /** Names may be anything: parties of one key are one. */
  #numbered(party: Party): NumberedParty {
    const made = keyed(party);
    const known = this.#parties.get(made.key) ?? { ...made, number: this.#parties.size };
    this.#parties.set(made.key, known);
    return known;
  }

  #reported(peer: ReportedPeer): NumberedParty | null {
    const met = this.#met.get(peer);
    if (met !== undefined) return met;
    const { namespace, workload } = peer;
    if (workload === null || namespace === null) return null;
    const party = this.#called(namespace, workload);
    this.#met.set(peer, party);
    return party;
  }

  #called(namespace: string, workload: string): NumberedParty {
    let inNamespace = this.#named.get(namespace);
    if (inNamespace === undefined) this.#named.set(namespace, (inNamespace = new Map<string, NumberedParty>()));
    let party = inNamespace.get(workload);
    if (party === undefined) inNamespace.set(workload, (party = this.#workload(workloadId(namespace, workload))));
    return party;
  }

  #byPrincipal(principal: SpiffeId | null): NumberedParty {
    if (principal === null) return this.#unidentified;
    const [owner, ...others] = this.#directory.owners(principal);
    return owner === undefined || others.length > 0 ? this.#unidentified : this.#workload(owner);
  }

  #behind(host: ServiceHost | null): NumberedParty | null {
    const [only, ...others] = host === null ? [] : this.#directory.backing(host);
    return only === undefined || others.length > 0 ? null : this.#workload(only);
  }

  /** What a client dialled that its report names no workload for: the pod behind an address, the address, the one workload behind a Service, or a host. */
  #dialled(row: TrafficRow): NumberedParty {
    const target = row.serviceHost ?? row.serviceName ?? "unknown";
    const address = target.replace(WITH_PORT, "$1");
    if (!isAddress(address)) return this.#behind(this.host(row)) ?? this.#external(target);
    const [owner, ...others] = this.#directory.holders(address.replace(/^\[|\]$/g, ""));
    return owner === undefined || others.length > 0 ? this.#address(address) : this.#workload(owner);
  }
}
