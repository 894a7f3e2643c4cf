import type { ConfiguredPath, MeshJudge, MeshVerdicts, Workload, WorkloadId, WorkloadInstance } from "#mesh";
import { injectionLabel, workloadIdParts } from "#mesh";
import { seenCounts } from "../seenCounts.ts";
import { configuredText } from "./configured.ts";
import { accepting, always } from "./judged.ts";
import type { Explanation } from "./judged.ts";
import { listText } from "./quantity.ts";
import { ported } from "./scene.ts";
import type { Parties } from "./scene.ts";
import { bareClause, clientFix } from "./sending.ts";
import { waysLeftOpen } from "./ways.ts";

/** `foo/httpbin is PERMISSIVE on 8080 and STRICT on 8081`; `null` where no port is known */
export function acceptingClause(server: string, ways: readonly ConfiguredPath[]): string | null {
  return ways.length === 0 ? null : `${server} is ${listText([...new Set(ways.map((way) => accepting([way])))])}`;
}

function wasRefused({ edge }: Parties): boolean {
  const { plaintext, tls } = seenCounts(edge);
  return plaintext === 0 && tls === 0;
}

/** Where the pods of a workload that is gone came from. */
function lookForPods(id: WorkloadId, { snapshot: { configuration } }: MeshVerdicts): string {
  const { namespace: home } = workloadIdParts(id);
  const { Namespace: namespaces } = configuration.objects;
  const namespace = namespaces.find(({ name }) => name === home);
  if (namespaces.length > 0 && namespace === undefined) return `there is no namespace ${home} here: look in the cluster that it is of`;
  const label = namespace === undefined ? null : injectionLabel(namespace);
  const hint = label === null ? "" : ` (namespace ${home} is labelled ${label.key}=${label.value}, so pods that it gets from now on have one, unless they refuse it)`;
  return `see what made its pods (a Job, a Deployment that is gone, another cluster) and that they get a proxy${hint}; look again while one runs`;
}

/** A client that is named, and of which no pod is there any more: nothing of it can be read. */
export function goneClient(parties: Parties, id: WorkloadId): Explanation {
  const { client, server, edge } = parties;
  return {
    cause: `no pod of ${client} is there now, so nothing tells ${wasRefused(parties) ? "what it sends" : "why it sent plaintext"}`,
    admission: acceptingClause(server, waysLeftOpen(edge)),
    fix: (verdicts) => lookForPods(id, verdicts),
  };
}

/** What is said of a client that has an address and is no workload. */
export function stranger(parties: Parties, kind: "node" | "address" | "external"): Explanation {
  const { client, server, edge } = parties;
  const open = waysLeftOpen(edge);
  const stays = `what can have no proxy needs ${open.length === 0 ? "the port it calls" : ported(open.map(({ targetPort }) => targetPort))} PERMISSIVE, by a portLevelMtls entry`;
  const isNode = kind === "node";
  return {
    cause: isNode ? `it came from ${client}: from its kubelet, from a pod on its network, or from somebody whose address it put its own in place of` : `${client} is nothing that is known here: a load balancer, a machine outside, or a pod that is gone`,
    admission: acceptingClause(server, open),
    fix: always(isNode ? `see in the access log of ${server} when it calls, and what on ${client} does so then; ${stays}` : `see who has ${client}, and bring it into the mesh; ${stays}`),
  };
}

/** WorkloadEntries that register themselves are named after their WorkloadGroup, and telemetry may name the group. */
function entriesOf(id: WorkloadId, judge: MeshJudge): readonly string[] {
  const entries = (workload: Workload): readonly WorkloadInstance[] => workload.instances.filter(({ kind, ref }) => kind === "WorkloadEntry" && `${ref.namespace}/${ref.name}`.startsWith(`${id}-`));
  return [...judge.workloads.values()].flatMap(entries).map(({ ref }) => `WorkloadEntry ${ref.namespace}/${ref.name}`).sort();
}

/** A server that is named, and of which nothing is there under that name. */
export function goneServer({ client, server }: Parties, id: WorkloadId, judge: MeshJudge): Explanation {
  const entries = entriesOf(id, judge);
  const maybe = entries.length === 0 ? "" : `; if it is a WorkloadGroup, ${listText(entries)} may be of it`;
  return {
    cause: `nothing of the name ${server} is there now, so nothing tells what it accepts or what ${client} sends it${maybe}`,
    admission: null,
    fix: always(entries.length === 0 ? `look again when it is there, or see where it was: reports of the window name it` : `see what ${listText(entries)} is told of: its labels, its serviceAccount, and the policies that select it`),
  };
}

function areYounger(workload: Workload | undefined, thanMs: number | null): boolean {
  const instances = workload?.instances ?? [];
  return thanMs !== null && instances.length > 0 && instances.every(({ createdAtMs }) => createdAtMs !== null && createdAtMs > thanMs);
}

function areAmbient(workload: Workload | undefined): boolean {
  const instances = workload?.instances ?? [];
  return instances.length > 0 && instances.every(({ dataPlaneMode }) => dataPlaneMode === "ambient");
}

/** How a client that has a proxy sends plaintext all the same. */
function mayHaveCome({ clientWorkload }: Parties): string {
  if (areAmbient(clientWorkload)) return "before its pods were enrolled in ambient, or from a pod that is gone";
  return "by a pod's address, from an init container, before the proxy was ready, past an excluded port, or from a pod that is gone";
}

function look({ client, server, clientWorkload }: Parties): string {
  if (areAmbient(clientWorkload)) return `look at the log of the ztunnel of ${client} and at the access log of ${server} for the time`;
  return `look at the access log of ${server} for port and time, and at the traffic.sidecar.istio.io annotations of ${client}`;
}

const NEWER = "look again when the window holds nothing older than they are";

/** Pods that were replaced left what they sent behind, under the name of those that are there now. */
function replaced(parties: Parties): Explanation | null {
  const { client, server, clientWorkload, serverWorkload, edge } = parties;
  const [isClients, isServers] = [areYounger(clientWorkload, edge.lastPlaintextMs), areYounger(serverWorkload, edge.lastPlaintextMs)];
  if (!isClients && !isServers) return null;
  return {
    cause: `every pod of ${isClients ? client : server} is younger than this plaintext, which pods before them ${isClients ? "sent" : "took"}`,
    admission: edge.configured.length === 0 ? null : `for those that are there now configuration says ${configuredText(edge.configured)}`,
    fix: always(`nothing is to be mended unless it comes again: ${NEWER}`),
  };
}

function says(parties: Parties): string {
  const { server, edge } = parties;
  const open = waysLeftOpen(edge);
  if (edge.configured.length === 0) return "the configuration knows no port for it";
  if (open.length === edge.configured.length) return `configuration says ${configuredText(open)}`;
  return open.length === 0 ? `a proxy of ${server} reported it, and now none takes what arrives there` : `a proxy of ${server} reported it, and where one takes what arrives configuration says ${configuredText(open)}`;
}

/** No way that the configuration knows explains what was seen. */
export function unexplained(parties: Parties): Explanation {
  const { client, edge } = parties;
  const bare = bareClause(parties);
  if (bare !== undefined) {
    const admission = edge.configured.length === 0 ? "the configuration knows no port by which it came" : `by configuration it would be ${configuredText(edge.configured)}`;
    return { cause: bare, admission, fix: (verdicts) => clientFix(parties, "keep the port it calls", verdicts) };
  }
  return replaced(parties) ?? {
    cause: `${says(parties)}, yet this came from ${client}: ${mayHaveCome(parties)}`,
    admission: null,
    fix: ({ snapshot: { telemetry } }) => (areYounger(parties.clientWorkload, telemetry.windowStartMs) ? `every pod of ${client} is younger than the window, so ${NEWER}; if it comes again, ${look(parties)}` : look(parties)),
  };
}
