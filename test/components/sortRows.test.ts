import { describe, expect, it } from "vitest";
import { nextOrder, sortRows, type Column } from "../../components/table/sortRows.ts";

interface Row {
  readonly name: string;
  readonly number: number | null;
}
const COLUMNS: readonly Column<Row>[] = [
  { id: "name", header: "Name", cell: ({ name }) => name, value: ({ name }) => name },
  { id: "number", header: "Number", numeric: true, cell: ({ number }) => number, value: ({ number }) => number },
  { id: "fixed", header: "Fixed", cell: ({ name }) => name },
];
const ROWS: readonly Row[] = [
  { name: "pod-10", number: 3 },
  { name: "pod-2", number: null },
  { name: "pod-1", number: 30 },
];
const names = (rows: readonly Row[]) => rows.map(({ name }) => name);

describe("order of rows", () => {
  it.each([
    { column: "name", descending: false, expected: ["pod-1", "pod-2", "pod-10"] },
    { column: "name", descending: true, expected: ["pod-10", "pod-2", "pod-1"] },
    { column: "number", descending: true, expected: ["pod-1", "pod-10", "pod-2"] },
    { column: "number", descending: false, expected: ["pod-10", "pod-1", "pod-2"] },
    { column: "fixed", descending: false, expected: ["pod-10", "pod-2", "pod-1"] },
    { column: "gone", descending: false, expected: ["pod-10", "pod-2", "pod-1"] },
  ])("by $column, descending $descending; no value comes last either way", ({ column, descending, expected }) => {
    expect(names(sortRows(ROWS, COLUMNS, { column, descending }))).toEqual(expected);
  });

  it("leaves the list it was given alone", () => {
    const given = Object.freeze([...ROWS]);
    sortRows(given, COLUMNS, { column: "name", descending: false });
    expect(names(given)).toEqual(["pod-10", "pod-2", "pod-1"]);
  });

  it("goes one way, the other way, and back to the page's own order; numbers largest first", () => {
    const [name, number] = COLUMNS;
    if (name === undefined || number === undefined) throw new Error("columns are missing");
    expect(nextOrder(name, null)).toEqual({ column: "name", descending: false });
    expect(nextOrder(name, { column: "name", descending: false })).toEqual({ column: "name", descending: true });
    expect(nextOrder(name, { column: "name", descending: true })).toBeNull();
    expect(nextOrder(number, null)).toEqual({ column: "number", descending: true });
    expect(nextOrder(number, { column: "number", descending: true })).toEqual({ column: "number", descending: false });
    expect(nextOrder(number, { column: "name", descending: true })).toEqual({ column: "number", descending: true });
  });
});
