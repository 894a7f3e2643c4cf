import type { ConfiguredPath, ProtocolFamily, ServerMode } from "#mesh";
import type { Consequence, EdgeConsequence, ProposalPreview } from "#proposals";
import { partyName } from "./sentences/party.ts";
import { listText } from "./sentences/quantity.ts";
import { arrivedText } from "./strictness.ts";

/** Requests, then connections. */
type Amount = readonly [requests: number, connections: number];

const PROTECTED: ReadonlySet<EdgeConsequence> = new Set<EdgeConsequence>(["stays mTLS", "becomes mTLS", "identity gained or lost"]);
const OPEN: ReadonlySet<EdgeConsequence> = new Set<EdgeConsequence>(["stays plaintext"]);

function sharesOf(consequence: Consequence): Consequence["others"] {
  return [consequence, ...consequence.others];
}

function affected(consequences: readonly Consequence[], wanted: ReadonlySet<EdgeConsequence>): Amount {
  const of = (family: ProtocolFamily): number =>
    consequences.filter(({ edge }) => edge.family === family).flatMap(sharesOf).reduce((sum, share) => sum + (wanted.has(share.consequence) ? share.affected : 0), 0);
  return [of("http"), of("tcp")];
}

function isProtected(consequence: Consequence): boolean {
  return affected([consequence], PROTECTED).some((count) => count > 0);
}

function isOfKnown({ edge: { server }, judge }: Consequence): boolean {
  return server.kind === "workload" && judge.workloads.has(server.id);
}

/** Whether any arrived as mesh mTLS at a workload that is known: what goes on in plaintext proves nothing of what STRICT would refuse, nor does what went to nobody knows whom. @see rules PRE-31, PRE-33 */
export function isAnyProtected({ consequences }: ProposalPreview): boolean {
  return consequences.some((consequence) => isOfKnown(consequence) && isProtected(consequence));
}

/** Where mesh mTLS arrived of which nobody knows the workload that took it. @see rule PRE-31 */
export function unknownTakers({ consequences }: ProposalPreview): readonly string[] {
  const taken = consequences.filter((consequence) => !isOfKnown(consequence) && isProtected(consequence));
  return [...new Set(taken.map(({ edge: { server } }) => partyName(server, server)))].sort();
}

function reasonOf(mode: ServerMode): string | null {
  switch (mode) {
    case "PERMISSIVE":
    case "DISABLE":
      return "kept open by a policy of its own";
    case "NONE":
      return "without a proxy";
    case "UNCAPTURED":
      return "past its proxy";
    case "STRICT":
    case "GATEWAY":
      return null;
  }
}

/** What it sends may be other than configuration says: where it arrives decides. */
function reasonOn({ verdict: { serverMode } }: ConfiguredPath): readonly string[] {
  const reason = serverMode.kind === "known" ? reasonOf(serverMode.value) : null;
  return reason === null ? [] : [reason];
}

function serverText(server: string, own: readonly Consequence[]): string {
  const reasons = [...new Set(own.flatMap(({ after }) => after.flatMap(reasonOn)))].sort();
  return reasons.length === 0 ? server : `${server}, ${reasons.join(" or ")}`;
}

/** `30 requests stay plaintext, and STRICT protects none of them (foo/db, without a proxy)`; empty where nothing does. @see rule PRE-33 */
export function openText({ consequences }: ProposalPreview): string {
  const open = consequences.filter((consequence) => affected([consequence], OPEN).some((count) => count > 0));
  if (open.length === 0) return "";
  const amount = affected(open, OPEN);
  const servers = [...Map.groupBy(open, ({ edge: { server } }) => partyName(server, server))].sort(([left], [right]) => (left < right ? -1 : 1));
  const [verb, rest] = amount[0] + amount[1] === 1 ? ["stays", "does not protect it"] : ["stay", "protects none of them"];
  return `${arrivedText(amount)} ${verb} plaintext, and STRICT ${rest} (${listText(servers.map(([server, own]) => serverText(server, own)), "; ")})`;
}
