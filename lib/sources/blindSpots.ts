import type { Gap } from "#mesh";

/** No filter chain takes it, so no filter counts it. */
export const REFUSED_UNCOUNTED: Gap = {
  wanted: "plaintext that STRICT sidecars refused from callers without a proxy",
  because: "no metric of Istio's counts it: only the server's access log (`NR filter_chain_not_found`) and Envoy's `no_filter_chain_match` tell of it, and mtlscope reads neither",
};
