import type { Gap } from "#mesh";

/** What no metric tells: plaintext that a STRICT sidecar refuses is taken by no filter chain, so no filter counts it. */
export const REFUSED_UNCOUNTED: Gap = {
  wanted: "plaintext that STRICT sidecars refused from callers without a proxy",
  because: "no metric of Istio's counts it: only the server's access log (`NR filter_chain_not_found`) and Envoy's `no_filter_chain_match` tell of it, and mtlscope reads neither",
};
