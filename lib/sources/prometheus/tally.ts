import type { ProtocolFamily, TrafficRow } from "#mesh";
import { LOST_FLAGS, RESET_CODES, RESET_FLAGS } from "./queries.ts";
import { isZtunnel, NO_RESPONSE, NOISE, rowOf, type Response, type Seen } from "./row.ts";
import type { LabelSet, Sample } from "./sample.ts";
import { label } from "./schema.ts";

/** What one connection or request came to, by which metric says so; the same event may stand in several. */
interface Outcome {
  readonly response: Response;
  readonly byMetric: Map<string, number>;
  seen: Seen | null;
}

/** Everything counted under one set of edge labels. */
export interface Tally {
  readonly set: LabelSet;
  readonly family: ProtocolFamily;
  count: number;
  bytes: number;
  /** by code and flags; hardly anything has one */
  outcomes: Map<string, Outcome> | null;
  seen: Seen | null;
}

/** A number for a label set and a family, in place of a text of a hundred characters. */
export type EdgeKey = number;

/** Counts so far. Pieces of a window are added in any order, and what was seen in several was seen last in the newest. */
export type Tallies = Map<EdgeKey, Tally>;

/** Where something is added, and when it was seen. */
export interface Adding {
  readonly tallies: Tallies;
  readonly seen: Seen | null;
}

const SEPARATOR = "\u0000";

/** Where one is not known to within a piece, none is. */
export function later(one: Seen | null, other: Seen | null): Seen | null {
  return one === null || other === null || one.untilMs >= other.untilMs ? one : other;
}

function keyOf({ number }: LabelSet, family: ProtocolFamily): EdgeKey {
  return number * 2 + (family === "http" ? 0 : 1);
}

export function tallyFor({ tallies, seen }: Adding, set: LabelSet, family: ProtocolFamily): Tally {
  const key = keyOf(set, family);
  const known = tallies.get(key);
  if (known !== undefined) {
    known.seen = later(known.seen, seen);
    return known;
  }
  const tally = { set, family, count: 0, bytes: 0, outcomes: null, seen };
  tallies.set(key, tally);
  return tally;
}

export function addOutcome(adding: Adding, { set, rest }: Sample, { by, value }: { readonly by: string; readonly value: number }): void {
  const tally = tallyFor(adding, set, by === "requests" ? "http" : "tcp");
  tally.outcomes ??= new Map<string, Outcome>();
  const key = `${rest.responseCode ?? ""}${SEPARATOR}${rest.responseFlags ?? ""}`;
  const outcome = tally.outcomes.get(key) ?? { response: rest, byMetric: new Map<string, number>(), seen: adding.seen };
  outcome.seen = later(outcome.seen, adding.seen);
  outcome.byMetric.set(by, (outcome.byMetric.get(by) ?? 0) + value);
  tally.outcomes.set(key, outcome);
}

/** Whether a series stands in the query for outcomes too; the selectors there say the same in PromQL. */
function hasOutcome({ set, rest: { responseCode: code, responseFlags } }: Sample, family: ProtocolFamily): boolean {
  const fromClient = label(set.labels, "reporter") === "source";
  const flags = responseFlags?.split(",") ?? [];
  const hasOne = (wanted: readonly string[]): boolean => wanted.some((flag) => flags.includes(flag));
  if (family === "tcp") return fromClient && hasOne(LOST_FLAGS);
  return fromClient ? hasOne(RESET_FLAGS) && RESET_CODES.some((reset) => reset === code) : code === "403";
}

type Corrections = Map<string, { readonly sample: Sample; readonly by: string; value: number }>;

/** What series born inside the window counted from zero, less what `increase` counted of it. */
function addBorn(memoCorrections: Corrections, sample: Sample, { by, value }: { readonly by: string; readonly value: number }): void {
  const { set, rest } = sample;
  const key = [by, set.number, rest.responseCode, rest.responseFlags].join(SEPARATOR);
  const correction = memoCorrections.get(key) ?? { sample, by, value: 0 };
  correction.value += value;
  memoCorrections.set(key, correction);
}

/** A counter that was reset after its birth ends below what it counted: then `increase` has the better number, and nothing is taken away. */
function applyBorn(adding: Adding, corrections: Corrections): void {
  for (const { sample, by, value } of corrections.values()) {
    if (value <= NOISE) continue;
    if (by.startsWith("bytes ")) tallyFor(adding, sample.set, "tcp").bytes += value;
    else if (by === "requests" || by === "connections") addBornCount(adding, sample, { family: by === "requests" ? "http" : "tcp", value });
    else addOutcome(adding, sample, { by, value });
  }
}

function addBornCount(adding: Adding, sample: Sample, { family, value }: { readonly family: ProtocolFamily; readonly value: number }): void {
  tallyFor(adding, sample.set, family).count += value;
  if (hasOutcome(sample, family)) addOutcome(adding, sample, { by: family === "http" ? "requests" : "opened", value });
}

export function addBytesAndBirths(adding: Adding, samples: readonly Sample[]): void {
  const corrections: Corrections = new Map();
  for (const sample of samples) {
    const part = sample.rest.part ?? "";
    const by = part.slice(part.indexOf(" ") + 1);
    if (part.startsWith("bytes ")) tallyFor(adding, sample.set, "tcp").bytes += sample.value;
    else if (part.startsWith("born ")) addBorn(corrections, sample, { by, value: sample.value });
    else if (part.startsWith("counted ")) addBorn(corrections, sample, { by, value: -sample.value });
  }
  applyBorn(adding, corrections);
}

/** One row for what went through, and one for each other outcome. What ztunnel refused it opened first: the engine takes that apart. */
export function rowsOf({ set, family, count, bytes, outcomes, seen }: Tally): readonly TrafficRow[] {
  const special = [...(outcomes?.values() ?? [])].map((outcome) => ({ ...outcome, count: Math.max(...outcome.byMetric.values()) })).filter((outcome) => outcome.count > NOISE);
  const apart = special.filter(({ response }) => !isZtunnel(set.labels, family, response));
  const rest = count - apart.reduce((sum, outcome) => sum + outcome.count, 0);
  const through = rest > NOISE || bytes > NOISE ? [rowOf({ set, family, response: NO_RESPONSE }, { count: Math.max(0, rest), bytes, seen })] : [];
  return [...through, ...special.map((outcome) => rowOf({ set, family, response: outcome.response }, { count: outcome.count, bytes: 0, seen: outcome.seen }))];
}
