import type { MeshVerdicts, PolicyInForce, PortVerdict, RuleId, Workload, WorkloadId, WorkloadInstance } from "#mesh";
import { eachOnce, RULES, workloadIdParts } from "#mesh";
import type { PortView, WorkloadView } from "./detailView.ts";
import { viewsOf } from "./edge.ts";
import { gapView, objectView, verdictView } from "./sentences/reason.ts";

function answerKey({ targetPort, protocol, services, serverMode }: PortVerdict): string {
  return JSON.stringify([targetPort, protocol, services, serverMode]);
}

/** One row per port and answer: instances that agree share a row, those that do not stand apart. */
function portViews({ instances }: Workload, { judge }: MeshVerdicts): readonly PortView[] {
  const rows = new Map<string, { readonly port: PortVerdict; instances: number }>();
  for (const { ref } of instances) {
    for (const port of judge.ports(ref)) {
      const key = answerKey(port);
      const row = rows.get(key) ?? { port, instances: 0 };
      row.instances += 1;
      rows.set(key, row);
    }
  }
  return [...rows.values()].map(({ port, instances: agreeing }) => ({
    targetPort: port.targetPort,
    services: port.services,
    protocol: port.protocol,
    serverMode: verdictView(port.serverMode),
    instances: agreeing,
    ofInstances: instances.length,
  }));
}

function instanceView({ ref, addresses, nodeName, ready, serviceAccountName, dataPlaneMode }: WorkloadInstance): WorkloadView["instances"][number] {
  return { name: ref.name, addresses, node: nodeName, ready, serviceAccount: serviceAccountName, dataPlaneMode };
}

function says(rule: string | null): string {
  return rule !== null && Object.hasOwn(RULES, rule) ? `: ${RULES[rule as RuleId].says}` : "";
}

function policyView({ object, scope, mode, standing, rule }: PolicyInForce): WorkloadView["policies"][number] {
  return { object: objectView(object), scope, mode, note: `${standing}${says(rule)}` };
}

/** A workload that only telemetry still knows has its traffic and nothing else. */
function goneView(id: WorkloadId): Omit<WorkloadView, "incoming" | "outgoing"> {
  const gap = { wanted: `pods of \`${id}\``, because: "no pod of it exists now; telemetry still names it" };
  return { id, ...workloadIdParts(id), ownerKind: "", dataPlaneModes: [], instances: [], ports: [], policies: [], gaps: [gap] };
}

function presentView(workload: Workload, verdicts: MeshVerdicts): Omit<WorkloadView, "incoming" | "outgoing"> {
  const { id, ownerKind, instances } = workload;
  const ports = portViews(workload, verdicts);
  const gaps = eachOnce(ports.flatMap(({ serverMode }) => (serverMode.kind === "unknown" ? serverMode.gaps : [])));
  return {
    id,
    ...workloadIdParts(id),
    ownerKind,
    dataPlaneModes: [...new Set(instances.map(({ dataPlaneMode }) => dataPlaneMode))].sort(),
    instances: instances.map(instanceView),
    ports,
    policies: verdicts.judge.policies(id).map(policyView),
    gaps: gaps.map(gapView),
  };
}

/**
 * One workload: per port what it accepts and why, the policies that concern it, and its traffic in both directions.
 *
 * @returns `undefined` where neither the configuration nor telemetry knows it
 */
export function presentWorkload(verdicts: MeshVerdicts, id: WorkloadId): WorkloadView | undefined {
  const incoming = verdicts.edges.filter(({ server }) => server.kind === "workload" && server.id === id);
  const outgoing = verdicts.edges.filter(({ client }) => client.kind === "workload" && client.id === id);
  const workload = verdicts.judge.workloads.get(id);
  if (workload === undefined && incoming.length === 0 && outgoing.length === 0) return undefined;
  const view = workload === undefined ? goneView(id) : presentView(workload, verdicts);
  return { ...view, incoming: viewsOf(incoming, verdicts), outgoing: viewsOf(outgoing, verdicts) };
}
