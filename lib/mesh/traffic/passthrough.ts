import { clear, type EdgeDraft } from "./draft.ts";
import { isPassthrough, principalOf } from "./party.ts";
import { slackOf } from "./scraping.ts";
import { isNotMtls, total } from "./shortfall.ts";
import type { TrafficRow } from "./telemetry.ts";

function clientKey({ client, family }: EdgeDraft): string {
  return `${client.key}|${family}`;
}

function add(intoTotals: Map<string, number>, key: string, count: number): void {
  intoTotals.set(key, (intoTotals.get(key) ?? 0) + count);
}

/** Past the registry a proxy passes bytes on as they are, and uses no certificate of its own. */
function isPassedOn(row: TrafficRow): boolean {
  return isPassthrough(row) && principalOf(row) === null;
}

/** A client's traffic past the registry to who knows where. */
function isBeyond(draft: EdgeDraft): boolean {
  return draft.server.party.kind !== "workload" && draft.destination.length === 0 && draft.source.length > 0 && draft.source.every(isPassedOn);
}

/** What servers counted of these clients that was not mTLS, although the clients' own proxies told nothing about these servers. */
function untold(drafts: readonly EdgeDraft[], clients: ReadonlySet<string>): ReadonlyMap<string, number> {
  const told = new Set<string>();
  for (const draft of drafts) if (draft.source.length > 0) told.add(`${clientKey(draft)}|${draft.server.key}`);
  const totals = new Map<string, number>();
  for (const draft of drafts) {
    const key = clientKey(draft);
    if (draft.destination.length > 0 && clients.has(key) && !told.has(`${key}|${draft.server.key}`)) add(totals, key, total(draft.destination, isNotMtls));
  }
  return totals;
}

/**
 * A meshed client that dials a pod with any Host header reports `PassthroughCluster` and that header, while the pod reports the client.
 * Where all that a client sent past the registry is what servers counted of it as not mTLS beyond its other reports, it is the same traffic.
 *
 * @see rule OBS-16
 */
export function dropPassthroughTwins(intoDrafts: readonly EdgeDraft[]): void {
  const beyond = intoDrafts.filter(isBeyond);
  if (beyond.length === 0) return;
  const sent = new Map<string, number>();
  for (const draft of beyond) add(sent, clientKey(draft), total(draft.source, isPassedOn));
  const arrived = untold(intoDrafts, new Set(sent.keys()));
  for (const draft of beyond) {
    const left = sent.get(clientKey(draft)) ?? 0;
    const counted = arrived.get(clientKey(draft)) ?? 0;
    if (counted > 0 && Math.abs(left - counted) <= slackOf(left)) clear(draft);
  }
}
