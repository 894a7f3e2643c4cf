import { EMPTY_CONFIGURATION, judgeMesh, known, serviceHost, unknown, workloadId, workloadIdParts } from "#mesh";
import type {
  ClientMode, Configuration, ConfiguredPath, ConnectionVerdict, DataPlaneMode, Edge, EdgeState, InstanceRef, Labels, MeshJudge, MeshVerdicts, Namespace, ObservedCounts, Party,
  PeerAuthentication, Pod, PolicyInForce, PortVerdict, Reason, RuleId, Sender, ServerMode, ServiceHost, Telemetry, Transport, Workload, WorkloadId,
} from "#mesh";

export const AT_MS = Date.UTC(2026, 0, 5, 12, 0, 0);
const MINUTE_MS = 60_000;
const RULE: RuleId = "PA-0";

export interface WorkloadSpec {
  readonly id: string;
  readonly dataPlaneMode?: DataPlaneMode;
  readonly ownerKind?: string;
  readonly hostNetwork?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly accepts?: ServerMode | "unknown";
  readonly policies?: readonly PolicyInForce[];
}

export function id(text: string): WorkloadId {
  const [namespace = "", name = ""] = text.split("/");
  return workloadId(namespace, name);
}

export function reason(rest: Partial<Reason> = {}): Reason {
  return { rule: RULE, object: null, field: null, ...rest };
}

function workload(spec: WorkloadSpec): Workload {
  const { namespace, name } = workloadIdParts(id(spec.id));
  const instance = {
    workload: id(spec.id),
    ref: { namespace, name: `${name}-1` },
    kind: "Pod" as const,
    dataPlaneMode: spec.dataPlaneMode ?? "sidecar",
    labels: spec.labels ?? { app: name },
    addresses: ["10.244.1.30"],
    nodeName: "node-1",
    hostNetwork: spec.hostNetwork ?? false,
    ready: true,
    serviceAccountName: "default",
    createdAtMs: null,
  };
  return { id: id(spec.id), ownerKind: spec.ownerKind ?? "Deployment", instances: [instance] };
}

function join(sends: ClientMode, accepts: ServerMode): Transport {
  const isMtls = sends === "AUTO_MTLS";
  if (accepts === "STRICT") return isMtls ? "mTLS" : "blocked";
  if (accepts === "PERMISSIVE") return isMtls ? "mTLS" : "plaintext";
  return isMtls ? "blocked" : "plaintext";
}

const GAP = { wanted: "what `unidentified` sends", because: "nothing names it" };

function verdictOf(sends: ClientMode | null, accepts: ServerMode | "unknown"): ConnectionVerdict {
  const serverMode = accepts === "unknown" ? unknown({ wanted: "`PeerAuthentication` objects", because: "forbidden" }) : known(accepts, reason());
  const clientMode = sends === null ? unknown(GAP) : known(sends, reason());
  const transport = sends === null || accepts === "unknown" ? unknown(GAP) : known(join(sends, accepts), reason());
  return { clientMode, serverMode, transport, authorization: known("allow", reason()) };
}

/** Clients with a proxy send mTLS unless the server is DISABLE; the others send plaintext. Every server has one port, 8080. */
export function judge(specs: readonly WorkloadSpec[]): MeshJudge {
  const workloads = new Map(specs.map((spec) => [id(spec.id), workload(spec)]));
  const accepts = new Map(specs.map((spec) => [id(spec.id), spec.accepts ?? (spec.dataPlaneMode === "none" ? "NONE" : "PERMISSIVE")]));
  const serverMode = (server: WorkloadId): ServerMode | "unknown" => accepts.get(server) ?? "unknown";
  const owner = (name: string, namespace: string): WorkloadId => workloadId(namespace, name.replace(/-1$/, ""));
  const sends = (client: WorkloadId | null, server: WorkloadId): ClientMode | null => {
    const mode = client === null ? undefined : workloads.get(client)?.instances[0]?.dataPlaneMode;
    if (mode === undefined) return null;
    if (mode === "none") return "NONE";
    return serverMode(server) === "DISABLE" || serverMode(server) === "NONE" ? "AUTO_PLAINTEXT" : "AUTO_MTLS";
  };
  const paths = (client: WorkloadId | null, server: WorkloadId): readonly ConfiguredPath[] => [
    {
      port: 8000,
      targetPort: 8080,
      portName: "http",
      pairs: 1,
      clientInstance: client === null ? null : `${workloadIdParts(client).name}-1`,
      serverInstance: `${workloadIdParts(server).name}-1`,
      verdict: verdictOf(sends(client, server), serverMode(server)),
    },
  ];
  const portsOf = (server: InstanceRef): readonly PortVerdict[] => [{ instance: server, targetPort: 8080, protocol: "HTTP", services: [], serverMode: verdictOf(null, serverMode(owner(server.name, server.namespace))).serverMode }];
  return {
    workloads,
    gaps: [],
    rootNamespaces: ["istio-system"],
    connection: (question) => verdictOf(sends(owner(question.client.name, question.client.namespace), owner(question.server.name, question.server.namespace)), serverMode(owner(question.server.name, question.server.namespace))),
    serverMode: (server) => verdictOf(null, serverMode(owner(server.name, server.namespace))).serverMode,
    ports: portsOf,
    workloadPorts: (workload) => (workloads.get(workload)?.instances ?? []).flatMap(({ ref }) => portsOf(ref)),
    pastProxy: () => [],
    findings: () => [],
    peerModes: () => [],
    alteredBy: () => () => true,
    policies: (workload) => specs.find((spec) => id(spec.id) === workload)?.policies ?? [],
    instancesByAddress: () => [],
    paths,
  };
}

export interface EdgeSpec {
  readonly from: string | null;
  readonly to: string;
  readonly counts?: Partial<ObservedCounts>;
  readonly state: EdgeState;
  readonly family?: "http" | "tcp";
  readonly sender?: Partial<Sender>;
  readonly rest?: Partial<Edge>;
}

function party(text: string | null): Party {
  return text === null ? { kind: "unidentified" } : { kind: "workload", id: id(text) };
}

function hostOf(server: string): ServiceHost {
  const { namespace, name } = workloadIdParts(id(server));
  return serviceHost(`${name}.${namespace}.svc.cluster.local`);
}

export function edge(spec: EdgeSpec, by: MeshJudge): Edge {
  const counts = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0, ...spec.counts };
  const family = spec.family ?? "http";
  return {
    key: `${spec.from ?? "unidentified"} ${spec.to} ${hostOf(spec.to)} ${family}`,
    client: party(spec.from),
    server: party(spec.to),
    host: hostOf(spec.to),
    family,
    state: spec.state,
    rule: "EDGE-4",
    counts,
    bytes: 0,
    extrapolated: false,
    observations: [],
    lastSeenMs: AT_MS - 3_000,
    lastPlaintextMs: counts.plaintext > 0 ? AT_MS - 3_000 : null,
    sender: { confidence: spec.from === null ? "unidentified" : counts.plaintext > 0 ? "address, one owner" : "proved by identity", principals: [], addresses: [], candidates: [], evidence: [], ...spec.sender },
    configured: by.paths(spec.from === null ? null : id(spec.from), id(spec.to), hostOf(spec.to), family),
    gaps: [],
    disagreement: null,
    ...spec.rest,
  };
}

export const TELEMETRY: Telemetry = {
  windowStartMs: AT_MS - 15 * MINUTE_MS,
  windowEndMs: AT_MS,
  rows: [],
  lookBackRows: [],
  lookBackStartMs: AT_MS - 75 * MINUTE_MS,
  covered: [{ startMs: AT_MS - 15 * MINUTE_MS, endMs: AT_MS }],
  gaps: [],
  queries: [{ purpose: "requests", text: "sum(increase(istio_requests_total[15m]))" }],
};

export function namespace(name: string): Namespace {
  return { kind: "Namespace", namespace: "", name, labels: {}, annotations: {}, createdAtMs: AT_MS };
}

export function policy(namespaceName: string, rest: Partial<PeerAuthentication> = {}): PeerAuthentication {
  return { kind: "PeerAuthentication", namespace: namespaceName, name: "default", labels: {}, annotations: {}, createdAtMs: AT_MS - MINUTE_MS, selector: null, mode: "PERMISSIVE", portLevelMtls: {}, ...rest };
}

function pod({ id: name, ...spec }: WorkloadSpec): Pod {
  const { instances, ownerKind } = workload({ id: name, ...spec });
  const [{ ref, labels, addresses, hostNetwork } = { ref: { namespace: "", name: "" }, labels: {}, addresses: [], hostNetwork: false }] = instances;
  const owner = { kind: ownerKind, name: workloadIdParts(id(name)).name };
  return {
    kind: "Pod", ...ref, labels, annotations: spec.annotations ?? {}, createdAtMs: AT_MS, owner, serviceAccountName: "default",
    hostNetwork, nodeName: "node-1", phase: "Running", deleting: false, ready: true, ips: addresses, containers: [],
  };
}

export interface MeshSpec {
  readonly workloads: readonly WorkloadSpec[];
  readonly edges: readonly EdgeSpec[];
  readonly policies?: readonly PeerAuthentication[];
  readonly namespaceLabels?: Readonly<Record<string, Labels>>;
  /** of the istiods that run */
  readonly revisions?: readonly string[];
  readonly configuration?: Partial<Configuration>;
  readonly telemetry?: Partial<Telemetry>;
}

const PROXY = { sidecar: "sidecar", gateway: "router", waypoint: "waypoint" } as const;

/** The same, as the engine recognises what it is in the mesh. */
function recognised(spec: WorkloadSpec): Pod {
  const plain = pod(spec);
  const mode = spec.dataPlaneMode ?? "sidecar";
  if (mode === "none") return plain;
  if (mode === "ambient") return { ...plain, annotations: { ...plain.annotations, "ambient.istio.io/redirection": "enabled" } };
  if (mode === "grpc-proxyless") return { ...plain, annotations: { ...plain.annotations, "inject.istio.io/templates": "grpc-agent" } };
  return { ...plain, containers: [{ name: "istio-proxy", init: "app", args: ["proxy", PROXY[mode]], ports: [], runAsUser: null }] };
}

/** What PeerAuthentications say, and what a change of them reaches, is the engine's own answer: these pictures have real ones. */
function ofPolicies(configuration: Configuration, workloads: readonly WorkloadSpec[]): Pick<MeshJudge, "peerModes" | "policies" | "rootNamespaces" | "alteredBy"> {
  const real = judgeMesh({ ...configuration, objects: { ...configuration.objects, Pod: workloads.map(recognised) } });
  const given = new Map(workloads.flatMap(({ id: name, policies }) => (policies === undefined ? [] : [[id(name), policies] as const])));
  return { rootNamespaces: real.rootNamespaces, peerModes: (scope) => real.peerModes(scope), alteredBy: (change) => real.alteredBy(change), policies: (workload) => given.get(workload) ?? real.policies(workload) };
}

export function verdicts({ workloads, edges, policies = [], namespaceLabels = {}, revisions = [], configuration = {}, telemetry = {} }: MeshSpec): MeshVerdicts {
  const by = judge(workloads);
  const names = new Set(workloads.map((spec) => workloadIdParts(id(spec.id)).namespace));
  const objects = {
    ...EMPTY_CONFIGURATION.objects,
    Namespace: [...names].map((name) => ({ ...namespace(name), labels: namespaceLabels[name] ?? {} })),
    Pod: workloads.map(pod),
    PeerAuthentication: policies,
    ControlPlane: revisions.map((revision) => ({ kind: "ControlPlane" as const, namespace: "istio-system", name: `istiod-${revision}`, revision, version: null, env: {} })),
  };
  const whole = { ...EMPTY_CONFIGURATION, objects, ...configuration };
  return {
    snapshot: { capturedAtMs: AT_MS, configuration: whole, telemetry: { ...TELEMETRY, ...telemetry } },
    judge: { ...by, ...ofPolicies(whole, workloads) },
    edges: edges.map((spec) => edge(spec, by)).sort((left, right) => (left.key < right.key ? -1 : 1)),
    gaps: telemetry.gaps ?? [],
  };
}

/** The classic migration: foo and bar in sidecars, legacy without, everyone calls httpbin. */
export const CLASSIC_WORKLOADS: readonly WorkloadSpec[] = [
  { id: "foo/httpbin" }, { id: "foo/sleep" }, { id: "bar/httpbin" }, { id: "bar/sleep" }, { id: "legacy/sleep", dataPlaneMode: "none" },
];

export const CLASSIC_EDGES: readonly EdgeSpec[] = [
  { from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 450 }, state: "mTLS" },
  { from: "bar/sleep", to: "foo/httpbin", counts: { mtls: 450 }, state: "mTLS" },
  { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 450 }, state: "plaintext", sender: { addresses: ["10.244.1.30"], evidence: [{ method: "peer metadata", count: 450, lastSeenMs: null }] } },
  { from: "foo/sleep", to: "bar/httpbin", counts: { mtls: 450 }, state: "mTLS" },
  { from: "bar/sleep", to: "bar/httpbin", counts: { mtls: 450 }, state: "mTLS" },
  { from: "legacy/sleep", to: "bar/httpbin", counts: { plaintext: 450 }, state: "plaintext" },
];
