"use client";
import { ArrowDown, ArrowUp } from "lucide-react";
import { memo, useEffect, useMemo, useRef, type ReactNode } from "react";
import { useAddress } from "../address/useAddress.ts";
import { nextOrder, sortRows, type Column } from "./sortRows.ts";
import { useGridKeys } from "./useGridKeys.ts";
import { useRowWindow } from "./useRowWindow.ts";

const ROW_HEIGHT = 36;
const HEADER_HEIGHT = 32;
const CELL = "truncate border-b border-line px-2 first:pl-4 last:pr-4";

interface DataTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly selectedKey: string | null;
  readonly onOpen: (row: Row) => void;
  /** stands in place of rows when there are none */
  readonly empty: ReactNode;
}

interface RowProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly Column<Row>[];
  readonly selected: boolean;
  readonly active: boolean;
}

function DrawRow<Row>({ row, index, columns, selected, active }: RowProps<Row>) {
  return (
    <tr
      data-row={index}
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={active ? 0 : -1}
      className={`focus-inset h-9 cursor-pointer ${selected ? "bg-selected" : "hover:bg-hover"}`}
    >
      {columns.map((column) => (
        <td key={column.id} className={`${CELL} ${column.numeric === true ? "text-right" : ""} ${column.className ?? ""}`}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}
const MemoRow = memo(DrawRow) as typeof DrawRow;

function Header<Row>({ column }: { readonly column: Column<Row> }) {
  const { sort, amend } = useAddress();
  const sorted = sort?.column === column.id ? (sort.descending ? "descending" : "ascending") : undefined;
  const Arrow = sorted === "descending" ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted}
      title={column.title}
      className={`${CELL} sticky top-0 z-10 h-8 bg-ground text-xs font-medium text-quiet ${column.numeric === true ? "text-right" : "text-left"} ${column.className ?? ""}`}
    >
      {column.value === undefined ? (
        column.header
      ) : (
        <button
          type="button"
          onClick={() => {
            amend({ sort: nextOrder(column, sort) });
          }}
          className="inline-flex max-w-full items-center gap-1 rounded-sm hover:text-text"
        >
          <span className={`line-clamp-2 leading-3.5 whitespace-normal ${column.numeric === true ? "text-right" : "text-left"}`}>{column.header}</span>
          {sorted !== undefined && <Arrow aria-hidden="true" size={12} className="shrink-0" />}
        </button>
      )}
    </th>
  );
}

/** Room above and below, where the rows that are not drawn would be. */
function Spacer({ rows }: { readonly rows: number }) {
  return rows <= 0 ? null : <tr aria-hidden="true" style={{ height: rows * ROW_HEIGHT }} />;
}

function rowOf(target: EventTarget): number | null {
  const row = target instanceof Element ? target.closest("[data-row]")?.getAttribute("data-row") : null;
  return row === null || row === undefined ? null : Number(row);
}

/** A table that fills its box, draws only the rows in view, sorts by the address, and is worked by arrows and Enter. */
export function DataTable<Row>({ label, rows, columns, rowKey, selectedKey, onOpen, empty }: DataTableProps<Row>) {
  const { sort, namespaces, states, text, having, incoming, only } = useAddress();
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  const range = useRowWindow(scroller, sorted.length, ROW_HEIGHT);
  const keys = useGridKeys(scroller, { measure: range.measure, rows: sorted.length, rowHeight: ROW_HEIGHT, headerHeight: HEADER_HEIGHT });

  // other rows or another order begin at the top; a new picture of the same rows moves nothing
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [sort, namespaces, states, text, having, incoming, only]);

  const open = (index: number | null) => {
    const row = index === null ? undefined : sorted[index];
    if (index === null || row === undefined) return;
    keys.setActive(index);
    onOpen(row);
  };
  return (
    <div ref={scroller} className="@container min-h-0 flex-1 scroll-area">
      <table
        role="grid"
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        className="w-full table-fixed border-separate border-spacing-0 text-sm tabular-nums"
        onClick={(event) => {
          open(rowOf(event.target));
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && event.target instanceof HTMLTableRowElement) open(rowOf(event.target));
          else keys.onKeyDown(event);
        }}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Header key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer rows={range.first} />
          {sorted.slice(range.first, range.end).map((row, offset) => {
            const index = range.first + offset;
            const key = rowKey(row);
            return <MemoRow key={key} row={row} index={index} columns={columns} selected={key === selectedKey} active={index === keys.active} />;
          })}
          <Spacer rows={sorted.length - range.end} />
        </tbody>
      </table>
      {sorted.length === 0 && <div className="px-4 py-8 text-quiet">{empty}</div>}
    </div>
  );
}
