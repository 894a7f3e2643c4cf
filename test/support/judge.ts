// A judge with answers written by hand: tests of edges say what configuration answers, and nothing of how it is found.
import { known, unknown, workloadId, type Authorization, type ConfiguredPath, type MeshJudge, type ServerMode, type Transport, type Verdict, type Workload, type WorkloadId, type WorkloadInstance } from "#mesh";

export interface JudgeAnswers {
  readonly workloads?: readonly Workload[];
  /** the answer for every pair, or by pair */
  readonly paths?: (client: WorkloadId | null, server: WorkloadId) => readonly ConfiguredPath[];
  readonly ports?: MeshJudge["ports"];
}

export interface InstanceAnswers {
  readonly address?: string;
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly createdAtMs?: number;
  readonly dataPlaneMode?: WorkloadInstance["dataPlaneMode"];
}

/** A workload with one pod. */
export function workload(id: string, answers: InstanceAnswers = {}): Workload {
  const [namespace = "", name = ""] = id.split("/");
  const own = workloadId(namespace, name);
  const instance: WorkloadInstance = {
    workload: own, ref: { namespace, name: `${name}-1` }, kind: "Pod", dataPlaneMode: answers.dataPlaneMode ?? "sidecar", labels: {},
    addresses: answers.address === undefined ? [] : [answers.address], nodeName: answers.nodeName ?? null, hostNetwork: answers.hostNetwork ?? false,
    ready: true, serviceAccountName: answers.serviceAccountName ?? name, createdAtMs: answers.createdAtMs ?? null,
  };
  return { id: own, ownerKind: "Deployment", instances: [instance] };
}

const WHY = { rule: "PA-0", object: null, field: null } as const;
const GAP = { wanted: "`PeerAuthentication` objects", because: "forbidden" };

export interface PathAnswers {
  readonly transport: Transport | "unknown";
  readonly serverMode?: ServerMode;
  readonly authorization?: Authorization;
}

/** One way with the answers given; what is left out is unknown. */
export function path({ transport, serverMode, authorization = "allow" }: PathAnswers): ConfiguredPath {
  const verdict = <T>(value: T | "unknown" | undefined): Verdict<T> => (value === undefined || value === "unknown" ? unknown(GAP) : known(value as T, WHY));
  return {
    port: 8000, targetPort: 8080, portName: "http", pairs: 1, clientInstance: null, serverInstance: "httpbin-1",
    verdict: { clientMode: unknown(GAP), serverMode: verdict<ServerMode>(serverMode), transport: verdict<Transport>(transport), authorization: verdict<Authorization>(authorization) },
  };
}

export function judgeOf({ workloads = [], paths = () => [], ports = () => [] }: JudgeAnswers): MeshJudge {
  const instances = workloads.flatMap((one) => one.instances);
  const existing = new Map(workloads.map((one) => [one.id, one]));
  return {
    workloads: existing,
    gaps: [],
    rootNamespaces: ["istio-system"],
    connection: () => ({ clientMode: unknown(GAP), serverMode: unknown(GAP), transport: unknown(GAP), authorization: unknown(GAP) }),
    serverMode: () => unknown(GAP),
    ports,
    workloadPorts: (workload) => instances.filter((instance) => instance.workload === workload).flatMap(({ ref }) => ports(ref)),
    policies: () => [],
    peerModes: () => [],
    alteredBy: () => () => true,
    pastProxy: () => [],
    findings: () => [],
    instancesByAddress: (address) => instances.filter((instance) => instance.addresses.includes(address)),
    // there is no way to what is not there
    paths: (client, server) => (existing.has(server) ? paths(client, server) : []),
  };
}
