import type { Finding, MeshVerdicts, ObjectRef } from "#mesh";
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

/** `type/name` is one word, so that no name can be read as a flag. */
function command({ kind, namespace, name }: ObjectRef): string {
  const scope = namespace === "" ? [] : [shellWord(`--namespace=${namespace}`)];
  return ["kubectl get", shellWord(`${RESOURCES.get(kind) ?? kind.toLowerCase()}/${name}`), ...scope, "--output=yaml"].join(" ");
}

function namespacesOf({ object, affected }: Finding): readonly string[] {
  const own = object.kind === "Namespace" ? object.name : object.namespace;
  return [...new Set([own, ...affected.map((id) => workloadIdParts(id).namespace)])].filter((namespace) => namespace !== "").sort();
}

function findingView(finding: Finding, injections: Injections): Omit<FindingView, "id"> {
  const { rule, severity, object, field, value, because, affected, hosts, ports } = finding;
  return {
    rule,
    severity,
    object: objectView(object),
    field,
    value,
    because: because === null ? null : objectView(because),
    sentence: findingSentence(finding),
    consequence: consequenceSentence(finding),
    fix: fixSentence(finding, injections),
    affected: affected.map((id) => nodeId({ kind: "workload", id }, { kind: "unidentified" })),
    hosts,
    ports,
    namespaces: namespacesOf(finding),
    command: command(object),
  };
}

function key({ rule, object, field, consequence }: Finding): string {
  return JSON.stringify([rule, object.kind, object.namespace, object.name, field, consequence]);
}

/** Configuration that does not do what it seems to do, as sentences: what Istio does, what follows here, what would mend it. */
export function presentFindings(verdicts: MeshVerdicts): FindingsView {
  const { judge } = verdicts;
  const injections = injectionsIn(verdicts);
  const findings = observedFindings(verdicts).map((finding) => ({ id: digestText(digestOf(key(finding))), ...findingView(finding, injections) }));
  return { schema: "mtlscope-findings/1", findings, gaps: judge.gaps.map(gapView) };
}
