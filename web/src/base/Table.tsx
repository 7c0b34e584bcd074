// A table whose rows can be put in order by its headings.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** What it is put in order by; without it, it cannot be. */
  sort?: (row: Row) => number | string;
  number?: boolean;
  /** Left out where there is little room. */
  wide?: boolean;
  rowHeader?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  sorted?: { key: string; down: boolean };
}

export function Table<Row>({ caption, columns, rows, rowKey, sorted }: Props<Row>) {
  const [by, setBy] = useState(sorted);
  const value = columns.find((column) => column.key === by?.key)?.sort;
  const shown = value ? [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    return (x < y ? -1 : x > y ? 1 : 0) * (by?.down ? -1 : 1);
  }) : rows;
  const look = (column: Column<Row>) =>
    [column.number && 'number', column.wide && 'wide'].filter(Boolean).join(' ') || undefined;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table class="table">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>{columns.map((column) => (
            <th scope="col" key={column.key} class={look(column)}
              aria-sort={by?.key === column.key ? (by.down ? 'descending' : 'ascending') : undefined}>
              {column.sort ? <button type="button" class="sort" onClick={() => setBy({ key: column.key,
                down: by?.key === column.key ? !by.down : false })}>{column.title}</button>
                : column.title}
            </th>))}</tr>
        </thead>
        <tbody>{shown.map((row) => (
          <tr key={rowKey(row)}>{columns.map((column) => column.rowHeader
            ? <th scope="row" key={column.key} class={look(column)}>{column.cell(row)}</th>
            : <td key={column.key} class={look(column)}>{column.cell(row)}</td>)}</tr>))}</tbody>
      </table>
    </div>
  );
}
