import { format } from "node:util";

// What test files import as "vitest" while mutants are tried: the same `expect`, and tests that are collected once and run as often as there are mutants.
export { expect } from "vitest";

let tests = [];
let file = "";
let mostRows = Infinity;
const titles = [];

/** Tests that are collected from now on are of this file, with at most so many rows of each table. */
export function inFile(name, rows) {
  file = name;
  mostRows = rows;
}

/** @returns {{ file: string, name: string, run: () => unknown }[]} the tests since this was asked last */
export function collected() {
  const all = tests;
  tests = [];
  return all;
}

export function describe(title, body) {
  titles.push(title);
  body();
  titles.pop();
}

function titled(title, row) {
  const [first] = row;
  const named = title.replaceAll(/\$(\w+)/g, (whole, key) => (typeof first === "object" && first !== null && key in first ? String(first[key]) : whole));
  return format(named, ...row.slice(0, (named.match(/%[sidjo]/g) ?? []).length));
}

/** A title that two rows share is made unlike by its place. */
function add(title, run) {
  const name = [...titles, title].join(" > ").trim();
  const same = tests.filter((one) => one.file === file && one.title === name).length;
  tests.push({ file, title: name, name: same === 0 ? name : `${name} (${same + 1})`, run });
}

/** Beside tables of generated meshes stand tests of speed. */
export function it(title, run) {
  if (mostRows === Infinity) add(title, run);
}

it.each = (rows) => (title, run) => {
  for (const one of rows.slice(0, mostRows)) {
    const row = Array.isArray(one) ? one : [one];
    add(titled(title, row), () => run(...row));
  }
};
