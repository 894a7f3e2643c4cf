import { memoised, under } from "../order.ts";
import { serviceHost, workloadId, type ServiceHost, type SpiffeId, type WorkloadId } from "../vocabulary.ts";
import type { Directory } from "./directory.ts";
import type { Party } from "./edge.ts";
import { escaped, isBeyondRegistry, keyed, nameOf, principalOf, workloadOf, type KeyedParty } from "./party.ts";
import type { ReportedPeer, TrafficRow } from "./telemetry.ts";

/** An address of IPv6 without brackets has colons of its own, and no port. */
const WITH_PORT = /^([^:]*|\[[^\]]*\]):\d+$/;

function isAddress(text: string): boolean {
  return /^[\d.]+$/.test(text) || /^\[?[\da-f:]+\]?$/i.test(text);
}

/**
 * Finds the ends of rows, as far as telemetry and the addresses of the mesh tell, and gives each a number of its own:
 * rows are then brought together by numbers, without a look at the names.
 */
export class Ends {
  /** by number; equal names give the same */
  readonly parties: KeyedParty[] = [];
  /** by number, all in lower case; `null` where nothing was dialled by name */
  readonly hosts: (ServiceHost | null)[] = [null];
  readonly #directory: Directory;
  readonly #byKey = new Map<string, number>();
  readonly #named = new Map<string, Map<string, number>>();
  /** a row's peer is most often one that another row has, too: its names are looked up once */
  readonly #met = new Map<ReportedPeer, number>();
  readonly #metClients = new Map<ReportedPeer, number>();
  readonly #external = memoised((host: string) => this.#numbered({ kind: "external", host }));
  readonly #address = memoised((address: string) => this.#numbered({ kind: "address", address }));
  readonly #unidentified = this.#numbered({ kind: "unidentified" });
  readonly #byHost = memoised((host: ServiceHost) => this.hosts.push(host) - 1);
  readonly #dialled = memoised((text: string) => this.#byHost(serviceHost(text)));

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  client(row: TrafficRow): number {
    const met = this.#metClients.get(row.client);
    if (met !== undefined) return met;
    const number = this.#sending(row);
    this.#metClients.set(row.client, number);
    return number;
  }

  /** Meshes may call workloads alike: who has an identity of another mesh is none of this one's. @see rule SND-7 */
  #sending(row: TrafficRow): number {
    const principal = principalOf(row);
    const reported = this.#reported(row.client);
    if (reported === null || principal === null || !this.#directory.isForeign(principal)) return reported ?? this.#byPrincipal(principal);
    const id = workloadOf((this.parties[reported] as KeyedParty).party);
    return id !== null && this.#directory.exists(id) ? this.#unidentified : reported;
  }

  server(row: TrafficRow): number {
    return this.#reported(row.server) ?? this.#behind(row);
  }

  /** What was dialled by name. */
  host(row: TrafficRow): number {
    return row.serviceHost === null || isBeyondRegistry(row) ? 0 : this.#dialled(row.serviceHost);
  }

  workload(id: WorkloadId): number {
    return this.#numbered({ kind: "workload", id: this.#directory.spelling(id) });
  }

  /** Names may be anything: parties of one key are one. */
  #numbered(party: Party): number {
    const key = escaped(nameOf(party));
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const number = this.parties.push(keyed(party, key)) - 1;
    this.#byKey.set(key, number);
    return number;
  }

  #reported(peer: ReportedPeer): number | null {
    const met = this.#met.get(peer);
    if (met !== undefined) return met;
    const { namespace, workload } = peer;
    if (workload === null || namespace === null) return null;
    const number = this.#called(namespace, workload);
    this.#met.set(peer, number);
    return number;
  }

  #called(namespace: string, workload: string): number {
    const inNamespace = under(this.#named, namespace);
    let number = inNamespace.get(workload);
    if (number === undefined) inNamespace.set(workload, (number = this.workload(workloadId(namespace, workload))));
    return number;
  }

  #byPrincipal(principal: SpiffeId | null): number {
    if (principal === null) return this.#unidentified;
    const [owner, ...others] = this.#directory.owners(principal);
    return owner === undefined || others.length > 0 ? this.#unidentified : this.workload(owner);
  }

  #only(host: ServiceHost | null): number | null {
    const [only, ...others] = host === null ? [] : this.#directory.backing(host);
    return only === undefined || others.length > 0 ? null : this.workload(only);
  }

  /** What a client dialled that its report names no workload for: the pod behind an address, the address, the one workload behind a Service, or a host. */
  #behind(row: TrafficRow): number {
    const target = row.serviceHost ?? row.serviceName ?? "unknown";
    const address = target.replace(WITH_PORT, "$1");
    if (!isAddress(address)) return this.#only(this.hosts[this.host(row)] ?? null) ?? this.#external(target);
    const [owner, ...others] = this.#directory.holders(address.replace(/^\[|\]$/g, ""));
    return owner === undefined || others.length > 0 ? this.#address(address) : this.workload(owner);
  }
}
