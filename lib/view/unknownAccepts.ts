import type { Gap, MeshJudge, PortVerdict, WorkloadId } from "#mesh";
import { keptWith, workloadIdParts } from "#mesh";
import type { GapView } from "./meshView.ts";
import { plural } from "./sentences/quantity.ts";

/** More causes than this are no list that anyone reads; the rest is counted. */
const MOST = 20;

function keyOf({ wanted, because }: Gap): string {
  return `${wanted}: ${because}`;
}

const NONE: readonly never[] = [];

function gapsOf({ protocol, serverMode }: PortVerdict): readonly Gap[] {
  return protocol !== "UDP" && serverMode.kind === "unknown" ? serverMode.gaps : NONE;
}

/** Why it is not known what a workload accepts, each cause once. */
function causesOf(ports: readonly PortVerdict[]): readonly string[] {
  return ports.some((port) => gapsOf(port).length > 0) ? [...new Set(ports.flatMap(gapsOf).map(keyOf))] : NONE;
}

/** `what foo/httpbin accepts`, `what 3 workloads of foo accept` */
function wantedText(workloads: readonly WorkloadId[]): string {
  const [first = ""] = workloads;
  if (workloads.length === 1) return `what ${first} accepts`;
  const namespaces = [...new Set(workloads.map((id) => workloadIdParts(id).namespace))];
  return `what ${plural(workloads.length, "workload")} of ${namespaces.length === 1 ? (namespaces[0] ?? "") : plural(namespaces.length, "namespace")} accept`;
}

function byCause(judge: MeshJudge): ReadonlyMap<string, readonly WorkloadId[]> {
  const told = new Set(judge.gaps.map(keyOf));
  const causes = new Map<string, WorkloadId[]>();
  for (const id of judge.workloads.keys()) {
    for (const cause of causesOf(judge.workloadPorts(id))) {
      const known = causes.get(cause);
      if (known !== undefined) known.push(id);
      else if (!told.has(cause)) causes.set(cause, [id]);
    }
  }
  return causes;
}

function summed(judge: MeshJudge): readonly GapView[] {
  const causes = [...byCause(judge)].sort(([left, one], [right, other]) => other.length - one.length || (left < right ? -1 : 1));
  const listed = causes.slice(0, MOST).map(([because, workloads]): GapView => ({ wanted: wantedText(workloads), because }));
  const rest = causes.slice(MOST);
  if (rest.length === 0) return listed;
  const workloads = new Set(rest.flatMap(([, concerned]) => concerned));
  return [...listed, { wanted: wantedText([...workloads]), because: `${plural(rest.length, "more cause")}: each workload names its own` }];
}

/**
 * Of which workloads it is not known what they accept, by cause: an EnvoyFilter, a revision that nobody has, a mode that Istio does not know.
 * What could not be read is a gap of the whole picture already, and not told again. Configuration decides it, which changes far less often than traffic.
 */
export const unknownAccepts = keptWith(summed);
