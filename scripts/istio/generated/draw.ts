/** An object as a file holds it. */
export type Json = Readonly<Record<string, unknown>>;

/** Draws that a seed determines. */
export interface Draw {
  readonly below: (limit: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly [T, ...T[]] | readonly T[]) => T;
  /** a value by its weight */
  readonly weighted: <T>(from: readonly (readonly [number, T])[]) => T;
  /** each with the same probability */
  readonly some: <T>(from: readonly T[], probability: number) => readonly T[];
}

/** A generator that does not repeat itself within what a run draws: mulberry32. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const chance = (probability: number): boolean => next() < probability;
  const pick = <T>(from: readonly T[]): T => {
    if (from.length === 0) throw new Error("nothing to pick from");
    return from[below(from.length)] as T;
  };
  const weighted = <T>(from: readonly (readonly [number, T])[]): T => {
    let left = next() * from.reduce((sum, [weight]) => sum + weight, 0);
    const found = from.find(([weight]) => (left -= weight) < 0);
    return found === undefined ? pick(from)[1] : found[1];
  };
  return { below, chance, pick, weighted, some: (from, probability) => from.filter(() => chance(probability)) };
}

/** What is said, or nothing. */
export function maybe(said: boolean, fields: () => Json): Json {
  return said ? fields() : {};
}

/** One of few moments, so that objects of one age are common. */
export function age(draw: Draw): Json {
  return { creationTimestamp: `2026-01-01T00:00:0${1 + draw.below(draw.chance(0.7) ? 4 : 9)}Z` };
}
