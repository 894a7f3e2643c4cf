import type { ConfiguredPath, Edge } from "#mesh";

function isPlaintext({ verdict: { transport } }: ConfiguredPath): boolean {
  return transport.kind === "known" && transport.value === "plaintext";
}

/**
 * How much traffic was carried whose security nobody reported, and which configuration says is plaintext.
 * Where it says so of some ways only, that is what the client's proxy sent without a certificate and no server reported (OBS-23).
 */
export function unreportedPlaintext({ counts, configured, observations }: Pick<Edge, "counts" | "configured" | "observations">): number {
  if (counts.unclear === 0 || !configured.some(isPlaintext)) return 0;
  const isWhole = configured.every(isPlaintext);
  // what failed carried nothing (OBS-18)
  const told = observations.filter((observation) => observation.counts === "unclear" && (observation.rule === "OBS-23" || (isWhole && observation.rule !== "OBS-18")));
  return told.reduce((sum, { count }) => sum + count, 0);
}
