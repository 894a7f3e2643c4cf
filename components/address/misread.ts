import { isInstant, isInstantWithoutPlus, windowSeconds } from "#window";
import { HAVING, ONLY, STATE_MEANING } from "../words.ts";
import { SELECTION_KINDS } from "./address.ts";

interface Parameter {
  readonly name: string;
  readonly isKnown: (value: string) => boolean;
  readonly wants: string;
  /** it stands there once or not at all */
  readonly isOne: boolean;
}

function oneOf(known: Readonly<Record<string, unknown>>): Pick<Parameter, "isKnown" | "wants"> {
  return { isKnown: (value) => Object.hasOwn(known, value), wants: `is one of ${Object.keys(known).join("; ")}` };
}

const PARAMETERS: readonly Parameter[] = [
  { name: "window", isKnown: (value) => windowSeconds(value) !== null, wants: "is a number of minutes, hours or days, such as 15m, 6h or 7d", isOne: true },
  { name: "end", isKnown: isInstant, wants: "is a time with its zone, such as 2026-11-24T10:00:00Z", isOne: true },
  { name: "state", ...oneOf(STATE_MEANING), isOne: false },
  { name: "with", ...oneOf(HAVING), isOne: true },
  { name: "dir", isKnown: (value) => value === "in", wants: "is in, or is left out", isOne: true },
  { name: "only", isKnown: (value) => ONLY.has(value), wants: `is one of ${[...ONLY].join("; ")}`, isOne: true },
  { name: "select", isKnown: (value) => SELECTION_KINDS.some((kind) => value.startsWith(`${kind}:`)), wants: `begins with one of ${SELECTION_KINDS.map((kind) => `${kind}:`).join(" ")}`, isOne: true },
];

function plusLost(name: string, value: string): string {
  return name === "end" && isInstantWithoutPlus(value) ? "; the + of a zone is written %2B in an address" : "";
}

/** What an address asks for that is not understood, one sentence each: to show something else in its place would be an answer to another question. */
export function misread(query: URLSearchParams): readonly string[] {
  return PARAMETERS.flatMap(({ name, isKnown, wants, isOne }) => {
    const values = query.getAll(name);
    const unknown = values.find((value) => value !== "" && !isKnown(value));
    if (unknown !== undefined) return [`“${unknown}” is no ${name}: it ${wants}${plusLost(name, unknown)}.`];
    return isOne && values.length > 1 ? [`${name} stands in this address ${values.length} times.`] : [];
  });
}
