import type { MeshJudge } from "../judge.ts";
import type { ServiceHost, SpiffeId, WorkloadId } from "../vocabulary.ts";
import { serviceHost, spiffeId, workloadId } from "../vocabulary.ts";
import type { Party } from "./edge.ts";
import type { ReportedPeer, TrafficRow } from "./telemetry.ts";

/** Both ends of a row, and the host that was dialled, as far as telemetry and the addresses of the mesh tell. */
export interface Ends {
  readonly client: Party;
  readonly server: Party;
  readonly host: ServiceHost | null;
  readonly principal: SpiffeId | null;
  /** the client dialled past the registry: its report names no Service */
  readonly passthrough: boolean;
}

export const UNIDENTIFIED: Party = { kind: "unidentified" };

const INBOUND_PASSTHROUGH = /^InboundPassthroughCluster/;
const PORT = /:\d+$/;

export function partyKey(party: Party): string {
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

export function workloadOf(party: Party): WorkloadId | null {
  return party.kind === "workload" ? party.id : null;
}

/** Workloads by the service account of their pods: what a principal alone can say of its owner. */
export class ServiceAccounts {
  readonly #owners: ReadonlyMap<string, readonly WorkloadId[]>;

  constructor(judge: MeshJudge) {
    const owners = new Map<string, WorkloadId[]>();
    for (const workload of judge.workloads.values()) {
      for (const account of new Set(workload.instances.map((instance) => `${instance.ref.namespace}/${instance.serviceAccountName}`))) {
        const known = owners.get(account);
        if (known === undefined) owners.set(account, [workload.id]);
        else known.push(workload.id);
      }
    }
    this.#owners = owners;
  }

  /** @returns the workloads of this cluster that run with the identity, none where it is foreign */
  owners(principal: SpiffeId): readonly WorkloadId[] {
    const match = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(principal);
    return match === null ? [] : (this.#owners.get(`${match[1] ?? ""}/${match[2] ?? ""}`) ?? []);
  }
}

function named(peer: ReportedPeer): Party | null {
  return peer.workload === null || peer.namespace === null ? null : { kind: "workload", id: workloadId(peer.namespace, peer.workload) };
}

/** The one workload that owns an address now, if it is one. */
export function ownerOf(judge: MeshJudge, address: string): WorkloadId | null {
  const owners = new Set(judge.instancesByAddress(address).map((instance) => instance.workload));
  const [owner] = owners;
  return owners.size === 1 && owner !== undefined ? owner : null;
}

function clientOf(row: TrafficRow, principal: SpiffeId | null, accounts: ServiceAccounts): Party {
  const byLabel = named(row.client);
  if (byLabel !== null) return byLabel;
  const owners = principal === null ? [] : accounts.owners(principal);
  return owners.length === 1 && owners[0] !== undefined ? { kind: "workload", id: owners[0] } : UNIDENTIFIED;
}

function isAddress(text: string): boolean {
  return /^[\d.]+$/.test(text) || /^\[?[\da-f:]+\]?$/i.test(text);
}

/** What a client dialled that its report names no workload for: the pod behind an address, the address, or a host outside. */
function dialled(row: TrafficRow, judge: MeshJudge): Party {
  const target = row.serviceHost ?? row.serviceName ?? "unknown";
  const address = target.replace(PORT, "");
  if (!isAddress(address)) return { kind: "external", host: target };
  const owner = ownerOf(judge, address.replace(/^\[|\]$/g, ""));
  return owner === null ? { kind: "address", address } : { kind: "workload", id: owner };
}

export function endsOf(row: TrafficRow, judge: MeshJudge, accounts: ServiceAccounts): Ends {
  const principal = row.client.principal === null ? null : (spiffeId(row.client.principal) ?? null);
  const passthrough = row.serviceName === "PassthroughCluster";
  const beyondRegistry = passthrough || row.serviceName === "BlackHoleCluster" || (row.serviceName !== null && INBOUND_PASSTHROUGH.test(row.serviceName));
  return {
    client: clientOf(row, principal, accounts),
    server: named(row.server) ?? dialled(row, judge),
    host: beyondRegistry || row.serviceHost === null ? null : serviceHost(row.serviceHost),
    principal,
    passthrough,
  };
}
