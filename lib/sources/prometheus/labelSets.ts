import { Peers } from "./peers.ts";
import { EDGE_LABELS, PART } from "./queries.ts";
import type { LabelSet, Rest, Sample } from "./sample.ts";
import { label, type Element, type Labels } from "./schema.ts";

const MOST = 200_000;
const NO_VALUE = 0;

interface Known extends LabelSet {
  /** another one that is looked up under the same number */
  readonly next: Known | null;
}

function isSame(one: Labels, other: Labels): boolean {
  for (const name of EDGE_LABELS) if (one[name] !== other[name]) return false;
  return true;
}

/** What was met since a certain time. */
class Generation {
  readonly #most: number;
  /** the number and the one copy of each label value */
  readonly #values = new Map<string, readonly [number: number, text: string]>();
  readonly #sets = new Map<number, Known>();
  readonly #peers = new Peers();

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#sets.size >= this.#most || this.#values.size >= this.#most;
  }

  find(metric: Labels): LabelSet | null {
    for (let known = this.#sets.get(this.#hash(metric)) ?? null; known !== null; known = known.next) if (isSame(known.labels, metric)) return known;
    return null;
  }

  add(number: number, metric: Labels): LabelSet {
    const labels: Record<string, string> = {};
    for (const name of EDGE_LABELS) {
      const value = metric[name];
      if (value !== undefined) labels[name] = this.#of(value)[1];
    }
    return this.keep({ number, labels, client: this.#peers.client(labels), server: this.#peers.server(labels) });
  }

  keep({ number, labels, client, server }: LabelSet): LabelSet {
    for (const name of EDGE_LABELS) this.#of(labels[name]);
    const hash = this.#hash(labels);
    const known = { number, labels, client, server, next: this.#sets.get(hash) ?? null };
    this.#sets.set(hash, known);
    return known;
  }

  #of(value: string | undefined): readonly [number: number, text: string] {
    if (value === undefined) return [NO_VALUE, ""];
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    const made = [this.#values.size + 1, value] as const;
    this.#values.set(value, made);
    return made;
  }

  #hash(labels: Labels): number {
    let hash = 0;
    for (const name of EDGE_LABELS) {
      const value = labels[name];
      hash = (Math.imul(hash, 0x01_00_01_93) ^ (value === undefined ? NO_VALUE : (this.#values.get(value)?.[0] ?? NO_VALUE))) | 0;
    }
    return hash;
  }
}

const NOTHING_ELSE: Rest = { part: null, responseCode: null, responseFlags: null, job: null };

/**
 * Gives equal sets of labels one identity, in all answers of one server: an edge stands in each of them, refresh after refresh, and JSON.parse makes
 * strings of its own for each.
 *
 * What nobody sent for long is forgotten; a set that comes back after that has another number.
 */
export class LabelSets {
  readonly #most: number;
  #young: Generation;
  #old: Generation;
  #numbers = 0;
  readonly #parts = new Map<string, Rest>();

  /** @param most sets and values that a generation may hold: the last two are remembered */
  constructor(most = MOST) {
    this.#most = most;
    this.#young = new Generation(most);
    this.#old = new Generation(most);
  }

  sample({ metric, value }: Element): Sample {
    const number = Number(value[1]);
    return { set: this.#setOf(metric), rest: this.#restOf(metric), value: Number.isFinite(number) ? number : 0 };
  }

  #setOf(metric: Labels): LabelSet {
    const known = this.#young.find(metric);
    if (known !== null) return known;
    if (this.#young.isFull) [this.#young, this.#old] = [new Generation(this.#most), this.#young];
    const old = this.#old.find(metric);
    if (old !== null) return this.#young.keep(old);
    this.#numbers += 1;
    return this.#young.add(this.#numbers, metric);
  }

  #restOf(metric: Labels): Rest {
    const part = label(metric, PART);
    const rest = { part, responseCode: label(metric, "response_code"), responseFlags: label(metric, "response_flags"), job: label(metric, "job") };
    if (rest.responseCode !== null || rest.responseFlags !== null || rest.job !== null) return rest;
    if (part === null) return NOTHING_ELSE;
    const known = this.#parts.get(part) ?? rest;
    this.#parts.set(part, known);
    return known;
  }
}
