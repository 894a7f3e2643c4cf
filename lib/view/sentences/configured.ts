import type { ConfiguredPath } from "#mesh";

/** What configuration answers over all ports and instances: `mTLS`, or `mTLS or plaintext`. */
export function configuredText(configured: readonly ConfiguredPath[]): string {
  const words = new Set(configured.map(({ verdict: { transport } }) => (transport.kind === "known" ? transport.value : "unknown")));
  return words.size === 0 ? "nothing of this way" : [...words].join(" or ");
}
