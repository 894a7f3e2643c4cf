import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RULES } from "#mesh";

// What a rule cites can be read: the study of Istio and the definition of states are in docs/, and have the place.
const docs = join(import.meta.dirname, "../../docs");
const semantics = readFileSync(join(docs, "semantics.md"), "utf8").split("\n");
const states = readFileSync(join(docs, "states.md"), "utf8").split("\n");

function under(document: readonly string[], heading: string): readonly string[] {
  const at = document.findIndex((line) => line.startsWith(heading));
  const depth = heading.indexOf(" ");
  const end = document.findIndex((line, index) => index > at && /^#+ /.test(line) && line.indexOf(" ") <= depth);
  return at < 0 ? [] : document.slice(at, end < 0 ? undefined : end);
}

/** `A.3`; `A.1.6`: a numbered line of A.1; `L 8`: a row of the table of L. */
function isInSemantics(place: string): boolean {
  const row = /^([A-L]) (\d+)$/.exec(place);
  if (row !== null) return under(semantics, `## ${row[1] ?? ""}. `).some((line) => line.startsWith(`| ${row[2] ?? ""} |`));
  const [letter, section, item] = place.split(".");
  if (section === undefined) return under(semantics, `## ${letter ?? ""}. `).length > 0;
  const lines = under(semantics, `### ${letter ?? ""}.${section} `);
  return item === undefined ? lines.length > 0 : lines.some((line) => line.startsWith(`${item}. `));
}

/** `semantics B.4, L 8; J 15` → `B.4`, `L 8`, `J 15` */
function citedOfSemantics(source: string): readonly string[] {
  const cited = /semantics (.*)/.exec(source)?.[1] ?? "";
  return cited.split(/[,;] /).filter((place) => /^[A-L]([. ]|$)/.test(place));
}

const rules = Object.entries(RULES);

describe("what rules cite", () => {
  it.each(rules.filter(([, { source }]) => source.includes("semantics")))("%s: its places are in docs/semantics.md", (_, { source }) => {
    const places = citedOfSemantics(source);
    expect(places.length).toBeGreaterThan(0);
    expect(places.filter((place) => !isInSemantics(place))).toEqual([]);
  });

  it.each(rules.filter(([, { source }]) => source.includes("states")))("%s: its sections are in docs/states.md", (_, { source }) => {
    const sections = [...source.matchAll(/§(\d)/g)].map(([, number]) => number ?? "");
    expect(sections.length).toBeGreaterThan(0);
    expect(sections.filter((number) => under(states, `## ${number}. `).length === 0)).toEqual([]);
  });

  it("sees a place that is not there", () => {
    expect(["A.3", "A.1.6", "L 8", "H", "B.10"].filter(isInSemantics)).toEqual(["A.3", "A.1.6", "L 8", "H", "B.10"]);
    expect(["A.12", "A.1.60", "L 99", "M"].filter(isInSemantics)).toEqual([]);
  });
});
