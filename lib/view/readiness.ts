import type { Consequence, NoProposal, Outlook, ProposalPreview } from "#proposals";
import type { Edge, MeshVerdicts } from "#mesh";
import { coverOf, unseenWithoutProxy } from "#proposals";
import type { CountsView, NamespaceView, ReadinessView } from "./meshView.ts";
import { edgeName } from "./sentences/edge.ts";
import { partyName } from "./sentences/party.ts";
import { countText, listText, plural, sentence } from "./sentences/quantity.ts";

type Line = Pick<NamespaceView, "name" | "accepts" | "incoming">;

function answer(kind: ReadinessView["kind"], sentence: string, rest: Partial<ReadinessView> = {}): ReadinessView {
  return { kind, sentence, blockers: 0, uncertain: 0, proposal: null, ...rest };
}

function portsOpen({ accepts }: Line): number {
  return accepts.filter(({ mode }) => mode === "PERMISSIVE" || mode === "DISABLE").reduce((sum, { ports }) => sum + ports, 0);
}

/** Through a port that is open or past the proxy, before the policy came, or against what configuration says: it arrived. */
function plaintextText({ incoming: { requests, connections } }: Line, window: string): string {
  if (requests.plaintext + connections.plaintext === 0) return "";
  return `; in ${window} ${arrivedText([requests.plaintext, connections.plaintext])} arrived as plaintext`;
}

function strictAlready(line: Line, verdicts: MeshVerdicts): ReadinessView {
  const open = portsOpen(line);
  const except = open === 0 ? "" : `, except ${plural(open, "port")} that policies of single workloads keep open`;
  return answer("is STRICT", `${line.name} is STRICT${except}${plaintextText(line, coverOf(verdicts.snapshot.telemetry).text)}.`);
}

function unproposed({ because }: NoProposal, line: Line, verdicts: MeshVerdicts): ReadinessView {
  switch (because) {
    case "is STRICT already":
      return strictAlready(line, verdicts);
    case "nothing to protect":
      return answer("nothing to protect", `No workload of ${line.name} runs a proxy that a PeerAuthentication could tell what to accept.`);
    case "is the root namespace":
      return answer("unknown", `${line.name} is the root namespace: its policy is the whole mesh's, and the mesh's proposal shows what STRICT would do.`, { proposal: "mesh" });
    case "policies are unread":
      return answer("unknown", `PeerAuthentications of ${line.name} could not all be read, so it is not known what decides there.`);
    case "root namespace is unclear":
      return answer("unknown", `Which namespace is the root is not known, so it is not known what decides in ${line.name}.`);
    case "no such scope":
    case "nothing selects it alone":
      return answer("unknown", `Nothing is known of ${line.name} in the configuration: only telemetry names it.`);
  }
}

function seen({ mtls, plaintext, tls, unclear, refused }: CountsView): number {
  return mtls + plaintext + tls + unclear + refused;
}

function having(consequences: readonly Consequence[], wanted: Consequence["consequence"]): readonly Consequence[] {
  return consequences.filter(({ consequence }) => consequence === wanted);
}

function notReady(line: Line, blocked: readonly Consequence[]): string {
  const senders = [...new Set(blocked.map(({ edge: { client, server } }) => partyName(client, server)))].sort();
  return `No: STRICT would block ${plural(blocked.length, "connection")} to ${line.name} from ${plural(senders.length, "sender")} (${listText(senders)}).`;
}

/** `1,080 requests and 1 TCP connection`: what is not zero. */
function arrivedText([requests, connections]: readonly [requests: number, connections: number]): string {
  return [...(requests > 0 ? [plural(requests, "request")] : []), ...(connections > 0 ? [plural(connections, "TCP connection")] : [])].join(" and ");
}

function seenText(line: Line, window: string): string {
  return `${arrivedText([seen(line.incoming.requests), seen(line.incoming.connections)])} in ${window}`;
}

/** Nobody reported its security, and where it goes past every proxy STRICT changes nothing. */
function isPastStrict({ edge: { counts, server }, consequence }: Consequence, { judge }: MeshVerdicts): boolean {
  const instances = server.kind === "workload" ? judge.workloads.get(server.id)?.instances : undefined;
  return consequence === "stays plaintext" && counts.unclear > 0 && instances?.some(({ dataPlaneMode }) => dataPlaneMode !== "none") === true;
}

function pastStrict(past: readonly Consequence[]): string {
  const sum = (wanted: Edge["family"]): number => past.reduce((total, { edge: { family, counts } }) => total + (family === wanted ? counts.unclear : 0), 0);
  const edges = listText([...new Set(past.map(({ edge }) => edgeName(edge)))].sort());
  return `No server reported the security of ${arrivedText([sum("http"), sum("tcp")])} (${edges}), and configuration says plaintext: STRICT would not reach that.`;
}

/** What could prove it wrong: who can only send plaintext and kept silent, and what telemetry could not say. */
function unseenText(verdicts: MeshVerdicts, preview: ProposalPreview): string {
  const bare = unseenWithoutProxy(verdicts, preview).length;
  const { length } = verdicts.snapshot.telemetry.gaps;
  const silent = bare === 0 ? "" : `; ${plural(bare, "workload")} without a proxy ${bare === 1 ? "was" : "were"} not seen calling`;
  const unseen = length === 0 ? "" : ` ${countText(length)} ${length === 1 ? "thing" : "things"} about traffic could not be seen: read the proposal's doubts first.`;
  return `${silent}.${unseen}`;
}

function previewed(preview: ProposalPreview, line: Line, verdicts: MeshVerdicts): ReadinessView {
  const { proposal, consequences } = preview;
  const { telemetry } = verdicts.snapshot;
  const { windowMs, knownMs, text: window } = coverOf(telemetry);
  const [blocked, doubtful] = [having(consequences, "becomes blocked"), having(consequences, "uncertain")];
  const numbers = { blockers: blocked.length, uncertain: doubtful.length, proposal: proposal.id };
  if (proposal.mode === "PERMISSIVE") return answer("not ready", `${line.name} is DISABLE now: PERMISSIVE comes first, STRICT when no plaintext is left.`, numbers);
  if (blocked.length > 0) return answer("not ready", notReady(line, blocked), numbers);
  const past = consequences.filter((consequence) => isPastStrict(consequence, verdicts));
  if (doubtful.length > 0) return answer("unknown", `What STRICT would do to ${plural(doubtful.length, "connection")} to ${line.name} cannot be told.`, numbers);
  if (past.length > 0) return answer("unknown", pastStrict(past), numbers);
  if (knownMs < windowMs / 2) return answer("unknown", sentence(`${knownMs === 0 ? "" : "only "}${window} is known; what came in the rest may have been plaintext`), numbers);
  if (seen(line.incoming.requests) + seen(line.incoming.connections) === 0) {
    return answer("unknown", `Nothing was seen going to ${line.name} in ${window}; silence is no proof that nobody sends plaintext.`, numbers);
  }
  return answer("ready", `Ready by what was seen: ${seenText(line, window)}, none of which STRICT would block${unseenText(verdicts, preview)}`, numbers);
}

/** Without an outlook nothing is claimed. */
export function readinessOf(verdicts: MeshVerdicts, outlook: Outlook | null): (line: Line) => ReadinessView {
  const previews = new Map(outlook?.previews.map((preview) => [preview.proposal.id, preview]));
  const others = new Map(outlook?.others.map((other) => [other.id, other]));
  return (line) => {
    const id = `namespace:${line.name}`;
    const [preview, other] = [previews.get(id), others.get(id)];
    if (preview !== undefined) return previewed(preview, line, verdicts);
    if (other !== undefined) return unproposed(other, line, verdicts);
    return answer("unknown", `It has not been worked out what STRICT would do in ${line.name}.`);
  };
}
