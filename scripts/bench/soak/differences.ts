import type { Picture } from "../meshApi.ts";

// Counts depend on the second at which Prometheus was asked; what they prove of an edge does not.
const OF_THE_SECOND: ReadonlySet<string> = new Set(["counts", "bytes", "extrapolated", "lastSeenMs", "lastSeenAfterMs", "lastPlaintextMs", "lastPlaintextAfterMs", "sentence", "disagreement"]);

// a hole that lasts ends where the window ended when it was asked about
const MOMENT = /\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC/g;

interface Identified {
  readonly id: string;
}

/** That there is some is not of the second; how much is. */
const AMOUNTS: ReadonlySet<string> = new Set(["unreportedPlaintext"]);

function essence(one: Identified): string {
  const lasting = Object.entries(one).filter(([field]) => !OF_THE_SECOND.has(field));
  return JSON.stringify(Object.fromEntries(lasting.map(([field, value]: [string, unknown]) => [field, AMOUNTS.has(field) ? value !== 0 : value])));
}

function between(what: string, ours: readonly Identified[], theirs: readonly Identified[]): readonly string[] {
  const wanted = new Map(theirs.map((one) => [one.id, essence(one)]));
  const had = new Map(ours.map((one) => [one.id, essence(one)]));
  const missing = [...wanted.keys()].filter((id) => !had.has(id)).map((id) => `${what} ${id} is missing`);
  const surplus = [...had.keys()].filter((id) => !wanted.has(id)).map((id) => `${what} ${id} should be gone`);
  const other = [...had].filter(([id, text]) => wanted.has(id) && wanted.get(id) !== text).map(([id, text]) => `${what} ${id} is ${text} and should be ${wanted.get(id) ?? ""}`);
  return [...missing, ...surplus, ...other];
}

/** What one picture says otherwise than the other, in words. */
export function differences(ours: Picture, fresh: Picture): readonly string[] {
  const gaps = (picture: Picture): readonly Identified[] => picture.gaps.map(({ wanted }) => ({ id: wanted.replaceAll(MOMENT, "…") }));
  return [...between("node", ours.nodes, fresh.nodes), ...between("edge", ours.edges, fresh.edges), ...between("gap", gaps(ours), gaps(fresh))];
}
