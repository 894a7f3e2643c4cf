import { appendUnder } from "../order.ts";
import { clear, type EdgeDraft } from "./draft.ts";
import { principalOf } from "./party.ts";
import { slackOf } from "./scraping.ts";
import { isNotMtls, isWithoutCertificate, total } from "./shortfall.ts";
import type { TrafficRow } from "./telemetry.ts";

function placeOf(draft: EdgeDraft): string {
  return `${draft.server.key}|${draft.host ?? ""}|${draft.family}`;
}

/** Connections that the client itself says it sent without a certificate. */
function isBare(row: TrafficRow): boolean {
  return isWithoutCertificate(row) && row.count > 0;
}

/** What a server counted that was not mTLS, and of which no principal names the client. */
function isNameless(row: TrafficRow): boolean {
  return isNotMtls(row) && principalOf(row) === null && row.count > 0;
}

/** Named clients whose proxies alone told of traffic that left without a certificate. */
function unreportedClients(drafts: readonly EdgeDraft[]): ReadonlyMap<string, EdgeDraft[]> {
  const clients = new Map<string, EdgeDraft[]>();
  for (const draft of drafts) {
    const silent = draft.destination.length === 0 && draft.waypoint.length === 0 && draft.host !== null;
    if (!silent || draft.client.party.kind !== "workload" || draft.server.party.kind !== "workload" || !draft.source.some(isBare)) continue;
    appendUnder(clients, placeOf(draft), draft);
  }
  return clients;
}

/** The part of what the server counted without a name that is this client's: its own count, under the server's word for it. */
function attributed(draft: EdgeDraft, unnamed: TrafficRow, count: number): TrafficRow {
  const own = draft.source.filter(isBare);
  const bytes = own.reduce((sum, row) => sum + row.bytes, 0);
  const client = own[0]?.client ?? unnamed.client;
  return { ...unnamed, client, count, bytes, extrapolated: unnamed.extrapolated || own.some(({ extrapolated }) => extrapolated) };
}

/**
 * A server cannot name a plaintext TCP client, yet the client's own proxy counted the connection and knows where it went.
 * What the server counted without a name is shared out to such clients where it is enough for all of them; the rest stays unidentified.
 * Where it is not enough, nobody can say whose it was, and nothing is moved.
 *
 * @see rules OBS-20, SND-4
 */
export function attributeUnnamed(intoDrafts: readonly EdgeDraft[]): void {
  const clients = unreportedClients(intoDrafts);
  if (clients.size === 0) return;
  for (const draft of intoDrafts) {
    if (draft.client.party.kind !== "unidentified") continue;
    const unnamed = draft.destination.filter(isNameless);
    const [only, ...others] = unnamed;
    const senders = (clients.get(placeOf(draft)) ?? []).toSorted((one, other) => (one.key < other.key ? -1 : 1));
    if (only === undefined || others.length > 0 || senders.length === 0) continue;
    share(draft, only, senders);
  }
}

function share(intoDraft: EdgeDraft, only: TrafficRow, intoSenders: readonly EdgeDraft[]): void {
  const sent = intoSenders.reduce((sum, sender) => sum + total(sender.source, isBare), 0);
  const counted = only.count;
  const slack = slackOf(counted);
  if (sent > counted + slack) return;
  const all = Math.abs(counted - sent) <= slack;
  const counts = intoSenders.map((sender) => total(sender.source, isBare));
  // a difference that only the moments of scraping made is the largest sender's
  const largest = counts.indexOf(Math.max(...counts));
  const shares = intoSenders.map((sender, at) => attributed(sender, only, Math.max(1, (counts[at] ?? 0) + (all && at === largest ? counted - sent : 0))));
  shares.forEach((part, at) => {
    const sender = intoSenders[at] as EdgeDraft;
    sender.destination = [part];
    sender.attributed = true;
  });
  const rest = { ...only, count: counted - sent, bytes: Math.max(0, only.bytes - shares.reduce((sum, { bytes }) => sum + bytes, 0)) };
  const kept = intoDraft.destination.filter((row) => row !== only);
  intoDraft.destination = all ? kept : [...kept, rest];
  if (intoDraft.destination.length === 0 && intoDraft.source.length === 0) clear(intoDraft);
}
