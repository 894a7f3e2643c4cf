import type { Consequence, NoProposal, Outlook, ProposalPreview, UnheardServer } from "#proposals";
import { lengthText, workloadIdParts } from "#mesh";
import type { Edge, MeshVerdicts } from "#mesh";
import { areWorkloadsUnread, coverOf, refusedApiServerCalls, silentWorkloads, unheardServers, unheardText, unseenWithoutProxy } from "#proposals";
import type { CountsView, ReadinessView } from "./meshView.ts";
import { isAnyProtected, openText, unknownTakers } from "./protectedTraffic.ts";
import { apiServerText } from "./sentences/apiServer.ts";
import { edgeName } from "./sentences/edge.ts";
import { partyName } from "./sentences/party.ts";
import { countOf, having } from "./sentences/proposal.ts";
import { countText, listText, plural, sentence } from "./sentences/quantity.ts";
import { acceptsUnknown, answer, arrivedText, podsUnread, portsThat, strictAlready } from "./strictness.ts";
import type { Line } from "./strictness.ts";

type Unproposed = (line: Line, verdicts: MeshVerdicts) => ReadinessView;

function nowhere({ name }: Line): ReadinessView {
  return answer("unknown", `Nothing is known of ${name} in the configuration: only telemetry names it.`);
}

const UNPROPOSED: Readonly<Record<NoProposal["because"], Unproposed>> = {
  "is STRICT already": strictAlready,
  "nothing to protect": ({ name }) => answer("nothing to protect", `No workload of ${name} runs a proxy that a PeerAuthentication could tell what to accept.`),
  "is the root namespace": ({ name }) => answer("unknown", `${name} is the root namespace: its policy is the whole mesh's, and the mesh's proposal shows what STRICT would do.`, { proposal: "mesh" }),
  "is not discovered": ({ name }) => answer("unknown", `istiod does not look into ${name} (\`discoverySelectors\` of its mesh config): a policy written there does nothing.`),
  "workloads are unread": (line) => answer("unknown", podsUnread(line)),
  "policies are unread": ({ name }) => answer("unknown", `PeerAuthentications of ${name} could not all be read, so it is not known what decides there.`),
  "root namespace is unclear": ({ name }) => answer("unknown", `Which namespace is the root is not known, so it is not known what decides in ${name}.`),
  "control planes differ": ({ name }) => answer("not ready", `Proxies of ${name} go by control planes that differ: what decides is STRICT under one and DISABLE under another. The mesh's proposal comes first.`, { proposal: "mesh" }),
  "no such scope": nowhere,
  "nothing selects it alone": nowhere,
};

/** What arrived and would still arrive; what was refused, failed, or was never reported whole proves nothing. */
function seen({ mtls, plaintext, tls }: CountsView): number {
  return mtls + plaintext + tls;
}

/** An edge that would be blocked in part and is uncertain in part is told of either way, as in the list of proposals. @see rule PRE-21 */
function notReady(line: Line, preview: ProposalPreview): string {
  const blocked = having(preview, "becomes blocked");
  const uncertain = countOf(preview, "uncertain");
  const senders = [...new Set(blocked.map(({ edge: { client, server } }) => partyName(client, server)))].sort();
  const rest = uncertain === 0 ? "" : `; what it would do to ${plural(uncertain, "connection")} cannot be told`;
  return `No: STRICT would block ${plural(blocked.length, "connection")} to ${line.name} from ${plural(senders.length, "sender")} (${listText(senders)})${rest}.`;
}

function seenText(line: Line, window: string): string {
  return `${arrivedText([seen(line.incoming.requests), seen(line.incoming.connections)])} in ${window}`;
}

/** Nobody reported its security, and where it goes past every proxy STRICT changes nothing. */
function isUnreportedPastStrict({ edge: { counts, server }, consequence, others }: Consequence, { judge }: MeshVerdicts): boolean {
  const instances = server.kind === "workload" ? judge.workloads.get(server.id)?.instances : undefined;
  const goesOn = consequence === "stays plaintext" || others.some((share) => share.consequence === "stays plaintext");
  return goesOn && counts.unclear > 0 && instances?.some(({ dataPlaneMode }) => dataPlaneMode !== "none") === true;
}

function pastStrict(past: readonly Consequence[]): string {
  const sum = (wanted: Edge["family"]): number => past.reduce((total, { edge: { family, counts } }) => total + (family === wanted ? counts.unclear : 0), 0);
  const edges = listText([...new Set(past.map(({ edge }) => edgeName(edge)))].sort());
  return `No server reported the security of ${arrivedText([sum("http"), sum("tcp")])} (${edges}), and configuration says plaintext: STRICT would not reach that.`;
}

/** What could prove it wrong: who can only send plaintext and kept silent, whose proxies perhaps nobody scrapes, and what telemetry could not say. */
function unseenText(verdicts: MeshVerdicts, preview: ProposalPreview, { name }: Line): string {
  const bare = unseenWithoutProxy(verdicts, preview).length;
  const { length } = verdicts.snapshot.telemetry.gaps;
  const { length: mute } = silentWorkloads(verdicts).get(name) ?? [];
  const untold = mute === 0 ? "" : `; of ${plural(mute, "workload")} with a proxy nobody told anything`;
  const silent = bare === 0 ? untold : `${untold}; ${plural(bare, "workload")} without a proxy ${bare === 1 ? "was" : "were"} not seen calling`;
  const unseen = length === 0 ? "" : ` ${countText(length)} ${length === 1 ? "thing" : "things"} about traffic could not be seen: read the proposal's doubts first.`;
  return `${silent}.${unseen}`;
}

/** Telemetry that is older than this says nothing of now. */
const FRESH_MS = 300_000;

/** Too little of the window is known, or nothing that STRICT would protect came in it. @see rules PRE-28, PRE-31, PRE-33 */
function silenceText({ name, incoming: { requests, connections } }: Line, { snapshot: { telemetry } }: MeshVerdicts, preview: ProposalPreview): string | null {
  const { windowMs, knownMs, text: window } = coverOf(telemetry);
  if (knownMs === null) return `It is not known which part of the window of ${lengthText(windowMs / 1_000)} was scraped: what came in the rest may have been plaintext.`;
  if (knownMs < windowMs / 2) return sentence(`${knownMs === 0 ? "" : "only "}${window} is known; what came in the rest may have been plaintext`);
  if (isAnyProtected(preview)) return null;
  const takers = unknownTakers(preview);
  if (takers.length > 0) return `All mTLS that was seen arriving at ${name} in ${window} went to what is no workload known there (${listText(takers)}): it proves nothing of any that is.`;
  const open = openText(preview);
  if (seen(requests) + seen(connections) === 0 || open === "") return `Nothing was seen arriving at ${name} in ${window}; silence is no proof that nobody sends plaintext.`;
  return `Nothing that STRICT would protect was seen arriving at ${name} in ${window}: ${open}.`;
}

/** Telemetry ends long before now, or after it: then it tells of another time than the configuration. @see rule PRE-28 */
function anotherTimeText({ name }: Line, { snapshot: { telemetry, capturedAtMs } }: MeshVerdicts): string | null {
  const aheadMs = telemetry.windowEndMs - capturedAtMs;
  if (aheadMs > FRESH_MS) return `The window ends ${lengthText(aheadMs / 1_000)} after the configuration was read: it is not known what it tells of now.`;
  const ageMs = capturedAtMs - Math.min(telemetry.windowEndMs, coverOf(telemetry).knownUntilMs ?? telemetry.windowEndMs);
  return ageMs > FRESH_MS ? `Traffic is known until ${lengthText(ageMs / 1_000)} ago only: what came to ${name} since then may have been plaintext.` : null;
}

/** Of the first cause: the picture's gaps tell each. */
function unheardSentence(unheard: readonly UnheardServer[], window: string): string {
  const [[because, servers] = ["", []]] = Map.groupBy(unheard, (server) => unheardText(server, window));
  return `Plaintext to ${listText(servers.map(({ workload }) => workload))} from callers without a proxy would not have been seen: ${because}`;
}

/** What keeps anybody from saying that nothing would be blocked; `null` where nothing does. @see rules PRE-27, PRE-28, PRE-29 */
function unprovedText(line: Line, verdicts: MeshVerdicts, preview: ProposalPreview): string | null {
  const { snapshot: { configuration, telemetry } } = verdicts;
  if (areWorkloadsUnread(configuration, line.name)) return podsUnread(line);
  if (portsThat(line, "unknown") > 0) return acceptsUnknown(line, "").sentence;
  const another = anotherTimeText(line, verdicts);
  if (another !== null) return another;
  const unheard = unheardServers(verdicts).filter(({ workload }) => workloadIdParts(workload).namespace === line.name);
  return unheard.length === 0 ? silenceText(line, verdicts, preview) : unheardSentence(unheard, coverOf(telemetry).text);
}

function previewed(preview: ProposalPreview, line: Line, verdicts: MeshVerdicts): ReadinessView {
  const { proposal, consequences } = preview;
  const numbers = { blockers: countOf(preview, "becomes blocked"), uncertain: countOf(preview, "uncertain"), proposal: proposal.id };
  if (proposal.mode === "PERMISSIVE") return answer("not ready", `${line.name} is DISABLE now: PERMISSIVE comes first, STRICT when no plaintext is left.`, numbers);
  if (numbers.blockers > 0) return answer("not ready", notReady(line, preview), numbers);
  const apiServer = apiServerText(refusedApiServerCalls(verdicts, preview));
  if (apiServer !== null) return answer("not ready", apiServer, numbers);
  const past = consequences.filter((consequence) => isUnreportedPastStrict(consequence, verdicts));
  if (numbers.uncertain > 0) return answer("unknown", `What STRICT would do to ${plural(numbers.uncertain, "connection")} to ${line.name} cannot be told.`, numbers);
  if (past.length > 0) return answer("unknown", pastStrict(past), numbers);
  const missing = unprovedText(line, verdicts, preview);
  if (missing !== null) return answer("unknown", missing, numbers);
  const open = openText(preview);
  return answer("ready", `Ready by what was seen: ${seenText(line, coverOf(verdicts.snapshot.telemetry).text)}, none of which STRICT would block${open === "" ? "" : `; ${open}`}${unseenText(verdicts, preview, line)}`, numbers);
}

/** Whether a namespace is ready for STRICT, and what keeps it from that; where no outlook was made nothing is claimed. */
export function readinessOf(verdicts: MeshVerdicts, outlook: Outlook | null): (line: Line) => ReadinessView {
  const previews = new Map(outlook?.previews.map((preview) => [preview.proposal.id, preview]));
  const others = new Map(outlook?.others.map((other) => [other.id, other]));
  return (line) => {
    const id = `namespace:${line.name}`;
    const [preview, other] = [previews.get(id), others.get(id)];
    if (preview !== undefined) return previewed(preview, line, verdicts);
    if (other !== undefined) return UNPROPOSED[other.because](line, verdicts);
    return answer("unknown", `It has not been worked out what STRICT would do in ${line.name}.`);
  };
}
