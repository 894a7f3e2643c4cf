import type { ConfiguredPath, Edge } from "#mesh";
import { seenCounts } from "./seenCounts.ts";

function isPlaintext({ verdict: { transport } }: ConfiguredPath): boolean {
  return transport.kind === "known" && transport.value === "plaintext";
}

/**
 * How much traffic was carried whose security nobody reported, and which configuration says is plaintext.
 * Where it says so of some ways only, that is what the client's proxy sent without a certificate and no server reported (OBS-23).
 */
export function unreportedPlaintext(edge: Pick<Edge, "counts" | "bytes" | "configured" | "observations">): number {
  const { configured, observations } = edge;
  if (seenCounts(edge).unclear === 0 || !configured.some(isPlaintext)) return 0;
  const isWhole = configured.every(isPlaintext);
  // what failed carried nothing (OBS-18)
  const told = observations.filter((observation) => observation.counts === "unclear" && (observation.rule === "OBS-23" || (isWhole && observation.rule !== "OBS-18")));
  const sum = told.reduce((all, { count }) => all + count, 0);
  return sum === 0 && told.some(({ bytes }) => bytes > 0) ? 1 : sum;
}
