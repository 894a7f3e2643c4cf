import type { Gap } from "#mesh";
import { REFUSED_UNCOUNTED } from "../blindSpots.ts";
import type { ProxySettings } from "./proxies.ts";

const LOGS: Gap = {
  wanted: "on a cluster: plaintext that STRICT sidecars refused from callers without a proxy",
  because: "here the sidecars' access logs are read, and mtlscope reads none of a cluster; with that switched off the playground shows what a cluster shows",
};

const NAMES: Gap = {
  wanted: "on a cluster whose proxies do not resolve peers by address: who sends plaintext without a proxy",
  because: "here they do (PEER_METADATA_DISCOVERY); with that switched off the playground shows such senders as unidentified",
};

/** What is not seen in the playground, or would not be seen on a cluster that is set up otherwise. */
export function beyondCluster({ accessLogs, resolvePeersByAddress }: ProxySettings): readonly Gap[] {
  return [accessLogs ? LOGS : REFUSED_UNCOUNTED, ...(resolvePeersByAddress ? [NAMES] : [])];
}
