import type { Edge, Gap, MeshVerdicts } from "#mesh";
import type { Consequence, EdgeConsequence, Holdouts, NoProposal, Proposal, ProposalPreview, ProposalScope, Reopening } from "#proposals";
import { coverOf } from "#proposals";
import { configuredText } from "./configured.ts";
import { partyName } from "./party.ts";
import { countText, listText, noun, plural, trafficText } from "./quantity.ts";
import { objectName } from "./reason.ts";
import { servedBy } from "./way.ts";

/** `foo`, `foo/httpbin`, `the whole mesh` */
export function scopeName(scope: ProposalScope): string {
  switch (scope.kind) {
    case "mesh":
      return "the whole mesh";
    case "namespace":
      return scope.namespace;
    case "workload":
      return `${scope.namespace}/${scope.name}`;
  }
}

export function proposalTitle({ mode, scope }: Proposal): string {
  return `${mode} for ${scopeName(scope)}`;
}

/** The connections of which some traffic is of a class: one of 1,080 mTLS requests and 540 in plaintext is counted for either. @see rule PRE-21 */
export function having({ consequences }: ProposalPreview, ...wanted: readonly EdgeConsequence[]): readonly Consequence[] {
  return consequences.filter(({ consequence, others }) => wanted.includes(consequence) || others.some((share) => wanted.includes(share.consequence)));
}

export function countOf(preview: ProposalPreview, ...wanted: readonly EdgeConsequence[]): number {
  return having(preview, ...wanted).length;
}

function failedOf({ observations }: Edge): number {
  return observations.reduce((sum, { rule, counts, count }) => sum + (rule === "OBS-18" && counts === "unclear" ? count : 0), 0);
}

function hasArrived({ edge }: Consequence): boolean {
  const { mtls, plaintext, tls, unclear } = edge.counts;
  return mtls + plaintext + tls + unclear > (unclear > 0 ? failedOf(edge) : 0) || edge.bytes > 0;
}

/** The connections on which something arrived in the window: what a preview is proved by. What was refused or failed proves nothing. @see rule PRE-22 */
export function seenOf({ consequences }: ProposalPreview): number {
  return consequences.filter(hasArrived).length;
}

const FORETOLD = [
  ["becomes blocked", "would become blocked"],
  ["becomes accepted", "now refused would be accepted"],
  ["becomes mTLS", "would become mTLS"],
  ["uncertain", "cannot be told"],
] as const satisfies readonly (readonly [EdgeConsequence, string])[];

function stillPlaintext(preview: ProposalPreview): string {
  const count = countOf(preview, "stays plaintext");
  return count === 0 ? "" : `on ${countText(count)} plaintext would still arrive: ${preview.proposal.mode === "STRICT" ? "STRICT does not reach it" : "PERMISSIVE takes it"}`;
}

function stillUnknown(preview: ProposalPreview): string {
  const count = countOf(preview, "stays unknown");
  return count === 0 ? "" : ` ${countText(count)} ${count === 1 ? "is" : "are"} not changed by this: unknown before as after.`;
}

/** `Of 3 connections known, 1 would become blocked.` Of silence it is said that it proves nothing, and whatever goes on past the change is told. */
export function previewSentence(preview: ProposalPreview): string {
  if (preview.consequences.length === 0) return "No connection is known that it would reach; that is no proof that there is none.";
  const plaintext = stillPlaintext(preview);
  return `${foretoldText(preview)}${plaintext === "" ? "" : `, and ${plaintext}`}.${stillUnknown(preview)}`;
}

function foretoldText(preview: ProposalPreview): string {
  const parts = FORETOLD.flatMap(([consequence, told]) => {
    const count = countOf(preview, consequence);
    return count > 0 ? [`${countText(count)} ${told}`] : [];
  });
  const known = plural(preview.consequences.length, "connection");
  if (seenOf(preview) === 0) {
    return parts.length === 0 ? `Nothing arrived in the window on the ${known} known; silence is no proof that nobody sends plaintext` : `Of ${known} known, on which nothing arrived in the window, ${listText(parts)}`;
  }
  return `Of ${known} known, ${parts.length === 0 ? "none would become blocked" : listText(parts)}`;
}

/** Where STRICT does not hold although the policy says so: `2 workloads keep a port open, and 1 has a pod without a proxy or a port past it`. */
function holdoutsText({ open, unknown, unguarded }: Holdouts): string {
  return listText([
    ...(open.length === 0 ? [] : [`${plural(open.length, "workload")} ${open.length === 1 ? "keeps" : "keep"} ports open (${listText(open)})`]),
    ...(unguarded.length === 0 ? [] : [`${plural(unguarded.length, "workload")} ${unguarded.length === 1 ? "has" : "have"} pods without a proxy, or ports past it (${listText(unguarded)})`]),
    ...(unknown.length === 0 ? [] : [`what ${plural(unknown.length, "workload")} ${unknown.length === 1 ? "accepts" : "accept"} is not known (${listText(unknown)})`]),
  ]);
}

function strictAlready(name: string, holdouts: Holdouts | undefined): string {
  const text = holdouts === undefined ? "" : holdoutsText(holdouts);
  return text === "" ? `${name} is STRICT already.` : `The policy that decides for ${name} says STRICT already, but it does not hold everywhere: ${text}.`;
}

const NOT_PROPOSED: Readonly<Record<Exclude<NoProposal["because"], "is STRICT already">, (name: string) => string>> = {
  "is the root namespace": (name) => `${name} lies in the root namespace: its policy is the mesh's, and Istio ignores selectors there. See the proposal for the mesh.`,
  "nothing to protect": (name) => `${name} has no proxy that a PeerAuthentication could tell what to accept.`,
  "no such scope": (name) => `${name} does not exist.`,
  "is not discovered": (name) => `istiod does not look into the namespace of the policy for ${name} (\`discoverySelectors\` of its mesh config): whatever is written there does nothing.`,
  "workloads are unread": (name) => `Pods of ${name} could not all be read, so it is not known whether any has a proxy.`,
  "policies are unread": (name) => `PeerAuthentications of ${name} could not all be read, so it is not known which one decides.`,
  "nothing selects it alone": (name) => `The pods of ${name} carry no label that selects them and nothing else: give them one, or change the namespace.`,
  "root namespace is unclear": (name) => `Which namespace is the root is not known (the mesh config could not be read, or it is not known which of several holds), so it is not known what a policy for ${name} would reach.`,
  "control planes differ": (name) => `Proxies of ${name} go by control planes that differ: what decides is STRICT under one and DISABLE under another. From DISABLE the way goes through PERMISSIVE, which would open the other; see the proposal for the mesh first.`,
};

/** Why nothing is proposed for a scope, as a sentence. */
export function noProposalSentence({ because, scope, holdouts }: NoProposal): string {
  const name = scopeName(scope);
  return because === "is STRICT already" ? strictAlready(name, holdouts) : NOT_PROPOSED[because](name);
}

/** `legacy/fax-gateway → logistics/labels` is refused now and would get through. */
export function reopeningSentence({ preview }: Reopening, { snapshot: { telemetry } }: MeshVerdicts): string {
  const name = scopeName(preview.proposal.scope);
  const uncertain = countOf(preview, "uncertain");
  const rest = uncertain === 0 ? "mTLS goes on as it is." : `mTLS goes on as it is, and what would become of ${plural(uncertain, "connection")} cannot be told.`;
  const opened = preview.consequences.filter(({ consequence }) => consequence === "becomes accepted").map(({ edge }) => edge);
  if (opened.length === 0) return `Plaintext to ${name} would be accepted again. No connection is known that STRICT refuses; ${rest}`;
  const refused = (family: Edge["family"]): number => opened.reduce((sum, { family: own, counts }) => sum + (own === family ? counts.refused : 0), 0);
  const parts = [trafficOrNone("http", refused("http")), trafficOrNone("tcp", refused("tcp"))].filter((part) => part !== "");
  const amount = parts.length === 0 ? "" : ` (${parts.join(" and ")} refused in ${coverOf(telemetry).text})`;
  return `Plaintext to ${name} would be accepted again, and ${plural(opened.length, "connection")} that STRICT refuses would get through${amount}: ${listText(opened.map(edgeText))}. ${rest}`;
}

function trafficOrNone(family: Edge["family"], count: number): string {
  return count === 0 ? "" : trafficText(family, count);
}

function edgeText({ client, server }: Edge): string {
  return `${partyName(client, server)} → ${partyName(server, server)}`;
}

export function stepRemarks({ mode }: Proposal): readonly string[] {
  if (mode === "STRICT") return [];
  return ["The mode is DISABLE now, and clients send plaintext because of it. Going to STRICT at once refuses them until every client has heard of it: PERMISSIVE is the first step, STRICT the second, when no plaintext is left."];
}

/** Why it is spoken of, though the window counted nothing of it. */
function unaffected(edge: Edge): string {
  const failed = failedOf(edge);
  if (failed > 0 && edge.observations.every(({ rule }) => rule === "OBS-18")) return `so configuration says, and ${trafficText(edge.family, failed)} in the window failed`;
  const { mtls, plaintext, tls, unclear, refused } = edge.counts;
  return edge.bytes > 0 && mtls + plaintext + tls + unclear + refused === 0 ? "on connections opened before the window" : "seen before the window";
}

function part(edge: Edge, affected: number): string {
  const { mtls, plaintext, tls, unclear, refused } = edge.counts;
  const all = mtls + plaintext + tls + unclear + refused;
  if (affected === 0) return unaffected(edge);
  return affected === all ? `${countText(affected, edge.extrapolated)} ${noun(edge.family, affected)} in the window` : `${countText(affected, edge.extrapolated)} of ${countText(all, edge.extrapolated)} ${noun(edge.family, all)} in the window`;
}

/** Of what the window counted nothing, the look-back tells. */
function isOnlyTls({ counts, lastPlaintextMs, seenBefore = [] }: Edge, affected: number): boolean {
  return affected > 0 ? counts.tls > 0 && counts.plaintext === 0 : seenBefore.includes("tls") && lastPlaintextMs === null && !seenBefore.includes("plaintext");
}

/** What reached a waypoint as mTLS, and nothing else, is what would be refused. */
function isSentOn({ counts, lastPlaintextMs, observations }: Edge): boolean {
  return counts.plaintext + counts.tls === 0 && lastPlaintextMs === null && observations.some(({ rule }) => rule === "OBS-25");
}

function whyBlocked({ edge, after, affected }: Consequence, mode: Proposal["mode"]): string {
  const [client, server] = [partyName(edge.client, edge.server), partyName(edge.server, edge.server)];
  const denied = after.some(({ verdict: { authorization } }) => authorization.kind === "known" && authorization.value === "deny");
  const strict = after.some(({ verdict: { serverMode } }) => serverMode.kind === "known" && serverMode.value === "STRICT");
  if (denied && !strict) return `${server} would refuse ${client} by AuthorizationPolicy: ${part(edge, affected)}.`;
  const what = isOnlyTls(edge, affected) ? "TLS without a mesh certificate" : "plaintext";
  return `${isSentOn(edge) ? `The waypoint sends on what comes from ${client} as` : `${client} sends`} ${what}, and under ${mode} ${server} would accept mTLS only: ${part(edge, affected)}.`;
}

/** What would get through, as it arrives then. */
function whyAccepted({ edge, after, affected }: Consequence, mode: Proposal["mode"]): string {
  const [client, server] = [partyName(edge.client, edge.server), partyName(edge.server, edge.server)];
  const arrives = new Set(after.map(({ verdict: { transport } }) => (transport.kind === "known" ? transport.value : "unknown")));
  const what = arrives.size > 1 || arrives.has("unknown") ? "what it sends" : arrives.has("tls") ? "its TLS without a mesh certificate" : "its plaintext";
  const conditional = after.some(({ verdict: { authorization } }) => authorization.kind === "known" && authorization.value === "conditional");
  return `${server} refuses ${client} now, and would accept ${what} under ${mode}${conditional ? ", as far as AuthorizationPolicies let it" : ""}: ${part(edge, affected)}.`;
}

function whyStill({ edge, after, judge }: Consequence): string {
  const open = after.find(({ verdict: { serverMode } }) => serverMode.kind === "known" && serverMode.value !== "STRICT");
  const server = partyName(edge.server, edge.server);
  const mode = open === undefined ? null : servedBy(edge, open, judge);
  if (open === undefined || mode?.kind !== "known") return `The change does not reach it: ${server} would accept it as now.`;
  const { value, reasons } = mode;
  const object = reasons.find((reason) => reason.object !== null)?.object;
  return `The change does not reach port ${open.targetPort} of ${server}: ${value}${object === null || object === undefined ? "" : `, by ${objectName(object)}`}.`;
}

/** PERMISSIVE takes everything; STRICT has to leave it alone. */
function whyGoesOn(consequence: Consequence, mode: Proposal["mode"]): string {
  const { server } = consequence.edge;
  return mode === "STRICT" ? whyStill(consequence) : `${partyName(server, server)} takes it now, and would under ${mode}.`;
}

function whyUncertain({ gaps }: Consequence): string {
  return gaps.length === 0 ? "It cannot be told." : `Not known: ${gapsText(gaps)}.`;
}

function gapsText(gaps: readonly Gap[]): string {
  return listText(gaps.map(({ wanted, because }) => `${wanted}, because ${because}`), "; ");
}

/** Of the rest of an edge's traffic; where it stays mTLS nothing needs to be said. */
const BESIDE: Readonly<Record<EdgeConsequence, string | null>> = {
  "becomes blocked": "would be refused",
  "becomes accepted": "would get through",
  "becomes mTLS": "would become mTLS",
  uncertain: "cannot be told",
  "identity gained or lost": "would have another answer of an AuthorizationPolicy",
  "already blocked": "would go on being refused",
  "stays plaintext": "would still arrive in plaintext",
  "stays unknown": "would stay unknown",
  "stays application TLS": "would stay application TLS",
  "stays mTLS": null,
};

/** What becomes of the rest, of which the sentence before says nothing: `Beside that, 90 TCP connections cannot be told`. @see rule PRE-21 */
export function besideSentence({ edge, others }: Consequence): string {
  const told = others.flatMap(({ consequence, affected, gaps }) => {
    const becomes = BESIDE[consequence];
    if (becomes === null) return [];
    const amount = affected === 0 ? "what was seen before the window" : trafficText(edge.family, affected);
    return [`${amount} ${becomes}${gaps.length === 0 ? "" : ` (not known: ${gapsText(gaps)})`}`];
  });
  return told.length === 0 ? "" : ` Beside that, ${listText(told)}.`;
}

type Why = (consequence: Consequence, mode: Proposal["mode"]) => string;

function clientOf({ edge: { client, server } }: Consequence): string {
  return partyName(client, server);
}

function serverOf({ edge: { server } }: Consequence): string {
  return partyName(server, server);
}

const WHY: Readonly<Record<EdgeConsequence, Why>> = {
  "becomes blocked": whyBlocked,
  "becomes accepted": whyAccepted,
  "becomes mTLS": (told) => `${clientOf(told)} would send mTLS: ${part(told.edge, told.affected)}. Configuration then says ${configuredText(told.after)}.`,
  uncertain: whyUncertain,
  "identity gained or lost": (told) => `An AuthorizationPolicy of ${serverOf(told)} would see another identity of ${clientOf(told)} than now, and answer differently.`,
  "already blocked": (told) => `${serverOf(told)} refuses ${clientOf(told)} already: ${part(told.edge, told.affected)}.`,
  "stays plaintext": whyGoesOn,
  "stays unknown": (told) => `Not changed by this: unknown before as after. ${whyUncertain(told)}`,
  "stays application TLS": (told, mode) => `The application's own TLS goes on. ${whyGoesOn(told, mode)}`,
  "stays mTLS": (told) => `${clientOf(told)} sends mTLS already: ${part(told.edge, told.affected)}.`,
};

/** Why a change does this to an edge, one sentence. */
export function consequenceSentence(consequence: Consequence, mode: Proposal["mode"]): string {
  return WHY[consequence.consequence](consequence, mode);
}
