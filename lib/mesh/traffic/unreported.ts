import type { EdgeDraft } from "./draft.ts";
import type { ConfiguredPath } from "./edge.ts";
import { slackOf } from "./scraping.ts";
import { isNotMtls, reportedRows, shortfall, total } from "./shortfall.ts";
import type { Told } from "./span.ts";
import type { TrafficRow } from "./telemetry.ts";
import { isFlagged } from "./ztunnel.ts";

const NONE: readonly never[] = [];

/** A sidecar that sends through the tunnel shows no certificate either. */
function mayBeTunnelled(bare: readonly TrafficRow[], reported: readonly TrafficRow[], paths: readonly ConfiguredPath[]): boolean {
  if (!bare.some(({ proxy }) => proxy === "envoy")) return false;
  const isTunnelled = paths.some(({ verdict: { clientMode } }) => clientMode.kind === "known" && clientMode.value === "HBONE");
  return isTunnelled || reported.some(({ proxy, reporter }) => proxy === "ztunnel" || reporter === "waypoint");
}

/** Where configuration sends plaintext to some of the server's pods, no difference is one of moments. */
function isOpen(path: ConfiguredPath): boolean {
  const transport = transportOf(path);
  return transport === "plaintext" || transport === "tls";
}

/** What a client sent beyond all that the server reported, whatever either says of its security. */
function excess({ source }: Told["draft"], reported: readonly TrafficRow[]): number {
  const wentThrough = (row: TrafficRow): boolean => !isFlagged(row);
  return total(source, wentThrough) - total(reported, wentThrough);
}

/** The first of the rows that make up a number. */
function partsOf(rows: readonly TrafficRow[], number: number): readonly TrafficRow[] {
  let left = Math.round(number);
  return rows.flatMap((row): readonly TrafficRow[] => {
    const count = Math.min(row.count, left);
    left -= count;
    if (count === row.count) return count > 0 ? [row] : NONE;
    return count > 0 ? [{ ...row, count, bytes: Math.round((row.bytes * count) / row.count) }] : NONE;
  });
}

/**
 * Of what a client sent without certificate, that which no server reported.
 *
 * A server's report replaces the client's of the same traffic; pods without a proxy, ports past it and proxies that nobody scrapes report nothing.
 * Servers differ from clients by the moments of scraping, and may have counted it under another Service of theirs.
 *
 * @param bare rows of the draft that tell of no certificate
 * @see rule OBS-23
 */
export function unreportedRows(bare: readonly TrafficRow[], { draft, span }: Told, paths: readonly ConfiguredPath[]): readonly TrafficRow[] {
  const reported = reportedRows(draft);
  const missing = shortfall(draft);
  if (mayBeTunnelled(bare, reported, paths)) {
    const number = Math.min(missing, excess(draft, reported));
    const slack = paths.some(isOpen) ? 0 : slackOf(total(draft.source, () => true));
    return number > slack ? partsOf(bare, number) : NONE;
  }
  if (span.isReportedElsewhere(draft)) return NONE;
  if (!reported.some(isNotMtls)) return bare;
  return missing > slackOf(total(bare, () => true)) ? partsOf(bare, missing) : NONE;
}

/** Of what a waypoint took as mTLS and does not surely send on so, that which the server reported nothing of. @see rule OBS-25 */
export function unreportedOnward({ destination, waypoint }: EdgeDraft): readonly TrafficRow[] {
  if (destination.length === 0) return NONE;
  const taken = waypoint.filter((row) => !isNotMtls(row) && !isFlagged(row));
  const number = total(taken, () => true) - total(destination, (row) => !isFlagged(row));
  return number > 0 ? partsOf(taken, number) : NONE;
}

/** Of what a client sent with a certificate of its own, that which is not among what the server says was not mTLS. @see rule OBS-26 */
export function unreportedOwn(own: readonly TrafficRow[], bare: readonly TrafficRow[], draft: EdgeDraft): readonly TrafficRow[] {
  if (own.length === 0) return NONE;
  const left = Math.max(0, total(reportedRows(draft), isNotMtls) - total(bare, () => true));
  return partsOf(own, Math.max(0, total(own, () => true) - left));
}

function podsText(paths: readonly ConfiguredPath[], { clients, isAlike }: { readonly clients: number; readonly isAlike: (path: ConfiguredPath) => boolean }): string {
  const pairs = (some: readonly ConfiguredPath[]): number => some.reduce((sum, path) => sum + path.pairs, 0);
  const [some, all] = [pairs(paths.filter(isAlike)), pairs(paths)];
  const isWhole = clients > 0 && some % clients === 0 && all % clients === 0;
  return isWhole ? `${some / clients} of ${all / clients} pods` : `${some} of ${all} pairs of pods`;
}

function transportOf({ verdict: { transport } }: ConfiguredPath): string {
  return transport.kind === "known" ? transport.value : "unknown";
}

/**
 * What was told of such traffic, and what configuration says of the endpoints that it can have gone to: `plaintext for 1 of 3 pods`.
 *
 * @param clients instances that the client has now
 */
export function unreportedDetail(paths: readonly ConfiguredPath[], clients: number): string {
  const seen = "the client's proxy used no certificate, and no proxy of the server reported it";
  if (paths.length === 0) return `${seen}; the configuration knows no way for it`;
  const open = paths.find((path) => transportOf(path) === "plaintext") ?? paths.find((path) => transportOf(path) !== "mTLS");
  if (open === undefined) return `${seen}, though configuration says mTLS for every pod`;
  const ofPort = paths.filter(({ port, targetPort }) => port === open.port && targetPort === open.targetPort);
  const pods = podsText(ofPort, { clients, isAlike: (path) => transportOf(path) === transportOf(open) });
  return `${seen}; configuration says ${transportOf(open)} for ${pods}${ofPort.length < paths.length ? ` on port ${open.targetPort}` : ""}`;
}
