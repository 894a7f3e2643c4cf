import type { ConfiguredPath, Edge, Gap, MeshJudge, MeshVerdicts, Transport, Unknown, WorkloadId } from "#mesh";
import { eachOnce, unknown, waysOfEdge } from "#mesh";
import type { Consequence, EdgeConsequence, ProposalPreview, Share } from "./consequence.ts";
import { loadsOf } from "./load.ts";
import type { Load } from "./load.ts";
import { passagesOf } from "./passage.ts";
import type { Answers, Cargo, Passage } from "./passage.ts";
import type { Proposal } from "./proposal.ts";
import { unclearGap } from "./unclearGap.ts";
import { unplacedIn } from "./unplaced.ts";

const NOTHING: readonly never[] = [];

const SEVERITY: Readonly<Record<EdgeConsequence, number>> = {
  "becomes blocked": 9,
  "becomes accepted": 8,
  uncertain: 7,
  "identity gained or lost": 6,
  "becomes mTLS": 5,
  "already blocked": 4,
  "stays plaintext": 3,
  "stays unknown": 2,
  "stays application TLS": 1,
  "stays mTLS": 0,
};

/** An edge is never told better than its worst part; one of which nothing is told is uncertain. @see rule PRE-20 */
function worst([first, ...others]: readonly EdgeConsequence[]): EdgeConsequence {
  return first === undefined ? "uncertain" : others.reduce((found, one) => (SEVERITY[one] > SEVERITY[found] ? one : found), first);
}

function part(consequence: EdgeConsequence, { count }: Load, ...gaps: readonly Gap[]): Share {
  return { consequence, affected: count, gaps };
}

/** @see rule PRE-13 */
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

/** @see rules PRE-10, PRE-14, PRE-19 */
function settled(cargo: Cargo, passages: readonly Passage[], after: Transport): EdgeConsequence {
  if (after === "blocked") return cargo === "refused" || passages.every(({ before }) => before === "blocked") ? "already blocked" : "becomes blocked";
  if (after === "mTLS" && passages.some(({ before }) => before !== "mTLS")) return "becomes mTLS";
  if (isTouched(passages)) return "identity gained or lost";
  return stays(after);
}

/** What configuration refuses on every way, and lets arrive on every way then, other than as mesh mTLS. @see rule PRE-16 */
function isOpened(passages: readonly Passage[]): boolean {
  const arrives = ({ after }: Passage): boolean => after !== "blocked" && after !== "unknown";
  return passages.every((passage) => passage.before === "blocked" && arrives(passage)) && passages.some(({ after }) => after !== "mTLS");
}

function portsGap(passages: readonly Passage[]): Gap {
  const ports = [...new Set(passages.map(({ port }) => port))].sort((left, right) => left - right);
  if (ports.length === 1) return { wanted: `which instances behind port \`${ports.join("")}\` this traffic goes to`, because: "they do not all answer the same" };
  return { wanted: `which of the ports ${ports.map((port) => `\`${port}\``).join(", ")} this traffic uses`, because: "Istio's metrics carry no port, and the change does not treat these ports alike" };
}

const NO_PATH: Gap = { wanted: "a way from client to server in the configuration", because: "no instance of the server exists now" };
const NO_SERVER: Gap = { wanted: "the workload that took it", because: "reports of servers name none, and the Service leads to several, or to none that is known" };

function isTouched(passages: readonly Passage[]): boolean {
  return passages.some(({ before, after, authorizationDiffers }) => before !== after || authorizationDiffers);
}

/** Ways of one load that do not all end alike: metrics do not tell which of them it went. @see rule PRE-9 */
function divided(load: Load, passages: readonly Passage[]): Share {
  if (passages.some(({ after }) => after === "unknown")) return part("uncertain", load, ...passages.flatMap(({ gaps }) => gaps));
  if (isTouched(passages)) return part("uncertain", load, portsGap(passages));
  return part(worst(passages.flatMap(({ after }) => (after === "unknown" ? [] : [stays(after)]))), load);
}

function ended(load: Load, passages: readonly Passage[]): Share {
  if (isOpened(passages)) return part("becomes accepted", load);
  const [only, ...others] = new Set(passages.map(({ after }) => after));
  if (only === undefined || only === "unknown" || others.length > 0) return divided(load, passages);
  return part(settled(load.cargo, passages, only), load);
}

const UNPROVED: ReadonlySet<EdgeConsequence> = new Set(["stays mTLS", "becomes mTLS", "identity gained or lost", "uncertain"]);

/** What a waypoint sends on is what configuration says: `null` where that would be mTLS, or is not one thing. @see rule PRE-8 */
function sentOn(load: Load, passages: readonly Passage[]): Share | null {
  const told = load.report.onward ? ended(load, passages) : null;
  return told === null || UNPROVED.has(told.consequence) ? null : told;
}

/** What configuration promises of traffic of unknown security proves nothing: STRICT may refuse it, and where the change leaves it alone it stays unknown. @see rules PRE-12, PRE-17 */
function unclear(load: Load, edge: Edge, passages: readonly Passage[]): Share {
  const onward = sentOn(load, passages);
  if (onward !== null) return onward;
  if (isTouched(passages) || passages.some(({ closes }) => closes)) return part("uncertain", load, unclearGap(load, edge));
  const told = ended(load, passages);
  return told.consequence === "stays mTLS" ? part("stays unknown", load, unclearGap(load, edge)) : told;
}

/** What arrived is more than what configuration says of it. */
function isContradicted({ cargo, count }: Load, passages: readonly Passage[]): boolean {
  const isRefused = passages.every(({ before, after }) => before === "blocked" && after === "blocked");
  return cargo !== "refused" && count > 0 && (isRefused || isOpened(passages));
}

/** Where some was refused, what arrived came before the policy that refuses it. Else nobody can say how it did; only that it goes on where nothing refuses it any more. @see rule PRE-18 */
function arrived(load: Load, { counts, family }: Edge, passages: readonly Passage[]): Share | null {
  if (counts.refused > 0) return null;
  if (isOpened(passages)) return part(stays(load.cargo === "tls" ? "tls" : "plaintext"), load);
  const wanted = `how ${family === "http" ? "requests" : "connections"} of the window arrived`;
  return part("uncertain", load, { wanted, because: "configuration refuses them, with the change and without it: it may be younger than they, or something lets them past" });
}

/** Mesh mTLS that arrived goes on arriving, unless its port takes none today. @see rule PRE-11 */
function goesOn({ configured }: Edge): boolean {
  return !configured.some(({ verdict: { serverMode } }) => serverMode.kind === "known" && serverMode.value === "DISABLE");
}

/** @see rules PRE-15, PRE-31 */
function partOf(load: Load, edge: Edge, answers: Answers): Share | null {
  if (load.cargo === "mtls" && goesOn(edge)) return part("stays mTLS", load);
  const passages = passagesOf(load.cargo, answers, load.report);
  if (passages.length === 0) return part("uncertain", load, edge.server.kind === "workload" ? NO_PATH : NO_SERVER);
  if (load.cargo === "refused" && !isTouched(passages)) return part("already blocked", load);
  if (load.cargo === "unclear") return unclear(load, edge, passages);
  return isContradicted(load, passages) ? arrived(load, edge, passages) : ended(load, passages);
}

function valueOf(answer: { readonly kind: "known"; readonly value: string } | Unknown): string {
  return answer.kind === "known" ? answer.value : "?";
}

/** Whether every port is known and answers the same with the change: what was unknown before for reasons of its own is no doubt about it. @see rule PRE-17 */
function isLeftAlone({ befores, afters }: Answers): boolean {
  const told = (paths: readonly ConfiguredPath[]): readonly string[] =>
    paths.map(({ port, targetPort, serverInstance, verdict: { serverMode, transport, authorization } }) => [port, targetPort, serverInstance, ...[serverMode, transport, authorization].map(valueOf)].join(" "));
  const [left, right] = [told(befores), told(afters)];
  const isKnown = befores.length > 0 && befores.every(({ verdict: { serverMode } }) => serverMode.kind === "known");
  return isKnown && left.length === right.length && left.every((answer, position) => answer === right[position]);
}

const UNTOUCHED: ReadonlySet<EdgeConsequence> = new Set(["already blocked", "stays unknown"]);

/** What becomes of each load. What came before the window, and is refused or unknown whatever is changed, says nothing beside what the window holds. @see rule PRE-5 */
function partsOf(edge: Edge, answers: Answers): readonly Share[] {
  const loads = loadsOf(edge);
  const told = loads.map((load) => partOf(load, edge, answers));
  const isLeft = told.some((one) => one?.consequence === "uncertain") && isLeftAlone(answers);
  const isSilent = loads.every(({ before }) => before);
  return loads.flatMap(({ before }, position): readonly Share[] => {
    const one = told[position] ?? null;
    if (one === null) return [];
    const own = isLeft && one.consequence === "uncertain" ? { ...one, consequence: "stays unknown" as const } : one;
    return before && !isSilent && UNTOUCHED.has(own.consequence) ? [] : [own];
  });
}

/** Of one class. */
function together(consequence: EdgeConsequence, parts: readonly Share[]): Share {
  return { consequence, affected: parts.reduce((sum, { affected }) => sum + affected, 0), gaps: eachOnce(parts.flatMap(({ gaps }) => gaps)) };
}

function sharesOf(parts: readonly Share[]): readonly Share[] {
  if (parts.length === 0) return NOTHING;
  return [...Map.groupBy(parts, ({ consequence }) => consequence)].map(([consequence, own]) => together(consequence, own));
}

function consequenceFor(edge: Edge, answers: Answers, judge: MeshJudge): Consequence {
  const parts = partsOf(edge, answers);
  const consequence = worst(parts.map((one) => one.consequence));
  const [deciding, rest] = [parts.filter((one) => one.consequence === consequence), parts.filter((one) => one.consequence !== consequence)];
  return { edge, ...together(consequence, deciding), others: sharesOf(rest), after: answers.afters, judge };
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

const NO_WAYS: Answers = { befores: NOTHING, afters: NOTHING };

function answersFor(edge: Edge, before: MeshJudge, after: After): Answers | undefined {
  const { server, configured } = edge;
  if (server.kind !== "workload") return unplacedIn(edge) === null ? undefined : NO_WAYS;
  const afters = after.of?.(edge) ?? waysOfEdge(after.judge, edge);
  if (configured.length > 0 && afters.length > 0) return { befores: configured, afters };
  return { befores: serverPorts(before, server.id), afters: serverPorts(after.judge, server.id) };
}

/** The same without asking: that is most of a healthy mesh. Nothing else was observed on the edge, in the window or before it. */
function isAllMtls({ counts, observations, lastPlaintextMs, seenBefore }: Edge): boolean {
  const { mtls, plaintext, tls, unclear, refused } = counts;
  return mtls > 0 && lastPlaintextMs === null && seenBefore === undefined && plaintext + tls + unclear + refused === 0 && observations.every((one) => one.counts === "mtls");
}

function staysMtls(edge: Edge, judge: MeshJudge): Consequence {
  return { edge, consequence: "stays mTLS", affected: edge.counts.mtls, others: NOTHING, after: NOTHING, judge, gaps: NOTHING };
}

/**
 * What a change does to every edge that it can reach, in the classes of the specification.
 *
 * What was observed weighs more than what the configuration promises: one plaintext request among 300 makes an edge
 * *becomes blocked*, of which 1 is affected.
 *
 * @see rules PRE-1 to PRE-20, PRE-31
 */
export function previewProposal(before: Pick<MeshVerdicts, "judge" | "edges">, after: After, proposal: Proposal): ProposalPreview {
  const isReached = before.judge.alteredBy(proposal.change);
  const consequenceOf = (edge: Edge): Consequence | undefined => {
    if (edge.server.kind === "workload" && isAllMtls(edge) && goesOn(edge)) return staysMtls(edge, after.judge);
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
