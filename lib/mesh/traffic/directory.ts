import type { MeshJudge, Workload, WorkloadInstance } from "../judge.ts";
import { appendUnder, memoised } from "../order.ts";
import { namespaceOfHost, workloadIdParts, type ServiceHost, type SpiffeId, type WorkloadId } from "../vocabulary.ts";
import type { TrustDomains } from "./trustDomains.ts";

const PRINCIPAL = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/;
const NOBODY: readonly WorkloadId[] = [];

/** Whom a certificate of the mesh is for. */
interface Identity {
  readonly trustDomain: string;
  readonly namespace: string;
  /** `namespace/service account` */
  readonly account: string;
}

/** @returns `null` where it has not the form of Istio's */
function identityIn(principal: SpiffeId): Identity | null {
  const [, trustDomain = "", namespace = "", account = ""] = PRINCIPAL.exec(principal) ?? [];
  return namespace === "" ? null : { trustDomain, namespace, account: `${namespace}/${account}` };
}

/** Of a machine without account nothing is known. */
function accountOf({ kind, ref: { namespace }, serviceAccountName: name }: WorkloadInstance): string | null {
  if (name === "") return kind === "Pod" ? `${namespace}/default` : null;
  return `${namespace}/${name}`;
}

/** Workloads by the service account of their pods. */
function byServiceAccount(judge: MeshJudge): ReadonlyMap<string, readonly WorkloadId[]> {
  const owners = new Map<string, WorkloadId[]>();
  for (const workload of judge.workloads.values()) {
    for (const account of new Set(workload.instances.map(accountOf))) if (account !== null) appendUnder(owners, account, workload.id);
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
  readonly #domains: TrustDomains | null;
  #owners = new Map<SpiffeId, readonly WorkloadId[]>();
  readonly #holders = new Map<string, readonly WorkloadId[]>();
  #existing = new Map<WorkloadId, boolean>();
  readonly #identity = memoised(identityIn);
  readonly #backing = new Map<ServiceHost, readonly WorkloadId[]>();
  #waypoints: readonly WorkloadId[] | null = null;
  readonly #accounts = memoised(byServiceAccount);
  readonly #residents = memoised(byNamespace);

  /** @param domains `null`: not known */
  constructor(judge: MeshJudge, domains: TrustDomains | null) {
    this.#judge = judge;
    this.#domains = domains;
  }

  /** The very text by which the mesh knows a workload, in place of an equal one that was put together from a row. */
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
    const identity = this.#identity(principal);
    return identity === null || !this.#isOwn(identity) ? NOBODY : (this.#accounts(this.#judge).get(identity.account) ?? NOBODY);
  }

  #isOwn({ trustDomain }: Identity): boolean {
    return this.#domains === null || this.#domains.own.has(trustDomain);
  }

  /** Whether it is an identity of another mesh. */
  isForeign(principal: SpiffeId): boolean {
    const identity = this.#identity(principal);
    return identity !== null && !this.#isOwn(identity);
  }

  /** Whether servers of the mesh take it for one of theirs: another certificate that a client has is no mesh mTLS. */
  isOfMesh(principal: SpiffeId): boolean {
    const identity = this.#identity(principal);
    return identity !== null && (this.#domains === null || this.#domains.accepted.has(identity.trustDomain));
  }

  exists(id: WorkloadId): boolean {
    const found = this.#existing.get(id) ?? this.#judge.workloads.has(id);
    this.#existing.set(id, found);
    return found;
  }

  /** Whether a workload can have an identity: another namespace's it cannot, nor one that none of its pods runs with. */
  mayHave(id: WorkloadId, principal: SpiffeId): boolean {
    if (this.owners(principal).includes(id)) return true;
    const identity = this.#identity(principal);
    if (identity?.namespace !== workloadIdParts(id).namespace) return false;
    return this.#judge.workloads.get(id)?.instances.some((instance) => accountOf(instance) === null) ?? true;
  }

  /** A list of this principal alone: it stands in every edge of who has it. */
  readonly alone = memoised((principal: SpiffeId): readonly SpiffeId[] => [principal]);

  /** Workloads with an instance that has this address now, and to itself: a node's is whose NodePorts lead anywhere. @see rule SND-9 */
  holders(address: string): readonly WorkloadId[] {
    const found = this.#holders.get(address) ?? this.#held(address);
    this.#holders.set(address, found);
    return found;
  }

  #held(address: string): readonly WorkloadId[] {
    const instances = this.#judge.instancesByAddress(address);
    return instances.some(({ hostNetwork }) => hostNetwork) ? NOBODY : [...new Set(instances.map(({ workload }) => workload))];
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
  of(judge: MeshJudge, domains: TrustDomains | null): Directory | null {
    if (domains !== this.#domains) return null;
    if (judge === this.#judge) return this;
    const other = new Directory(judge, domains);
    const changed = changedWorkloads(this.#judge.workloads, judge.workloads);
    const samePeople = changed === null ? this.#agrees(other) : changed.every(sameIdentities);
    const samePlaces = sameAnswers(this.#holders, (address) => other.holders(address)) && sameAnswers(this.#backing, (host) => other.backing(host));
    return samePeople && samePlaces ? this.#told(other) : null;
  }

  #agrees(other: Directory): boolean {
    const sameWaypoints = this.#waypoints === null || sameAnswers(new Map([["", this.#waypoints]]), () => other.waypoints);
    const sameExist = [...this.#existing].every(([id, exists]) => other.exists(id) === exists);
    return sameWaypoints && sameExist && sameAnswers(this.#owners, (principal) => other.owners(principal));
  }

  /** What was asked of this one is asked of the other, too. The answers are the same: they are kept together from now on. */
  #told(intoOther: Directory): Directory {
    intoOther.#owners = this.#owners;
    intoOther.#existing = this.#existing;
    intoOther.#waypoints = this.#waypoints;
    return intoOther;
  }
}
