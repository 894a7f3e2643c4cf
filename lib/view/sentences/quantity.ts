import type { ProtocolFamily } from "#mesh";

/** `4,291`. By hand: `Intl` takes a third of the time of a large picture. */
function grouped(whole: number): string {
  const digits = String(whole);
  return whole < 1_000 ? digits : digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** What happened is never shown as 0; extrapolated counts are marked `≈`. */
export function countText(count: number, extrapolated = false): string {
  const text = count > 0 && count < 0.5 ? "<1" : grouped(Math.round(count));
  return extrapolated && count > 0 ? `≈${text}` : text;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

const NOUNS = { http: ["request", "requests"], tcp: ["TCP connection", "TCP connections"] } as const;

export function noun(family: ProtocolFamily, count: number): string {
  return NOUNS[family][count === 1 ? 0 : 1];
}

/** Of these only bytes are counted. */
export const OLDER = "TCP connections opened before the window";

/** `450 requests`, `1 TCP connection`; a word before the noun where there is one: `450 plaintext requests`. */
export function trafficText(family: ProtocolFamily, count: number, word = ""): string {
  return `${countText(count)} ${word === "" ? "" : `${word} `}${noun(family, count)}`;
}

const NAMED_AT_MOST = 3;

/** `a, b and c`; from the fourth on they are counted. */
export function listText(names: readonly string[], separator = ", "): string {
  const shown = names.slice(0, NAMED_AT_MOST);
  const hidden = names.length - shown.length;
  if (hidden > 0) return `${shown.join(separator)} and ${hidden} more`;
  return shown.length < 2 || separator !== ", " ? shown.join(separator) : `${shown.slice(0, -1).join(separator)} and ${shown[shown.length - 1] ?? ""}`;
}

/** Pieces as one text. What is put together with `+` stays in pieces, which take more memory than the text: of each edge one is kept. */
export function written(...pieces: readonly string[]): string {
  return pieces.join("");
}

/** A clause as a sentence. Names of objects keep their spelling, so only a clause that starts with a word of ours is capitalised. */
export function sentence(clause: string): string {
  const first = clause.split(" ", 1)[0] ?? "";
  const isName = /[/.`:\d]/.test(first);
  return isName ? written(clause, ".") : written(clause.charAt(0).toUpperCase(), clause.slice(1), ".");
}
