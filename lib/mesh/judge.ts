import type { MeshChange } from "./change/change.ts";
import type { ConnectionQuestion, ConnectionVerdict, InstanceRef } from "./connection.ts";
import type { Finding } from "./findings/finding.ts";
import type { Labels, PeerAuthentication } from "./snapshot.ts";
import type { ConfiguredPath, Edge } from "./traffic/edge.ts";
import type { Answer, Gap, ObjectRef, Verdict } from "./verdict.ts";
import type { DataPlaneMode, PeerMode, ProtocolFamily, ServerMode, ServiceHost, WorkloadId } from "./vocabulary.ts";

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

/** A way to a workload that passes no proxy, whatever its ports accept: STRICT is not enforced there. */
export type PastProxy =
  /** an instance without a proxy that declares no port */
  | { readonly kind: "no proxy" }
  /** left out of capture, and declared by nothing */
  | { readonly kind: "ports"; readonly ports: readonly number[] }
  /** only ports that are named are captured, or none */
  | { readonly kind: "undeclared ports" }
  | { readonly kind: "interfaces"; readonly interfaces: readonly string[] }
  | { readonly kind: "UDP"; readonly ports: readonly number[] };

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

/** What a PeerAuthentication is written for. */
export type PolicyScope =
  | { readonly kind: "mesh" }
  | { readonly kind: "namespace"; readonly namespace: string }
  | { readonly kind: "workload"; readonly namespace: string; readonly name: string };

/** What PeerAuthentications say of a scope to the proxies of one control plane, on ports for which they say nothing else. */
export interface ScopeMode {
  /** by this control plane's mesh configuration: a policy without selector there is for the whole mesh */
  readonly rootNamespace: Answer<string>;
  readonly mode: Verdict<PeerMode>;
  /** whose mode it is, of those that were read; `null`: Istio's default */
  readonly decidedBy: PeerAuthentication | null;
  /** the one that counts of those written for just this scope, whether it says a mode or inherits: to change the mode is to change it. `null`: there is none */
  readonly own: Answer<PeerAuthentication | null>;
  /** whether the control plane looks where `own` lies, or would (`discoverySelectors`): else whatever is written there does nothing */
  readonly isRead: boolean;
}

/** The engine over one configuration: answers any question about it. Answers are plain values; equal questions give equal answers. */
export interface MeshJudge {
  readonly workloads: ReadonlyMap<WorkloadId, Workload>;
  /** what keeps verdicts unknown, each once */
  readonly gaps: readonly Gap[];
  /** namespaces whose policies are for the whole mesh, as any control plane has it */
  readonly rootNamespaces: readonly string[];
  connection(question: ConnectionQuestion): ConnectionVerdict;
  serverMode(server: InstanceRef, targetPort: number): Verdict<ServerMode>;
  /** declared ports first; ports that only a PeerAuthentication names are there too */
  ports(server: InstanceRef): readonly PortVerdict[];
  /** the ports of a workload; instances that are alike are told of once, by one of them */
  workloadPorts(workload: WorkloadId): readonly PortVerdict[];
  /** ways to it that no port of it tells of */
  pastProxy(workload: WorkloadId): readonly PastProxy[];
  policies(workload: WorkloadId): readonly PolicyInForce[];
  /**
   * What PeerAuthentications say of a scope: once for each control plane that a proxy in it goes by, and of a workload once for each policy that its instances obey.
   * Empty where nothing in it obeys any.
   */
  peerModes(scope: PolicyScope): readonly ScopeMode[];
  /** instances that have this address now; hostNetwork pods share their node's */
  instancesByAddress(address: string): readonly WorkloadInstance[];
  /**
   * Every way a client workload can reach a server workload through a host on ports of a family, equal answers told once with their number.
   * `client` null: the sender has no name, and what it sends is unknown. `host` null: dialled by address.
   */
  paths(client: WorkloadId | null, server: WorkloadId, host: ServiceHost | null, family: ProtocolFamily): readonly ConfiguredPath[];
  /**
   * Says of edges whether a change of PeerAuthentications can alter what configuration says of them: those of the servers that it is for, and of clients that read
   * the policy of the namespace whose Service they dial. Wider than needed is slower; narrower would be wrong.
   */
  alteredBy(change: MeshChange): (edge: Pick<Edge, "client" | "server" | "host" | "family">) => boolean;
  /** configuration that does not do what it seems to do, worst first; looked for when first asked */
  findings(): readonly Finding[];
}
