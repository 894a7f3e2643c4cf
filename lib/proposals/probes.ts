import type { Gap, MeshJudge, MeshVerdicts, Pod, Workload } from "#mesh";
import { closesUnderStrict } from "./closing.ts";
import { listed } from "./listed.ts";

const REWRITE = "sidecar.istio.io/rewriteAppHTTPProbers";

/** Over HTTP or gRPC to a port that the proxy captures: STRICT refuses it. One that istiod rewrote goes to the proxy's own port. */
function refusedProbePorts({ containers, namespace, name }: Pod, judge: MeshJudge): readonly (number | string)[] {
  return containers.flatMap(({ probes = [], ports }) =>
    probes.flatMap(({ port }) => {
      const number = typeof port === "number" ? port : ports.find((named) => named.name === port)?.containerPort;
      const isRefused = number === undefined || closesUnderStrict(judge.serverMode({ namespace, name }, number));
      return isRefused ? [number ?? port] : [];
    }),
  );
}

/** Where probes were not read, the annotation alone tells. */
function leavesProbes({ annotations, containers }: Pod): boolean {
  return containers.every((container) => container.probes === undefined) && Object.hasOwn(annotations, REWRITE) && annotations[REWRITE] === "false";
}

/** The pods of these workloads that have a sidecar. */
export function sidecarPods({ snapshot }: MeshVerdicts, scoped: readonly Workload[]): ReadonlyMap<Pod, Workload> {
  const owners = new Map(scoped.flatMap((workload) => workload.instances.filter(({ dataPlaneMode }) => dataPlaneMode === "sidecar").map(({ ref }) => [`${ref.namespace}/${ref.name}`, workload] as const)));
  return new Map(snapshot.configuration.objects.Pod.flatMap((pod) => {
    const owner = owners.get(`${pod.namespace}/${pod.name}`);
    return owner === undefined ? [] : [[pod, owner]];
  }));
}

/** Probes that STRICT would refuse: the kubelet would take their pods for dead. */
export function probeDoubts(verdicts: MeshVerdicts, scoped: readonly Workload[]): readonly Gap[] {
  const pods = [...sidecarPods(verdicts, scoped)];
  const told = (some: readonly (readonly [Pod, Workload])[]): string => listed([...new Set(some.map(([, { id }]) => id))]);
  const left = pods.filter(([pod]) => leavesProbes(pod));
  const refused = pods.flatMap(([pod, workload]) => refusedProbePorts(pod, verdicts.judge).map((port) => [pod, workload, port] as const));
  const ports = [...new Set(refused.map(([, , port]) => String(port)))];
  return [
    ...(left.length === 0 ? [] : [{ wanted: `the kubelet's probes of ${told(left)}`, because: `annotation \`${REWRITE}\` leaves them plaintext: STRICT refuses those that arrive over HTTP or gRPC` }]),
    ...(refused.length === 0 ? [] : [{ wanted: `the kubelet's probes of ${told(refused.map(([pod, workload]) => [pod, workload] as const))} over HTTP or gRPC to port ${listed(ports)}`, because: "they go to a port that the proxy captures and not to its status port, and the kubelet sends plaintext: STRICT refuses them" }]),
  ];
}
