import type { ReactNode } from "react";
import type { SortOrder } from "../address/address.ts";

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  /** what the column means, where one word is not enough */
  readonly title?: string;
  readonly cell: (row: Row) => ReactNode;
  /** what to sort by; a column without it is not sortable. `null` sorts last, whichever way. */
  readonly value?: (row: Row) => string | number | null;
  /** numbers sort largest first on the first click */
  readonly numeric?: boolean;
  /** width, and from which width of the container the column is shown */
  readonly className?: string;
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

/** @returns a new list; rows that compare equal keep the order they came in */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: SortOrder | null): readonly Row[] {
  const value = columns.find((column) => column.id === order?.column)?.value;
  if (order === null || value === undefined) return rows;
  const sign = order.descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return sign * compare(a.key, b.key);
  });
  return keyed.map(({ row }) => row);
}

/** The order after a click on a column's header: first way, other way, none. */
export function nextOrder<Row>(column: Column<Row>, order: SortOrder | null): SortOrder | null {
  const descendingFirst = column.numeric === true;
  if (order?.column !== column.id) return { column: column.id, descending: descendingFirst };
  return order.descending === descendingFirst ? { column: column.id, descending: !descendingFirst } : null;
}
