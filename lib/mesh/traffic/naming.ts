import { appendUnder, compareText, insertedByKey } from "../order.ts";
import type { Directory } from "./directory.ts";
import { edgeKey, type DraftEnds } from "./draft.ts";
import { Ends, type NumberedParty } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";
import type { ProtocolFamily, ServiceHost } from "../vocabulary.ts";

/** What identifies an edge, under a number of its own: positions are found quicker by numbers than by texts. */
export interface NamedEnds extends DraftEnds {
  readonly client: NumberedParty;
  readonly server: NumberedParty;
  readonly key: string;
  readonly number: number;
}

const NONE: readonly never[] = [];
/** above this, an index is quicker than looking through all */
const FEW = 16;

/** The edges of one client. */
class FromClient {
  readonly client: NumberedParty;
  readonly all: NamedEnds[] = [];
  /** of each of them: looking through these touches no other memory */
  readonly #servers: NumberedParty[] = [];
  /** positions by server; `null`: they are few */
  #positions: Map<NumberedParty, number[]> | null = null;

  constructor(client: NumberedParty) {
    this.client = client;
  }

  find(server: NumberedParty, host: ServiceHost | null, family: ProtocolFamily): NamedEnds | undefined {
    return this.#positions === null ? this.#scanned(server, host, family) : this.#positions.get(server)?.map((at) => this.all[at]).find((one) => one?.host === host && one.family === family);
  }

  #scanned(server: NumberedParty, host: ServiceHost | null, family: ProtocolFamily): NamedEnds | undefined {
    const servers = this.#servers;
    for (let at = 0; at < servers.length; at += 1) {
      const one = servers[at] === server ? this.all[at] : undefined;
      if (one?.host === host && one.family === family) return one;
    }
    return undefined;
  }

  add(named: NamedEnds): void {
    const at = this.all.push(named) - 1;
    this.#servers.push(named.server);
    if (this.#positions !== null) appendUnder(this.#positions, named.server, at);
    else if (at > FEW) this.#positions = this.#indexed();
  }

  #indexed(): Map<NumberedParty, number[]> {
    const positions = new Map<NumberedParty, number[]>();
    this.#servers.forEach((server, at) => { appendUnder(positions, server, at); });
    return positions;
  }
}

/** Of one client. */
function byRest(one: NamedEnds, other: NamedEnds): number {
  return compareText(one.server.start, other.server.start) || compareText(one.key, other.key);
}

/** By key, ascending. A key begins with its client's, then its server's: comparing these alone compares fewer and shorter texts. */
function sorted(clients: readonly FromClient[]): readonly NamedEnds[] {
  return clients.toSorted((one, other) => compareText(one.client.start, other.client.start)).flatMap(({ all }) => all.toSorted(byRest));
}

/** Finds which edge a row tells of. What an edge is called is worked out once, however often it is told of, by one reading of telemetry or by many. */
export class Naming {
  readonly ends: Ends;
  readonly #all: NamedEnds[] = [];
  #ordered: readonly NamedEnds[] = NONE;
  readonly #clients: FromClient[] = [];
  readonly #byClient: (FromClient | undefined)[] = [];

  constructor(directory: Directory) {
    this.ends = new Ends(directory);
  }

  get size(): number {
    return this.#all.length;
  }

  /** All that were named, by key, ascending. */
  get ordered(): readonly NamedEnds[] {
    const known = this.#ordered.length;
    const named = this.#all.slice(known);
    if (named.length > known) this.#ordered = sorted(this.#clients);
    else if (named.length > 0) this.#ordered = insertedByKey(this.#ordered, named);
    return this.#ordered;
  }

  of(row: TrafficRow): NamedEnds {
    const { ends } = this;
    const client = ends.client(row);
    const server = ends.server(row);
    const host = ends.host(row);
    const { family } = row;
    return this.#byClient[client.number]?.find(server, host, family) ?? this.#name(client, { client, server, host, family });
  }

  #name(from: NumberedParty, ends: Pick<NamedEnds, "client" | "server" | "host" | "family">): NamedEnds {
    const named = { ...ends, key: edgeKey(ends), number: this.#all.length };
    this.#all.push(named);
    (this.#byClient[from.number] ?? this.#start(from)).add(named);
    return named;
  }

  #start(client: NumberedParty): FromClient {
    const started = new FromClient(client);
    this.#clients.push(started);
    this.#byClient[client.number] = started;
    return started;
  }
}
