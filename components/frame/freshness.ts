import type { MeshView, SourceView } from "#view";
import type { Connection } from "../data/Live.tsx";
import { age } from "../numbers.ts";
import { WORDS } from "../words.ts";

export interface Freshness {
  readonly word: string;
  /** how old it is; empty where no age is known */
  readonly old: string;
  /** what is shown may be out of date */
  readonly isLate: boolean;
}

/** The one read longest ago; one that was never read is older than any. */
function oldest(sources: readonly SourceView[]): SourceView | undefined {
  return sources.toSorted((one, other) => (one.readAtMs ?? 0) - (other.readAtMs ?? 0))[0];
}

function staleWord(sources: readonly SourceView[], name: string): string {
  return sources.length === 1 ? `${name} stale` : `${sources.length} sources stale, ${name} longest`;
}

/**
 * The worst of the connection to mtlscope's own server and of the sources it reads.
 *
 * @param ageMs how long ago this page got the picture
 */
export function freshness(connection: Connection["kind"], { sources, capturedAtMs }: Pick<MeshView, "sources" | "capturedAtMs">, ageMs: number): Freshness {
  const own = age(ageMs / 1000);
  if (connection === "lost") return { word: WORDS.disconnected, old: `${own} old`, isLate: true };
  if (connection === "halted") return { word: WORDS.notReading, old: `${own} old`, isLate: true };
  const stale = sources.filter(({ state }) => state === "stale");
  const worst = oldest(stale);
  if (worst !== undefined) {
    const old = worst.readAtMs === null ? "never read" : `${age((capturedAtMs - worst.readAtMs + ageMs) / 1000)} ago`;
    return { word: staleWord(stale, worst.name), old, isLate: true };
  }
  const starting = sources.filter(({ state }) => state === "starting");
  if (starting.length > 0) return { word: `${starting.map(({ name }) => name).join(" and ")} not read yet`, old: "", isLate: true };
  return { word: WORDS.live, old: `${own} ago`, isLate: false };
}
