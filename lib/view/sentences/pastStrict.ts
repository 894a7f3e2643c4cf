import type { Edge } from "#mesh";
import { seenCounts } from "../seenCounts.ts";

/** Plaintext arrived where every port that it can have reached takes nothing but mTLS. */
export function isPastStrict(edge: Edge): boolean {
  const { configured } = edge;
  const isStrict = configured.length > 0 && configured.every(({ verdict: { serverMode } }) => serverMode.kind === "known" && serverMode.value === "STRICT");
  return isStrict && seenCounts(edge).plaintext > 0;
}
