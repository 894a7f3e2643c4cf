import type { MeshJudge, Workload } from "../judge.ts";
import { appendUnder, memoised } from "../order.ts";
import { namespaceOfHost, workloadIdParts, type ServiceHost, type SpiffeId, type WorkloadId } from "../vocabulary.ts";

const PRINCIPAL = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/;
const NOBODY: readonly WorkloadId[] = [];

/** Workloads by the service account of their pods. */
function byServiceAccount(judge: MeshJudge): ReadonlyMap<string, readonly WorkloadId[]> {
  const owners = new Map<string, WorkloadId[]>();
  for (const workload of judge.workloads.values()) {
    for (const account of new Set(workload.instances.map((instance) => `${instance.ref.namespace}/${instance.serviceAccountName}`))) {
      appendUnder(owners, account, workload.id);
    }
  }
  return owners;
}

function byNamespace({ workloads }: MeshJudge): ReadonlyMap<string, readonly WorkloadId[]> {
  return Map.groupBy(workloads.keys(), (id) => workloadIdParts(id).namespace);
}

function waypointsOf(judge: MeshJudge): readonly WorkloadId[] {
  return [...judge.workloads.values()].filter(({ instances }) => instances.some(({ dataPlaneMode }) => dataPlaneMode === "waypoint")).map(({ id }) => id);
}

type Workloads = MeshJudge["workloads"];
type Change = readonly [before: Workload, after: Workload];

/** Workloads of two meshes that are not the same; `null` where other ones exist. */
function changedWorkloads(before: Workloads, after: Workloads): readonly Change[] | null {
  if (before === after) return [];
  if (before.size !== after.size) return null;
  const changed: Change[] = [];
  for (const [id, workload] of before) {
    const now = after.get(id);
    if (now === undefined) return null;
    if (now !== workload) changed.push([workload, now]);
  }
  return changed;
}

function identities({ instances }: Workload): string {
  const accounts = instances.map(({ serviceAccountName }) => serviceAccountName);
  return JSON.stringify([[...new Set(accounts)].sort(), instances.some(({ dataPlaneMode }) => dataPlaneMode === "waypoint")]);
}

function sameIdentities([before, after]: Change): boolean {
  return identities(before) === identities(after);
}

function sameAnswers<K, T>(asked: ReadonlyMap<K, readonly T[]>, answer: (question: K) => readonly T[]): boolean {
  for (const [question, said] of asked) {
    const now = answer(question);
    if (now.length !== said.length || now.some((one, at) => one !== said[at])) return false;
  }
  return true;
}

/** What the mesh says of the names in rows. It keeps what it was asked, to see whether another mesh would say the same. */
export class Directory {
  readonly #judge: MeshJudge;
  readonly #owners = new Map<SpiffeId, readonly WorkloadId[]>();
  readonly #holders = new Map<string, readonly WorkloadId[]>();
  readonly #backing = new Map<ServiceHost, readonly WorkloadId[]>();
  #waypoints: readonly WorkloadId[] | null = null;
  readonly #accounts = memoised(byServiceAccount);
  readonly #residents = memoised(byNamespace);

  constructor(judge: MeshJudge) {
    this.#judge = judge;
  }

  /** The very text by which the mesh knows a workload: finding it by another one of the same letters is slower. */
  spelling(id: WorkloadId): WorkloadId {
    return this.#judge.workloads.get(id)?.id ?? id;
  }

  /** The workloads of this cluster that run with an identity, none where it is foreign: what a principal alone can say of its owner. */
  owners(principal: SpiffeId): readonly WorkloadId[] {
    const found = this.#owners.get(principal) ?? this.#lookUp(principal);
    this.#owners.set(principal, found);
    return found;
  }

  #lookUp(principal: SpiffeId): readonly WorkloadId[] {
    const match = PRINCIPAL.exec(principal);
    return match === null ? NOBODY : (this.#accounts(this.#judge).get(`${match[1] ?? ""}/${match[2] ?? ""}`) ?? NOBODY);
  }

  /** A list of this principal alone: it stands in every edge of who has it. */
  readonly alone = memoised((principal: SpiffeId): readonly SpiffeId[] => [principal]);

  /** Workloads with an instance that has this address now. */
  holders(address: string): readonly WorkloadId[] {
    const found = this.#holders.get(address) ?? [...new Set(this.#judge.instancesByAddress(address).map(({ workload }) => workload))];
    this.#holders.set(address, found);
    return found;
  }

  /** Workloads that a Service leads to, by its host; none where it is no Service's. */
  backing(host: ServiceHost): readonly WorkloadId[] {
    const found = this.#backing.get(host) ?? this.#backed(host);
    this.#backing.set(host, found);
    return found;
  }

  #backed(host: ServiceHost): readonly WorkloadId[] {
    const namespace = namespaceOfHost(host);
    const residents = namespace === null ? NOBODY : (this.#residents(this.#judge).get(namespace) ?? NOBODY);
    return residents.filter((id) => this.#judge.workloadPorts(id).some(({ services }) => services.some((service) => service.host === host)));
  }

  get waypoints(): readonly WorkloadId[] {
    this.#waypoints ??= waypointsOf(this.#judge);
    return this.#waypoints;
  }

  /** The same directory of another mesh; `null` where anything that was asked would be answered otherwise. */
  of(judge: MeshJudge): Directory | null {
    if (judge === this.#judge) return this;
    const other = new Directory(judge);
    const changed = changedWorkloads(this.#judge.workloads, judge.workloads);
    const samePeople = changed === null ? this.#agrees(other) : changed.every(sameIdentities);
    const samePlaces = sameAnswers(this.#holders, (address) => other.holders(address)) && sameAnswers(this.#backing, (host) => other.backing(host));
    return samePeople && samePlaces ? this.#told(other) : null;
  }

  #agrees(other: Directory): boolean {
    const sameWaypoints = this.#waypoints === null || sameAnswers(new Map([["", this.#waypoints]]), () => other.waypoints);
    return sameWaypoints && sameAnswers(this.#owners, (principal) => other.owners(principal));
  }

  /** What was asked of this one is asked of the other, too. */
  #told(intoOther: Directory): Directory {
    for (const [principal, owners] of this.#owners) intoOther.#owners.set(principal, owners);
    intoOther.#waypoints = this.#waypoints;
    return intoOther;
  }
}
