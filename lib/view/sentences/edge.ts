import type { Edge, EdgeState, MeshJudge } from "#mesh";
import { causeClause, explanation } from "./cause.ts";
import { configuredText } from "./configured.ts";
import { partyName } from "./party.ts";
import { OLDER, countText, noun, sentence, trafficText, written } from "./quantity.ts";

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

/** What only bytes told of, which connections carried that were opened before the window: nobody counted these. */
function olderText({ counts, observations }: Edge): string {
  const older = PARTS.filter(([part]) => counts[part] === 0 && observations.some((one) => one.counts === part && one.bytes > 0)).map(([, word]) => word);
  return older.length === 0 ? "" : `${older.join(" and ")} on ${OLDER}`;
}

function observed(edge: Edge): string {
  const older = olderText(edge);
  if (total(edge) === 0) return older;
  return `${countsText(edge)} of ${trafficText(edge.family, total(edge))}${older === "" ? "" : `, and ${older}`}`;
}

function withCause(edge: Edge, judge: MeshJudge, opening: string): string {
  const explained = explanation(edge, judge);
  return explained === null ? sentence(opening) : written(opening, ": ", causeClause(explained), ".");
}

/** Beside what the server reported: what it may be, only configuration tells. */
function isForConfigurationToTell({ observations }: Edge): boolean {
  return observations.some(({ rule }) => rule === "OBS-23" || rule === "OBS-25");
}

function onlyText(edge: Edge, word: string): string {
  const { unclear } = edge.counts;
  const main = total(edge) - unclear;
  const says = isForConfigurationToTell(edge) ? `, and configuration says ${configuredText(edge.configured)}` : "";
  const rest = unclear > 0 ? `; of ${countText(unclear, edge.extrapolated)} more nobody reported the security${says}` : "";
  const seen = main === 0 ? `bytes were seen on ${OLDER}, which` : `${countText(main, edge.extrapolated)} ${noun(edge.family, main)}`;
  return `${seen} ${main === 1 ? "was" : "were"} ${word}${rest}`;
}

function idleText({ configured }: Edge): string {
  if (configured.length === 0) return "nothing seen in the window; configuration says nothing of this way";
  return `nothing seen in the window; by configuration it would be ${configuredText(configured)}`;
}

const SENTENCES: Readonly<Record<EdgeState, (edge: Edge, judge: MeshJudge) => string>> = {
  mTLS: (edge) => sentence(onlyText(edge, "mTLS")),
  "application TLS": (edge) => sentence(`${onlyText(edge, "TLS of the application's own")}, without a mesh identity`),
  plaintext: (edge, judge) => withCause(edge, judge, "Plaintext"),
  mixed: (edge, judge) => withCause(edge, judge, observed(edge)),
  "mixed, partly blocked": (edge, judge) => withCause(edge, judge, observed(edge)),
  blocked: (edge, judge) => withCause(edge, judge, `Blocked, ${trafficText(edge.family, edge.counts.refused)} refused`),
  unclear: (edge) => sentence(`nobody reported the security of ${edge.counts.unclear === 0 ? OLDER : trafficText(edge.family, edge.counts.unclear)}; configuration says ${configuredText(edge.configured)}`),
  "expected blocked": (edge, judge) => withCause(edge, judge, "Nothing seen in the window, and it would be blocked"),
  idle: (edge) => sentence(idleText(edge)),
};

/** One sentence: what it is, because of what. */
export function edgeSentence(edge: Edge, judge: MeshJudge): string {
  return SENTENCES[edge.state](edge, judge);
}

/** `legacy/sleep → foo/httpbin` */
export function edgeName({ client, server }: Edge): string {
  return client.kind === "unidentified" ? `unidentified → ${partyName(server, server)}` : `${partyName(client, server)} → ${partyName(server, server)}`;
}
