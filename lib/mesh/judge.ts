import type { ConnectionQuestion, ConnectionVerdict, InstanceRef } from "./connection.ts";
import type { Finding } from "./findings/finding.ts";
import type { Labels } from "./snapshot.ts";
import type { ConfiguredPath } from "./traffic/edge.ts";
import type { Gap, ObjectRef, Verdict } from "./verdict.ts";
import type { DataPlaneMode, ProtocolFamily, ServerMode, ServiceHost, WorkloadId } from "./vocabulary.ts";

/** One pod or WorkloadEntry, with what the mesh makes of it. */
export interface WorkloadInstance {
  readonly workload: WorkloadId;
  readonly ref: InstanceRef;
  readonly kind: "Pod" | "WorkloadEntry";
  readonly dataPlaneMode: DataPlaneMode;
  /** as istiod sees them, topology labels included */
  readonly labels: Labels;
  readonly addresses: readonly string[];
  readonly nodeName: string | null;
  readonly hostNetwork: boolean;
  readonly ready: boolean;
  readonly serviceAccountName: string;
  /** of a pod, where that is known */
  readonly createdAtMs: number | null;
}

/** All instances that share an owner. */
export interface Workload {
  readonly id: WorkloadId;
  readonly ownerKind: string;
  readonly instances: readonly WorkloadInstance[];
}

export type InboundProtocol = "HTTP" | "TCP" | "AUTO" | "UDP";

/** A target port of an instance, the Services that lead to it, and what is enforced there. */
export interface PortVerdict {
  readonly instance: InstanceRef;
  readonly targetPort: number;
  readonly protocol: InboundProtocol;
  readonly services: readonly { readonly host: ServiceHost; readonly port: number; readonly name: string | null }[];
  readonly serverMode: Verdict<ServerMode>;
}

/** A PeerAuthentication that concerns a workload, winning or not. */
export interface PolicyInForce {
  readonly object: ObjectRef;
  readonly scope: "mesh" | "namespace" | "workload";
  /** `STRICT`, `PERMISSIVE`, `DISABLE`, `UNSET`, as written */
  readonly mode: string;
  readonly standing: "in force" | "overridden" | "ignored";
  /** why, for the last two */
  readonly rule: string | null;
}

/** The engine over one configuration: answers any question about it. Answers are plain values; equal questions give equal answers. */
export interface MeshJudge {
  readonly workloads: ReadonlyMap<WorkloadId, Workload>;
  /** what keeps verdicts unknown, each once */
  readonly gaps: readonly Gap[];
  connection(question: ConnectionQuestion): ConnectionVerdict;
  serverMode(server: InstanceRef, targetPort: number): Verdict<ServerMode>;
  /** declared ports first; ports that only a PeerAuthentication names are there too */
  ports(server: InstanceRef): readonly PortVerdict[];
  /** the ports of a workload; instances that are alike are told of once, by one of them */
  workloadPorts(workload: WorkloadId): readonly PortVerdict[];
  policies(workload: WorkloadId): readonly PolicyInForce[];
  /** whether the control planes of all its instances look into a namespace (`discoverySelectors`): policies elsewhere do nothing to it */
  isReadFor(workload: WorkloadId, namespace: string): boolean;
  /** instances that have this address now; hostNetwork pods share their node's */
  instancesByAddress(address: string): readonly WorkloadInstance[];
  /**
   * Every way a client workload can reach a server workload through a host on ports of a family, equal answers told once with their number.
   * `client` null: the sender has no name, and what it sends is unknown. `host` null: dialled by address.
   */
  paths(client: WorkloadId | null, server: WorkloadId, host: ServiceHost | null, family: ProtocolFamily): readonly ConfiguredPath[];
  /** configuration that does not do what it seems to do, worst first; looked for when first asked */
  findings(): readonly Finding[];
}
