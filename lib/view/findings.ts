import type { Edge, Finding, MeshVerdicts } from "#mesh";
import { observedFindings, workloadIdParts } from "#mesh";
import { shellWord } from "#proposals";
import type { FindingView, FindingsView } from "./findingsView.ts";
import { digestOf, digestText, nodeId } from "./identify.ts";
import { consequenceSentence, findingSentence, fixSentence } from "./sentences/finding.ts";
import { injectionsIn } from "./sentences/injection.ts";
import type { Injections } from "./sentences/injection.ts";
import { gapView, objectView } from "./sentences/reason.ts";

/** Kinds whose short name another group has too. */
const RESOURCES: ReadonlyMap<string, string> = new Map([
  ["PeerAuthentication", "peerauthentication.security.istio.io"],
  ["AuthorizationPolicy", "authorizationpolicy.security.istio.io"],
  ["DestinationRule", "destinationrule.networking.istio.io"],
  ["VirtualService", "virtualservice.networking.istio.io"],
  ["Sidecar", "sidecar.networking.istio.io"],
  ["ServiceEntry", "serviceentry.networking.istio.io"],
  ["WorkloadEntry", "workloadentry.networking.istio.io"],
  ["EnvoyFilter", "envoyfilter.networking.istio.io"],
  ["ControlPlane", "deployment"],
]);

const LABELS = "metadata.labels.";

/** What a finding is about; a label of a namespace's pods shows on these. `type/name` is one word, so that no name can be read as a flag. */
function command({ object: { kind, namespace, name }, field, fieldOf }: Finding): string {
  if (fieldOf === "its pods") {
    const columns = field?.startsWith(LABELS) === true ? [shellWord(`--label-columns=${field.slice(LABELS.length)}`)] : [];
    return ["kubectl get pods", shellWord(`--namespace=${name}`), ...columns].join(" ");
  }
  const scope = namespace === "" ? [] : [shellWord(`--namespace=${namespace}`)];
  return ["kubectl get", shellWord(`${RESOURCES.get(kind) ?? kind.toLowerCase()}/${name}`), ...scope, "--output=yaml"].join(" ");
}

function namespacesOf({ object, affected }: Finding): readonly string[] {
  const own = object.kind === "Namespace" ? object.name : object.namespace;
  return [...new Set([own, ...affected.map((id) => workloadIdParts(id).namespace)])].filter((namespace) => namespace !== "").sort();
}

/** Connections of ambient clients to the servers of a finding that is about such clients; `null` where it is not. */
function calledBy({ consequence, affected }: Finding, ambient: readonly Edge[]): number | null {
  if (consequence.kind !== "sends" || consequence.clients.kind !== "ambient") return null;
  const servers = new Set(affected);
  return ambient.filter(({ server }) => server.kind === "workload" && servers.has(server.id)).length;
}

function ambientEdges({ judge, edges }: MeshVerdicts): readonly Edge[] {
  const ambient = new Set([...judge.workloads.values()].filter(({ instances }) => instances.some(({ dataPlaneMode }) => dataPlaneMode === "ambient")).map(({ id }) => id));
  return ambient.size === 0 ? [] : edges.filter(({ client }) => client.kind === "workload" && ambient.has(client.id));
}

/** A finding, and how often what it is about was seen, where it is about clients that need not exist. */
interface Told {
  readonly finding: Finding;
  readonly called: number | null;
}

/** In the order in which they come, but what nobody was seen doing after all else of its severity. */
function seenFirst(told: readonly Told[]): readonly Told[] {
  const severities = [...new Set(told.map(({ finding: { severity } }) => severity))];
  return severities.flatMap((severity) => {
    const own = told.filter(({ finding }) => finding.severity === severity);
    return [...own.filter(({ called }) => called !== 0), ...own.filter(({ called }) => called === 0)];
  });
}

function findingView({ finding, called }: Told, injections: Injections): Omit<FindingView, "id"> {
  const { rule, severity, object, field, fieldOf, value, because, affected, hosts, ports } = finding;
  return {
    rule,
    severity,
    object: objectView(object),
    field,
    fieldOf,
    value,
    because: because === null ? null : objectView(because),
    sentence: findingSentence(finding),
    consequence: consequenceSentence(finding, called),
    fix: fixSentence(finding, injections),
    affected: affected.map((id) => nodeId({ kind: "workload", id }, { kind: "unidentified" })),
    hosts,
    ports,
    namespaces: namespacesOf(finding),
    command: command(finding),
  };
}

function key({ rule, object, field, consequence }: Finding): string {
  return JSON.stringify([rule, object.kind, object.namespace, object.name, field, consequence]);
}

/** Configuration that does not do what it seems to do, as sentences: what Istio does, what follows here, what would mend it. */
export function presentFindings(verdicts: MeshVerdicts): FindingsView {
  const { judge } = verdicts;
  const injections = injectionsIn(verdicts);
  const ambient = ambientEdges(verdicts);
  const told = observedFindings(verdicts).map((finding): Told => ({ finding, called: calledBy(finding, ambient) }));
  const findings = seenFirst(told).map((one) => ({ id: digestText(digestOf(key(one.finding))), ...findingView(one, injections) }));
  return { schema: "mtlscope-findings/1", findings, gaps: judge.gaps.map(gapView) };
}
