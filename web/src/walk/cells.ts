// How a grid is laid out: the size of its cells, where its slices lie, the colour of a value.
import { heat, signed, type Rgb } from '../base/colors';
import { short } from '../base/format';
import type { Grid, Mark, Num } from './types';

export interface Place {
  width: number;   // of a cell
  height: number;
  font: number;    // 0: no numbers
  /** From one slice to that behind it. */
  behind: number;
  total: { width: number; height: number };
}

const WIDEST = 560, LETTER = 0.6;

export const textOf = (value: Num): string => (typeof value === 'number' ? short(value) : value);

function cell(grid: Grid): { width: number; height: number; font: number } {
  if (grid.look === 'shades') {
    const side = Math.min(24, Math.max(5, 240 / Math.max(grid.rows, grid.columns)));
    return { width: side, height: side, font: 0 };
  }
  const longest = Math.max(1, ...grid.values.map((value) => textOf(value).length));
  const font = longest > 4 ? 13.5 : 15;
  const width = Math.max(40, longest * font * LETTER + 14);
  if (width * grid.columns <= WIDEST) return { width, height: 44, font };
  const narrow = Math.max(24, WIDEST / grid.columns);
  return { width: narrow, height: Math.min(44, Math.max(28, narrow)),
    font: Math.max(9, Math.min(font, (narrow - 6) / (longest * LETTER))) };
}

export function placeOf(grid: Grid): Place {
  const one = cell(grid);
  const behind = grid.slices > 1 ? Math.min(16, 72 / (grid.slices - 1)) : 0;
  const depth = (grid.slices - 1) * behind;
  return { ...one, behind, total: { width: grid.columns * one.width + depth,
    height: grid.rows * one.height + depth } };
}

/** Where slice `slice` starts when `front` is before all others: to the right and up, one by one. */
export function originOf(grid: Grid, place: Place, slice: number, front: number): { x: number; y: number } {
  const back = (slice - front + grid.slices) % grid.slices;
  return { x: back * place.behind, y: (grid.slices - 1 - back) * place.behind };
}

/** The colour of a value: of its share of the way from the least to the largest, or, where some are
 *  below zero, by its sign. */
export function shadesOf(values: Num[]): (value: Num) => Rgb {
  let least = Infinity, most = -Infinity;
  for (const value of values) {
    if (typeof value !== 'number') continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const range = most - least, size = Math.max(Math.abs(least), Math.abs(most));
  return (value) => {
    if (typeof value !== 'number') return heat(0);
    if (least < 0) return signed(value / size);
    return heat(range > 0 ? (value - least) / range : 0.5);
  };
}

export const isPadding = (grid: Grid, row: number, column: number): boolean =>
  row < grid.padding_rows || row >= grid.rows - grid.padding_rows
  || column < grid.padding_columns || column >= grid.columns - grid.padding_columns;

/** A slice as a picture, a pixel a cell; for large ones. */
export function pictureOf(grid: Grid, slice: number): string {
  const canvas = document.createElement('canvas');
  canvas.width = grid.columns;
  canvas.height = grid.rows;
  const context = canvas.getContext('2d');
  if (!context) return '';
  const shade = shadesOf(grid.values), per = grid.rows * grid.columns;
  const image = context.createImageData(grid.columns, grid.rows);
  for (let i = 0; i < per; ++i)
    image.data.set([...shade(grid.values[slice * per + i] ?? 0), 255], i * 4);
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/** The cells of a mark, each with where it stands in the mark's own shape. */
export function cellsOf(mark: Mark): { slice: number; row: number; column: number; i: number }[] {
  const cells = [];
  for (let s = 0; s < mark.slices; ++s)
    for (let r = 0; r < mark.rows; ++r)
      for (let c = 0; c < mark.columns; ++c)
        cells.push({ slice: mark.slice + s, row: mark.row + r * mark.row_step,
          column: mark.column + c * mark.column_step, i: (s * mark.rows + r) * mark.columns + c });
  return cells;
}
