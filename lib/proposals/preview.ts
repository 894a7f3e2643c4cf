import type { ConfiguredPath, Edge, Gap, MeshJudge, MeshVerdicts, Transport, Unknown, WorkloadId } from "#mesh";
import { unknown, waysOfEdge } from "#mesh";
import type { Consequence, EdgeConsequence, ProposalPreview } from "./consequence.ts";
import { fatesOf } from "./fate.ts";
import type { Answers, Cargo, Fate, Report } from "./fate.ts";
import type { Proposal } from "./proposal.ts";
import { reachOf } from "./reach.ts";

interface Load {
  readonly cargo: Cargo;
  readonly count: number;
}

interface Part {
  readonly consequence: EdgeConsequence;
  readonly count: number;
  readonly gaps: readonly Gap[];
}

/** Worst first: an edge is never told better than its worst part. */
const SEVERITY: readonly EdgeConsequence[] = [
  "becomes blocked", "becomes accepted", "uncertain", "identity gained or lost", "becomes mTLS", "already blocked", "stays plaintext", "stays application TLS", "stays mTLS",
];

/** Plaintext seen before the window may come again, however much mTLS the window holds: what calls once an hour, or before its proxy is ready. */
function loadsOf({ counts, lastPlaintextMs }: Edge): readonly Load[] {
  const observed = (["mtls", "plaintext", "tls", "unclear", "refused"] as const).filter((cargo) => counts[cargo] > 0).map((cargo): Load => ({ cargo, count: counts[cargo] }));
  const before: readonly Load[] = lastPlaintextMs !== null && counts.plaintext === 0 ? [{ cargo: "plaintext", count: 0 }] : [];
  const loads = [...observed, ...before];
  return loads.length > 0 ? loads : [{ cargo: "configured", count: 0 }];
}

function stays(transport: Transport): EdgeConsequence {
  switch (transport) {
    case "mTLS":
      return "stays mTLS";
    case "tls":
      return "stays application TLS";
    case "plaintext":
      return "stays plaintext";
    case "blocked":
      return "already blocked";
  }
}

function settled(cargo: Cargo, fates: readonly Fate[], after: Transport): EdgeConsequence {
  if (after === "blocked") return cargo === "refused" || fates.every(({ before }) => before === "blocked") ? "already blocked" : "becomes blocked";
  if (after === "mTLS" && fates.some(({ before }) => before !== "mTLS")) return "becomes mTLS";
  if (fates.some(({ before, authorizationDiffers }) => before !== after || authorizationDiffers)) return "identity gained or lost";
  return stays(after);
}

/** What configuration refuses on every way, and lets arrive on every way then, other than as mesh mTLS. */
function isOpened(fates: readonly Fate[]): boolean {
  const arrives = ({ after }: Fate): boolean => after !== "blocked" && after !== "unknown";
  return fates.every((fate) => fate.before === "blocked" && arrives(fate)) && fates.some(({ after }) => after !== "mTLS");
}

function portsGap(fates: readonly Fate[]): Gap {
  const ports = [...new Set(fates.map(({ port }) => port))].sort((left, right) => left - right);
  if (ports.length === 1) return { wanted: `which instances behind port \`${ports.join("")}\` this traffic goes to`, because: "they do not all answer the same" };
  return { wanted: `which of the ports ${ports.map((port) => `\`${port}\``).join(", ")} this traffic uses`, because: "Istio's metrics carry no port, and the change does not treat these ports alike" };
}

const NO_PATH: Gap = { wanted: "a way from client to server in the configuration", because: "no instance of the server exists now" };

function unclearGap(count: number): Gap {
  return { wanted: `the security of ${count} requests or connections`, because: "no server reported it, and the client reported no identity" };
}

/** What arrived is more than what configuration says of it. */
function isContradicted({ cargo, count }: Load, fates: readonly Fate[]): boolean {
  const isRefused = fates.every(({ before, after }) => before === "blocked" && after === "blocked");
  return cargo !== "refused" && cargo !== "unclear" && count > 0 && (isRefused || isOpened(fates));
}

/** Where some was refused, what arrived came before the policy that refuses it. Else nobody can say how it did; only that it goes on where nothing refuses it any more. */
function arrived({ cargo, count }: Load, { counts }: Edge, fates: readonly Fate[]): Part | null {
  if (counts.refused > 0) return null;
  if (isOpened(fates)) return { consequence: stays(cargo === "tls" ? "tls" : "plaintext"), count, gaps: [] };
  const wanted = `how ${count} requests or connections of the window arrived`;
  return { consequence: "uncertain", count, gaps: [{ wanted, because: "configuration refuses them, with the change and without it: it may be younger than they, or something lets them past" }] };
}

function isTouched(fates: readonly Fate[]): boolean {
  return fates.some(({ before, after, authorizationDiffers }) => before !== after || authorizationDiffers);
}

/** Ways of one load that do not all end alike: metrics do not tell which of them it went. */
function divided(fates: readonly Fate[]): Omit<Part, "count"> {
  if (fates.some(({ after }) => after === "unknown")) return { consequence: "uncertain", gaps: fates.flatMap(({ gaps }) => gaps) };
  if (isTouched(fates)) return { consequence: "uncertain", gaps: [portsGap(fates)] };
  return { consequence: worst(fates.flatMap(({ after }) => (after === "unknown" ? [] : [stays(after)]))), gaps: [] };
}

const UNREPORTED: Report = { byServer: false, denied: false };

function ended(cargo: Cargo, fates: readonly Fate[]): Omit<Part, "count"> {
  if (isOpened(fates)) return { consequence: "becomes accepted", gaps: [] };
  const [only, ...others] = new Set(fates.map(({ after }) => after));
  if (only === undefined || only === "unknown" || others.length > 0) return divided(fates);
  return { consequence: settled(cargo, fates, only), gaps: [] };
}

/** Configuration answers otherwise with the change; or the client's own proxy says that it used no certificate, configuration knows no way on which it would not, and STRICT takes nothing without one. */
function mayBeRefused(fates: readonly Fate[], { observations }: Edge, answers: Answers): boolean {
  if (isTouched(fates)) return true;
  if (!observations.some(({ rule }) => rule === "OBS-23")) return false;
  const isExplained = answers.befores.some(({ verdict: { transport } }) => transport.kind === "known" && transport.value !== "mTLS");
  return !isExplained && fatesOf("plaintext", answers, UNREPORTED).some(({ before, after }) => after === "blocked" && before !== "blocked");
}

function partOf(load: Load, edge: Edge, answers: Answers): Part | null {
  const { cargo, count } = load;
  const fates = fatesOf(cargo, answers, reportOf(edge, cargo));
  if (fates.length === 0) return { consequence: "uncertain", count, gaps: [NO_PATH] };
  if (cargo === "refused" && !isTouched(fates)) return { consequence: "already blocked", count, gaps: [] };
  if (cargo === "unclear" && mayBeRefused(fates, edge, answers)) return { consequence: "uncertain", count, gaps: [unclearGap(count)] };
  if (isContradicted(load, fates)) return arrived(load, edge, fates);
  return { ...ended(cargo, fates), count };
}

function worst(consequences: readonly EdgeConsequence[]): EdgeConsequence {
  return SEVERITY.find((severity) => consequences.includes(severity)) ?? "uncertain";
}

function serverModesKnownAndEqual({ befores, afters }: Answers): boolean {
  const modes = (paths: readonly ConfiguredPath[]): readonly string[] =>
    paths.map(({ port, targetPort, serverInstance, verdict: { serverMode } }) => `${port} ${targetPort} ${serverInstance} ${serverMode.kind === "known" ? serverMode.value : "?"}`);
  const [left, right] = [modes(befores), modes(afters)];
  return left.length > 0 && left.length === right.length && left.every((mode, position) => mode === right[position] && !mode.endsWith("?"));
}

const BY_SERVER: ReadonlySet<string> = new Set(["destination", "waypoint"]);

function reportOf({ observations }: Edge, cargo: Cargo): Report {
  const reports = observations.filter(({ counts }) => counts === cargo);
  if (reports.length === 0) return UNREPORTED;
  return { byServer: reports.every(({ reporter }) => BY_SERVER.has(reporter)), denied: reports.every(({ refusal }) => refusal === "authorization") };
}

function consequenceFor(edge: Edge, answers: Answers, judge: MeshJudge): Consequence | undefined {
  const parts = loadsOf(edge).flatMap((load) => partOf(load, edge, answers) ?? []);
  const consequence = worst(parts.map((part) => part.consequence));
  // What was unknown before for reasons of its own, on a port that the change leaves as it is, is not a doubt about the change.
  if (consequence === "uncertain" && serverModesKnownAndEqual(answers)) return undefined;
  const deciding = parts.filter((part) => part.consequence === consequence);
  const gaps = new Map(deciding.flatMap((part) => part.gaps).map((gap) => [`${gap.wanted} ${gap.because}`, gap]));
  return { edge, consequence, affected: deciding.reduce((sum, { count }) => sum + count, 0), after: answers.afters, judge, gaps: [...gaps.values()] };
}

const NO_SENDER: Unknown = unknown({ wanted: "what the client sends", because: "no port of the Service that it dials is known to lead to this server" });

/** Where no way is known in the configuration, what the server admits on its ports still is. */
function serverPorts(judge: MeshJudge, server: WorkloadId): readonly ConfiguredPath[] {
  const instances = judge.workloads.get(server)?.instances ?? [];
  return instances.flatMap(({ ref }) =>
    judge
      .ports(ref)
      .filter(({ protocol }) => protocol !== "UDP")
      .map(({ targetPort, serverMode }) => ({ port: targetPort, targetPort, portName: null, pairs: 1, clientInstance: null, serverInstance: ref.name, verdict: { clientMode: NO_SENDER, serverMode, transport: NO_SENDER, authorization: NO_SENDER } })),
  );
}

/** The judge of a changed configuration, and what it says of edges where that is kept. */
export interface After {
  readonly judge: MeshJudge;
  readonly of?: (edge: Edge) => readonly ConfiguredPath[];
}

function answersFor(edge: Edge, before: MeshJudge, after: After): Answers | undefined {
  const { server, configured } = edge;
  if (server.kind !== "workload") return undefined;
  const afters = after.of?.(edge) ?? waysOfEdge(after.judge, edge);
  if (configured.length > 0 && afters.length > 0) return { befores: configured, afters };
  return { befores: serverPorts(before, server.id), afters: serverPorts(after.judge, server.id) };
}

/** Mesh mTLS that arrived keeps arriving where STRICT is set: the change need not be asked about it. That is most of a healthy mesh. */
function keepsArriving({ counts, lastPlaintextMs }: Edge, { mode }: Proposal): boolean {
  return mode === "STRICT" && counts.mtls > 0 && lastPlaintextMs === null && counts.plaintext + counts.tls + counts.unclear + counts.refused === 0;
}

const NOTHING: readonly never[] = [];

function staysMtls(edge: Edge, judge: MeshJudge): Consequence {
  return { edge, consequence: "stays mTLS", affected: edge.counts.mtls, after: NOTHING, judge, gaps: NOTHING };
}

/**
 * What a change does to every edge that it can reach, in the classes of the specification.
 *
 * What was observed weighs more than what the configuration promises: one plaintext request among 300 makes an edge
 * *becomes blocked*, of which 1 is affected.
 *
 */
export function previewProposal(before: Pick<MeshVerdicts, "snapshot" | "judge" | "edges">, after: After, proposal: Proposal): ProposalPreview {
  const isReached = reachOf(before.snapshot.configuration, before.judge, proposal.change);
  const consequenceOf = (edge: Edge): Consequence | undefined => {
    if (edge.server.kind === "workload" && keepsArriving(edge, proposal)) return staysMtls(edge, after.judge);
    const answers = answersFor(edge, before.judge, after);
    return answers && consequenceFor(edge, answers, after.judge);
  };
  const consequences: Consequence[] = [];
  for (const edge of before.edges) {
    const consequence = isReached(edge) ? consequenceOf(edge) : undefined;
    if (consequence !== undefined) consequences.push(consequence);
  }
  return { proposal, consequences };
}
