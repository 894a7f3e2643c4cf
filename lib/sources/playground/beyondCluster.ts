import type { Gap, Pod, TelemetryRow } from "#mesh";
import { REFUSED_UNCOUNTED } from "../blindSpots.ts";
import type { ProxySettings } from "./proxies.ts";

function ownerOf(address: string, pods: readonly Pod[]): string {
  const pod = pods.find(({ ips }) => ips.includes(address));
  return pod === undefined ? address : `${pod.namespace}/${pod.owner.name}`;
}

function runsNoProxy(address: string, pods: readonly Pod[]): boolean {
  return pods.find(({ ips }) => ips.includes(address))?.containers.some(({ name }) => name === "istio-proxy") !== true;
}

/** Whose refusals only a listener's log tells of: `legacy/erp → payments/ledger`. A client's own proxy would have counted them. */
function onlyLogged(rows: readonly TelemetryRow[], pods: readonly Pod[]): readonly string[] {
  const pairs = rows.flatMap((row) => (row.what === "refusal" && runsNoProxy(row.clientAddress, pods) ? [`${ownerOf(row.clientAddress, pods)} → ${ownerOf(row.serverAddress, pods)}`] : []));
  return [...new Set(pairs)].sort();
}

function logs(pairs: readonly string[]): Gap {
  const here = pairs.length === 0 ? "" : ` (only they tell that something was refused from ${pairs.join(", ")})`;
  return {
    wanted: "on a cluster: plaintext that STRICT sidecars refused from callers without a proxy",
    because: `here the sidecars' access logs are read${here}, and mtlscope reads none of a cluster; with that switched off the playground shows what a cluster shows`,
  };
}

const NAMES: Gap = {
  wanted: "on a cluster whose proxies do not resolve peers by address: who sends plaintext without a proxy",
  because: "here they do (PEER_METADATA_DISCOVERY); with that switched off the playground shows such senders as unidentified",
};

/**
 * What is not seen in the playground, or would not be seen on a cluster that is set up otherwise.
 *
 * @param rows of the window; `pods` say whose addresses stand in them
 */
export function beyondCluster({ accessLogs, resolvePeersByAddress }: ProxySettings, rows: readonly TelemetryRow[], pods: readonly Pod[]): readonly Gap[] {
  return [accessLogs ? logs(onlyLogged(rows, pods)) : REFUSED_UNCOUNTED, ...(resolvePeersByAddress ? [NAMES] : [])];
}
