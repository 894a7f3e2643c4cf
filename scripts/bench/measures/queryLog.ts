import { readFileSync } from "node:fs";

/** One question that Prometheus answered, in milliseconds since 1970. */
export interface Answered {
  readonly startMs: number;
  readonly endMs: number;
  readonly query: string;
}

interface Line {
  readonly params: { readonly query: string };
  readonly stats: { readonly timings: { readonly execTotalTime: number } };
  readonly ts: string;
}

/** The questions of mtlscope, oldest first: the bench's own are told by what they ask. */
export function answeredQueries(file: string, sinceMs: number, isOwn: (query: string) => boolean): readonly Answered[] {
  const lines = readFileSync(file, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
  return lines
    .map(({ params: { query }, stats: { timings }, ts }) => ({ query, endMs: Date.parse(ts), startMs: Date.parse(ts) - timings.execTotalTime * 1000 }))
    .filter(({ query, startMs }) => startMs >= sinceMs && !isOwn(query))
    .sort((one, other) => one.startMs - other.startMs);
}

/** Refreshes: questions that were put side by side. What is asked between them, nobody waits for. */
export function refreshes(answered: readonly Answered[]): readonly (readonly Answered[])[] {
  const groups: Answered[][] = [];
  for (const one of answered) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group !== undefined && first !== undefined && one.startMs - first.startMs < TOGETHER_MS) group.push(one);
    else groups.push([one]);
  }
  return groups.filter((group) => group.length >= SIDE_BY_SIDE);
}

const TOGETHER_MS = 2_000;
/** requests, connections, outcomes */
const SIDE_BY_SIDE = 3;
