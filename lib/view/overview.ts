import type { MeshVerdicts } from "#mesh";
import { secondsIn } from "#mesh";
import { unheardGaps } from "#proposals";
import type { Outlook } from "#proposals";
import { attention } from "./attention.ts";
import { edgeViews } from "./edge.ts";
import type { GapView, MeshIdentityView, MeshView, SourceView, TotalsView, WindowView } from "./meshView.ts";
import { namespaceViews } from "./namespaces.ts";
import { allNodes, hasInstanceWithoutProxy } from "./node.ts";
import { gapView } from "./sentences/reason.ts";
import { EdgeSums } from "./totals.ts";
import { uncountedTraffic } from "./uncounted.ts";
import { unknownAccepts } from "./unknownAccepts.ts";

/** What a picture needs beside the verdicts. */
export interface MeshContext {
  readonly revision: number;
  readonly mesh: Omit<MeshIdentityView, "istioVersions">;
  readonly sources: readonly SourceView[];
  /** the picture before this one: what did not change is drawn as it was */
  readonly before?: MeshVerdicts | null;
  /** what STRICT would do in every namespace; without it readiness is unknown */
  readonly outlook?: Outlook | null;
  /** the window is the one that ends now and moves on; so it is unless said otherwise */
  readonly followed?: boolean;
}

function windowView({ snapshot: { telemetry } }: MeshVerdicts, followed: boolean): WindowView {
  const { windowStartMs, windowEndMs, lookBackStartMs, covered } = telemetry;
  const span = { startMs: windowStartMs, endMs: windowEndMs, seconds: (windowEndMs - windowStartMs) / 1_000, lookBackStartMs, followed };
  if (covered === undefined) return { ...span, covered: null, coveredSeconds: null };
  return { ...span, covered, coveredSeconds: secondsIn(covered) };
}

function totalsView({ judge, edges }: MeshVerdicts): TotalsView {
  const sums = new EdgeSums();
  for (const edge of edges) sums.add(edge);
  return sums.totals(judge.workloads.size, [...judge.workloads.values()].filter(hasInstanceWithoutProxy).length);
}

function istioVersions({ snapshot }: MeshVerdicts): readonly string[] {
  return [...new Set(snapshot.configuration.objects.ControlPlane.flatMap(({ version }) => version ?? []))].sort();
}

/** What keeps verdicts unknown or edges unseen, then of whom it is not known what they accept or who calls them, then what no metric counts. */
function gapViews(verdicts: MeshVerdicts): readonly GapView[] {
  const { gaps, judge, snapshot: { telemetry } } = verdicts;
  return [...gaps.map(gapView), ...unknownAccepts(judge), ...unheardGaps(verdicts).map(gapView), ...uncountedTraffic(judge), ...(telemetry.blindSpots ?? []).map(gapView)];
}

/**
 * The whole picture: totals, namespaces with their readiness, nodes, edges, and what needs a person.
 *
 * Counts are exact, per protocol family, and cover the window; nothing that happened is rounded away.
 */
export function presentMesh(verdicts: MeshVerdicts, { revision, mesh, sources, outlook = null, followed = true, before = null }: MeshContext): MeshView {
  const edges = edgeViews(verdicts, before).views;
  const nodes = allNodes(verdicts);
  const namespaces = namespaceViews(verdicts, nodes, outlook);
  return {
    schema: "mtlscope-view/1",
    revision,
    capturedAtMs: verdicts.snapshot.capturedAtMs,
    mesh: { ...mesh, istioVersions: istioVersions(verdicts) },
    window: windowView(verdicts, followed),
    sources,
    gaps: gapViews(verdicts),
    totals: totalsView(verdicts),
    namespaces,
    nodes: [...nodes.values()],
    edges,
    attention: attention(verdicts, namespaces),
  };
}
