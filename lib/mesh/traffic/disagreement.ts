import type { ConfiguredAnswer } from "./configured.ts";
import type { Disagreement, Observation, ObservedCounts } from "./edge.ts";
import type { Presence } from "./state.ts";

/** What was observed on an edge, and what configuration says of it. */
export interface Facts {
  readonly observed: Presence;
  readonly observations: readonly Observation[];
  readonly configured: ConfiguredAnswer;
}

/** `STRICT` is enforced on every port, whoever the client is. */
function onlyStrict({ paths }: ConfiguredAnswer): boolean {
  return paths.length > 0 && paths.every(({ verdict }) => verdict.serverMode.kind === "known" && verdict.serverMode.value === "STRICT");
}

function plaintextContradicts({ configured: { summary } }: Facts): boolean {
  return summary.known && !summary.transports.includes("plaintext") && !summary.transports.includes("tls");
}

function refusalContradicts({ configured: { summary }, observations }: Facts): boolean {
  const refusals = observations.filter((observation) => observation.counts === "refused" && observation.refusal !== "inferred" && observation.rule !== "OBS-17");
  const denied = summary.authorizations.includes("deny") || summary.authorizations.includes("conditional");
  return summary.known && refusals.some((refusal) => (refusal.refusal === "authorization" ? !denied : !summary.someBlocked && !denied));
}

function mtlsContradicts({ configured: { summary } }: Facts): boolean {
  return summary.known && !summary.transports.includes("mTLS");
}

const ACCEPTED = ["plaintext", "mtls", "tls"] as const;
const CONTRADICTS: Readonly<Record<(typeof ACCEPTED)[number], (facts: Facts) => boolean>> = { plaintext: plaintextContradicts, mtls: mtlsContradicts, tls: plaintextContradicts };

function contradicted(facts: Facts): keyof ObservedCounts | null {
  const refused = facts.configured.summary.known && facts.configured.summary.allRefused;
  for (const kind of ACCEPTED) if (facts.observed[kind] && (refused || CONTRADICTS[kind](facts))) return kind;
  return facts.observed.refused && refusalContradicts(facts) ? "refused" : null;
}

/**
 * What was observed in the window against what configuration says now.
 *
 * @returns `null` where they agree, or where configuration is unknown on a way that could explain it
 * @see rule EDGE-13
 */
export function disagreementOf(facts: Facts): Disagreement | null {
  const { summary } = facts.configured;
  const kind = contradicted(facts);
  if (kind !== null) return { observed: kind, transports: [...summary.transports].sort(), isDenied: summary.allDenied };
  return facts.observed.plaintext && onlyStrict(facts.configured) ? { observed: "plaintext", transports: [], isDenied: false } : null;
}
