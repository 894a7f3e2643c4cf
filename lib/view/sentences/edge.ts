import type { ConfiguredPath, Edge, MeshJudge } from "#mesh";
import { causeClause, explanation } from "./cause.ts";
import { partyName } from "./party.ts";
import { countText, noun, sentence, trafficText } from "./quantity.ts";

const PARTS = [
  ["mtls", "mTLS"],
  ["plaintext", "plaintext"],
  ["tls", "application TLS"],
  ["unclear", "of unreported security"],
  ["refused", "refused"],
] as const;

/** `299 mTLS, 1 plaintext`: every part that is not zero, exact. */
export function countsText({ counts, extrapolated }: Pick<Edge, "counts" | "extrapolated">): string {
  const parts = PARTS.filter(([part]) => counts[part] > 0).map(([part, word]) => `${countText(counts[part], extrapolated)} ${word}`);
  return parts.join(", ");
}

function total({ counts }: Edge): number {
  return PARTS.reduce((sum, [part]) => sum + counts[part], 0);
}

function observed(edge: Edge): string {
  return `${countsText(edge)} of ${trafficText(edge.family, total(edge))}`;
}

/** What configuration answers over all ports and instances: `mTLS`, or `mTLS or plaintext, by port`. */
export function configuredText(configured: readonly ConfiguredPath[]): string {
  const words = new Set(configured.map(({ verdict: { transport } }) => (transport.kind === "known" ? transport.value : "unknown")));
  return words.size === 0 ? "unknown" : [...words].join(" or ");
}

function withCause(edge: Edge, judge: MeshJudge, opening: string): string {
  const explained = explanation(edge, judge);
  return explained === null ? sentence(opening) : `${opening}: ${causeClause(explained)}.`;
}

function onlyText(edge: Edge, word: string): string {
  const { unclear } = edge.counts;
  const main = total(edge) - unclear;
  const rest = unclear > 0 ? `; of ${countText(unclear, edge.extrapolated)} more nobody reported the security` : "";
  return `${countText(main, edge.extrapolated)} ${noun(edge.family, main)} ${main === 1 ? "was" : "were"} ${word}${rest}`;
}

/** One sentence: what it is, because of what. */
export function edgeSentence(edge: Edge, judge: MeshJudge): string {
  switch (edge.state) {
    case "mTLS":
      return sentence(onlyText(edge, "mTLS"));
    case "application TLS":
      return sentence(`${onlyText(edge, "TLS of the application's own")}, without a mesh identity`);
    case "plaintext":
      return withCause(edge, judge, "Plaintext");
    case "mixed":
    case "mixed, partly blocked":
      return withCause(edge, judge, observed(edge));
    case "blocked":
      return withCause(edge, judge, `Blocked, ${trafficText(edge.family, edge.counts.refused)} refused`);
    case "unclear":
      return sentence(`nobody reported the security of ${trafficText(edge.family, edge.counts.unclear)}; configuration says ${configuredText(edge.configured)}`);
    case "expected blocked":
      return withCause(edge, judge, "Nothing seen in the window, and it would be blocked");
    case "idle":
      return sentence(`nothing seen in the window; by configuration it would be ${configuredText(edge.configured)}`);
  }
}

/** `legacy/sleep → foo/httpbin` */
export function edgeName({ client, server }: Edge): string {
  return client.kind === "unidentified" ? `unidentified → ${partyName(server, server)}` : `${partyName(client, server)} → ${partyName(server, server)}`;
}
