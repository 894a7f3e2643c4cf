import type { Edge, EnvoyFilter, Gap, MeshJudge, MeshVerdicts, ObjectMeta, Workload } from "#mesh";
import { eachOnce, gapOf, keptWith, lengthText, selects } from "#mesh";
import { apiServerDoubts } from "./apiServerDoubts.ts";
import type { ProposalPreview } from "./consequence.ts";
import { inScope } from "./coverage.ts";
import { coverOf } from "./cover.ts";
import { elsewhereDoubts } from "./elsewhere.ts";
import { listed } from "./listed.ts";
import { outsideCallerDoubts } from "./outsideCallers.ts";
import { probeDoubts } from "./probes.ts";
import { silentWorkloads } from "./unheard.ts";
import { unheardGaps } from "./unheardGaps.ts";
import type { Proposal } from "./proposal.ts";

function hasBareInstance({ instances }: Workload): boolean {
  return instances.some(({ dataPlaneMode }) => dataPlaneMode === "none");
}

function silence({ snapshot: { telemetry } }: MeshVerdicts): Gap {
  const { windowMs, knownMs, text } = coverOf(telemetry);
  if (knownMs === null) return { wanted: "who calls", because: `it is not known which part of the window was scraped: traffic is known for ${text}` };
  // what came before a window that is not read whole is not read either
  if (knownMs < windowMs) return { wanted: knownMs === 0 ? "who calls" : `clients that call less often than every ${lengthText(knownMs / 1_000)}`, because: `traffic is known for ${text}` };
  const looked = lengthText((knownMs + Math.max(0, telemetry.windowStartMs - telemetry.lookBackStartMs)) / 1_000);
  return { wanted: `clients that call less often than every ${looked}`, because: `traffic is known for ${looked}: the window (${text}) and the look-back before it` };
}

/** Only a server's own proxy can tell of plaintext from callers without one. */
function unscraped(verdicts: MeshVerdicts, scoped: readonly Workload[]): readonly Gap[] {
  const inScoped = new Set(scoped.map(({ id }) => id));
  const silent = [...silentWorkloads(verdicts).values()].flat().filter((id) => inScoped.has(id));
  return [
    ...unheardGaps(verdicts, ({ workload }) => inScoped.has(workload)),
    ...(silent.length === 0 ? [] : [{ wanted: `plaintext to ${listed(silent)}`, because: "nobody told of any traffic to or from there, so it is not known whether its proxies are scraped" }]),
  ];
}

function isScheduled({ ownerKind }: Workload): boolean {
  return ownerKind === "CronJob" || ownerKind === "Job";
}

/** Asked for every namespace of a picture. */
const bareIn = keptWith(({ workloads }: MeshJudge): readonly Workload[] => [...workloads.values()].filter(hasBareInstance));

/** Workloads that can only send plaintext, and were not seen calling what a proposal is about. */
export function unseenWithoutProxy({ judge }: MeshVerdicts, { consequences }: ProposalPreview): readonly Workload[] {
  const seen = new Set(consequences.flatMap(({ edge: { client } }) => (client.kind === "workload" ? [client.id] : [])));
  return bareIn(judge).filter(({ id }) => !seen.has(id));
}

function unseenSenders(verdicts: MeshVerdicts, preview: ProposalPreview): readonly Gap[] {
  const unseen = unseenWithoutProxy(verdicts, preview);
  const scheduled = unseen.filter(isScheduled).map(({ id }) => id);
  const others = unseen.filter((workload) => !isScheduled(workload)).map(({ id }) => id);
  return [
    ...(scheduled.length === 0 ? [] : [{ wanted: `calls of the jobs ${listed(scheduled)}`, because: "they run without a proxy, and perhaps less often than the window is long" }]),
    ...(others.length === 0 ? [] : [{ wanted: `calls of ${listed(others)}`, because: "they run without a proxy and can only send plaintext, but were not seen calling here" }]),
  ];
}

function idleEdges({ consequences }: ProposalPreview): readonly Gap[] {
  const isIdle = ({ state }: Edge): boolean => state === "idle" || state === "expected blocked";
  const idle = consequences.filter(({ edge }) => isIdle(edge)).length;
  return idle === 0 ? [] : [{ wanted: `traffic of ${idle} ${idle === 1 ? "connection" : "connections"} that ${idle === 1 ? "was" : "were"} idle in the window`, because: "configuration and what was last seen stand in for it" }];
}

/** Where what decides now was not all read, it may be DISABLE, and STRICT one step too many. */
function unknownMode({ judge }: MeshVerdicts, { mode, scope }: Proposal): readonly Gap[] {
  const isUnknown = mode === "STRICT" && judge.peerModes(scope).some((now) => now.mode.kind === "unknown");
  return isUnknown ? [{ wanted: "whether the mode is DISABLE now", because: "not all that decides could be read. From DISABLE the way goes through PERMISSIVE: clients that stopped sending mTLS need time to start again" }] : [];
}

function envoyFilters({ snapshot, judge }: MeshVerdicts, scoped: readonly Workload[]): readonly Gap[] {
  const { EnvoyFilter: filters } = snapshot.configuration.objects;
  const roots = new Set(judge.rootNamespaces);
  const applies = (filter: EnvoyFilter): boolean =>
    scoped.some(({ instances }) => instances.some(({ ref, labels }) => (roots.has(filter.namespace) || ref.namespace === filter.namespace) && selects(filter.workloadSelector ?? {}, labels)));
  return filters
    .filter((filter) => filter.patches.some(({ touchesTransport }) => touchesTransport) && applies(filter))
    .map(({ namespace, name }) => ({ wanted: `what EnvoyFilter \`${namespace}/${name}\` makes of the listeners`, because: "it patches filter chains or transport sockets, which mtlscope does not follow" }));
}

const MANAGERS: readonly (readonly [name: string, test: (meta: ObjectMeta) => boolean])[] = [
  ["Argo CD", ({ annotations, labels }) => Object.hasOwn(annotations, "argocd.argoproj.io/tracking-id") || Object.hasOwn(labels, "argocd.argoproj.io/instance")],
  ["Flux", ({ labels }) => Object.hasOwn(labels, "kustomize.toolkit.fluxcd.io/name") || Object.hasOwn(labels, "helm.toolkit.fluxcd.io/name")],
  ["Helm", ({ labels }) => Object.hasOwn(labels, "app.kubernetes.io/managed-by") && labels["app.kubernetes.io/managed-by"] === "Helm"],
];

/** A change made by hand to what another program keeps is undone by it. */
function managed({ change }: Proposal): readonly Gap[] {
  return change.update.flatMap(([from]) => {
    if (from.kind !== "PeerAuthentication") return [];
    const manager = MANAGERS.find(([, test]) => test(from))?.[0];
    return manager === undefined ? [] : [{ wanted: `that PeerAuthentication \`${from.namespace}/${from.name}\` stays as it is written`, because: `${manager} manages it and may put its own version back: make the change there` }];
  });
}

/**
 * What could prove a preview wrong: silence in the window, objects that were not read, senders that cannot be seen.
 * How fresh the sources are is the pipeline's to add.
 */
export function doubtsAbout(verdicts: MeshVerdicts, preview: ProposalPreview): readonly Gap[] {
  const scoped = [...verdicts.judge.workloads.values()].filter((workload) => inScope(preview.proposal.scope, workload));
  const { configuration, telemetry } = verdicts.snapshot;
  return eachOnce([
    ...apiServerDoubts(verdicts, preview),
    ...managed(preview.proposal),
    ...unknownMode(verdicts, preview.proposal),
    silence(verdicts),
    ...idleEdges(preview),
    ...elsewhereDoubts(verdicts, preview.proposal.scope),
    ...unscraped(verdicts, scoped),
    ...unseenSenders(verdicts, preview),
    ...probeDoubts(verdicts, scoped),
    ...envoyFilters(verdicts, scoped),
    ...(preview.proposal.mode === "STRICT" ? outsideCallerDoubts(verdicts, scoped) : []),
    ...configuration.unread.map(gapOf),
    ...telemetry.gaps,
    ...verdicts.gaps,
  ]);
}
