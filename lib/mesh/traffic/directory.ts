import type { MeshJudge } from "../judge.ts";
import { memoised } from "../order.ts";
import type { SpiffeId, WorkloadId } from "../vocabulary.ts";

const PRINCIPAL = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/;
const NOBODY: readonly WorkloadId[] = [];

/** Workloads by the service account of their pods. */
function byServiceAccount(judge: MeshJudge): ReadonlyMap<string, readonly WorkloadId[]> {
  const owners = new Map<string, WorkloadId[]>();
  for (const workload of judge.workloads.values()) {
    for (const account of new Set(workload.instances.map((instance) => `${instance.ref.namespace}/${instance.serviceAccountName}`))) {
      const known = owners.get(account);
      if (known === undefined) owners.set(account, [workload.id]);
      else known.push(workload.id);
    }
  }
  return owners;
}

function waypointsOf(judge: MeshJudge): readonly WorkloadId[] {
  return [...judge.workloads.values()].filter(({ instances }) => instances.some(({ dataPlaneMode }) => dataPlaneMode === "waypoint")).map(({ id }) => id);
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
  #waypoints: readonly WorkloadId[] | null = null;
  readonly #accounts = memoised(byServiceAccount);

  constructor(judge: MeshJudge) {
    this.#judge = judge;
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

  /** Workloads with an instance that has this address now. */
  holders(address: string): readonly WorkloadId[] {
    const found = this.#holders.get(address) ?? [...new Set(this.#judge.instancesByAddress(address).map(({ workload }) => workload))];
    this.#holders.set(address, found);
    return found;
  }

  get waypoints(): readonly WorkloadId[] {
    this.#waypoints ??= waypointsOf(this.#judge);
    return this.#waypoints;
  }

  /** The same directory of another mesh; `null` where anything that was asked would be answered otherwise. */
  of(judge: MeshJudge): Directory | null {
    if (judge === this.#judge) return this;
    const other = new Directory(judge);
    const sameWaypoints = this.#waypoints === null || sameAnswers(new Map([["", this.#waypoints]]), () => other.waypoints);
    const agrees = sameWaypoints && sameAnswers(this.#owners, (principal) => other.owners(principal)) && sameAnswers(this.#holders, (address) => other.holders(address));
    return agrees ? other : null;
  }
}
