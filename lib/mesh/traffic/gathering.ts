import { compareText } from "../order.ts";
import { sortedBy, upTo, type Numbers } from "./countingSort.ts";
import { PROTOCOL_FAMILIES, type ProtocolFamily } from "../vocabulary.ts";
import type { Directory } from "./directory.ts";
import { addRow, draftOf, edgeKey, sideNumberOf, type EdgeDraft } from "./draft.ts";
import { Ends } from "./ends.ts";
import { hopTest } from "./hops.ts";
import type { KeyedParty } from "./party.ts";
import { happened, type RefusalRow, type Telemetry, type TelemetryRow, type TrafficRow } from "./telemetry.ts";

const FAMILIES = PROTOCOL_FAMILIES.length;

/** Of each party, by its number, the place of its key among those of all. */
function placesOf(parties: readonly KeyedParty[]): Numbers {
  const places = new Int32Array(parties.length);
  const startOf = (number: number): string => (parties[number] as KeyedParty).start;
  upTo(parties.length).sort((one, other) => compareText(startOf(one), startOf(other))).forEach((number, place) => {
    places[number] = place;
  });
  return places;
}

function renumbered(numbers: Numbers, by: Numbers): Numbers {
  return numbers.map((number) => by[number] as number);
}

function byKey(one: EdgeDraft, other: EdgeDraft): number {
  return compareText(one.key, other.key);
}

/** Those between the same two stand together: these by key. */
function sortGroups(intoDrafts: EdgeDraft[]): void {
  for (let from = 0, to = 0; from < intoDrafts.length; from = to) {
    const { client, server } = intoDrafts[from] as EdgeDraft;
    do to += 1; while (intoDrafts[to]?.client === client && intoDrafts[to]?.server === server);
    if (to - from > 1) intoDrafts.slice(from, to).sort(byKey).forEach((draft, at) => { intoDrafts[from + at] = draft; });
  }
}

/** What the look-back told of the same. */
function pastOf(intoDraft: EdgeDraft): EdgeDraft {
  return (intoDraft.past ??= draftOf(intoDraft, intoDraft.key));
}

/** Brings the rows together that tell of one edge, by numbers of whom they name: nothing is looked up for a row but these. */
export class Gathering {
  /** lines about refused connections */
  readonly lines: RefusalRow[] = [];
  readonly #directory: Directory;
  readonly #ends: Ends;
  readonly #rows: TrafficRow[] = [];
  /** rows from here on are the look-back's */
  readonly #past: number;
  /** of each row */
  readonly #clients: Numbers;
  readonly #servers: Numbers;
  /** host and family, which are one number */
  readonly #dialled: Numbers;
  /** who told it; looking at each row again, in another order, takes longer than all else here */
  readonly #sides: Uint8Array;

  constructor({ rows, lookBackRows }: Telemetry, directory: Directory) {
    const most = rows.length + lookBackRows.length;
    this.#directory = directory;
    this.#ends = new Ends(directory);
    this.#clients = new Int32Array(most);
    this.#servers = new Int32Array(most);
    this.#dialled = new Int32Array(most);
    this.#sides = new Uint8Array(most);
    this.#add(rows);
    this.#past = this.#rows.length;
    this.#add(lookBackRows);
  }

  /** Rows that say nothing happened are left out. */
  #add(rows: readonly TelemetryRow[]): void {
    const isHop = hopTest(rows, this.#ends, this.#directory);
    for (const row of rows) {
      if (row.what === "refusal") this.lines.push(row);
      else if (happened(row) && (isHop === null || !isHop(row))) this.#number(row);
    }
  }

  #number(row: TrafficRow): void {
    const at = this.#rows.push(row) - 1;
    this.#sides[at] = sideNumberOf(row);
    this.#clients[at] = this.#ends.client(row);
    this.#servers[at] = this.#ends.server(row);
    this.#dialled[at] = FAMILIES * this.#ends.host(row) + PROTOCOL_FAMILIES.indexOf(row.family);
  }

  /** Positions by client, then by server, in the order of their keys; then by what was dialled. */
  #ordered(): Numbers {
    const { parties, hosts } = this.#ends;
    const places = placesOf(parties);
    const byDialled = sortedBy(this.#dialled, upTo(this.#rows.length), hosts.length * FAMILIES);
    const byServer = sortedBy(renumbered(this.#servers, places), byDialled, parties.length);
    return sortedBy(renumbered(this.#clients, places), byServer, parties.length);
  }

  /** One draft of each edge, by key, ascending. */
  drafts(): readonly EdgeDraft[] {
    const drafts: EdgeDraft[] = [];
    let [draft, before]: [EdgeDraft | null, number] = [null, -1];
    for (const at of this.#ordered()) {
      if (draft === null || !this.#isSameEdge(before, at)) drafts.push((draft = this.#draft(at)));
      before = at;
      addRow(at < this.#past ? draft : pastOf(draft), this.#rows[at] as TrafficRow, this.#sides[at] as number);
    }
    sortGroups(drafts);
    return drafts;
  }

  #isSameEdge(one: number, other: number): boolean {
    return this.#dialled[one] === this.#dialled[other] && this.#servers[one] === this.#servers[other] && this.#clients[one] === this.#clients[other];
  }

  #draft(at: number): EdgeDraft {
    const { parties, hosts } = this.#ends;
    const dialled = this.#dialled[at] as number;
    const family = PROTOCOL_FAMILIES[dialled % FAMILIES] as ProtocolFamily;
    const host = hosts[Math.floor(dialled / FAMILIES)] ?? null;
    const ends = { client: parties[this.#clients[at] as number] as KeyedParty, server: parties[this.#servers[at] as number] as KeyedParty, host, family };
    return draftOf(ends, edgeKey(ends));
  }
}
