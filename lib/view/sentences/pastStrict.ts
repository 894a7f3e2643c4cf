import type { Edge } from "#mesh";

/** Plaintext arrived where every port that it can have reached takes nothing but mTLS. */
export function isPastStrict({ counts, configured }: Edge): boolean {
  const isStrict = configured.length > 0 && configured.every(({ verdict: { serverMode } }) => serverMode.kind === "known" && serverMode.value === "STRICT");
  return counts.plaintext > 0 && isStrict;
}
