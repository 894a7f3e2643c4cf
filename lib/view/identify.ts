import type { Party } from "#mesh";

/** A colon separates our own words from names, so one inside a name (hostile telemetry may send it) is written differently. */
function safe(name: string): string {
  return /[%:]/.test(name) ? name.replaceAll("%", "%25").replaceAll(":", "%3A") : name;
}

/** Workloads are `namespace/name`; everything else has its kind before a colon. An unidentified sender belongs to one server. */
export function nodeId(party: Party, server: Party): string {
  switch (party.kind) {
    case "workload":
      return safe(party.id);
    case "node":
      return `node:${safe(party.name)}`;
    case "address":
      return `address:${safe(party.address)}`;
    case "external":
      return `external:${safe(party.host)}`;
    case "unidentified":
      return server.kind === "unidentified" ? "unidentified:" : `unidentified:${nodeId(server, { kind: "unidentified" })}`;
  }
}

/** A hash of 64 bits, in two halves. */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

class Mixing {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  add(high: number, low: number): void {
    this.#high = Math.imul(this.#high ^ high, 2_654_435_761);
    this.#low = Math.imul(this.#low ^ low, 1_597_334_677);
  }

  get digest(): Digest {
    const high = Math.imul(this.#high ^ (this.#high >>> 16), 2_246_822_507) ^ Math.imul(this.#low ^ (this.#low >>> 13), 3_266_489_909);
    return { high, low: Math.imul(this.#low ^ (this.#low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909) };
  }
}

/** Two rounds of multiplication and mixing (cyrb53): even enough for names, and the same everywhere. */
export function digestOf(text: string): Digest {
  const mixing = new Mixing();
  for (let position = 0; position < text.length; position += 1) {
    const unit = text.charCodeAt(position);
    mixing.add(unit, unit);
  }
  return mixing.digest;
}

/** One hash of several, which depends on their order. */
export function joinedDigest(digests: readonly Digest[]): Digest {
  const mixing = new Mixing();
  for (const { high, low } of digests) mixing.add(high, low);
  return mixing.digest;
}

const ALPHABET = "0123456789abcdefghijklmnopqrstuv";
/** Ten bits in two characters: `toString(36)` of so large a number takes ten times as long. */
const PAIRS = Array.from({ length: 1_024 }, (_, bits) => `${ALPHABET[bits >> 5] ?? ""}${ALPHABET[bits & 31] ?? ""}`);

function tenBits(of: number, from: number): string {
  return PAIRS[(of >>> from) & 1_023] ?? "";
}

/** A hash as text: sixty of its bits in twelve characters. */
export function digestText({ high, low }: Digest): string {
  return tenBits(high, 20) + tenBits(high, 10) + tenBits(high, 0) + tenBits(low, 20) + tenBits(low, 10) + tenBits(low, 0);
}
