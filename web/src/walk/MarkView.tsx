// What a stop reads, weighs, chooses and writes, laid over a grid. A window that moves on glides there,
// where motion is welcome: it is one group that is shifted.
import { textOf, type Place } from './cells';
import type { Grid, Mark, Num } from './types';

interface Props {
  grid: Grid;
  place: Place;
  mark: Mark;
  /** Of the slices that the mark is on, the one that is drawn. */
  slice: number;
  front: boolean;
  /** The weights that the window is multiplied by, in the order of its cells. */
  weights: Num[] | null;
}

/** The cells as one block where they touch, else one by one. */
function outlines(mark: Mark, { width, height }: Place) {
  if (mark.row_step <= 1 && mark.column_step <= 1)
    return [{ x: 0, y: 0, width: mark.columns * width, height: mark.rows * height }];
  const all = [];
  for (let r = 0; r < mark.rows; ++r)
    for (let c = 0; c < mark.columns; ++c)
      all.push({ x: c * mark.column_step * width, y: r * mark.row_step * height, width, height });
  return all;
}

export function MarkView({ grid, place, mark, slice, front, weights }: Props) {
  if (slice < mark.slice || slice >= mark.slice + mark.slices) return null;
  const small = place.font === 0, per = mark.rows * mark.columns;
  const shapes = outlines(mark, place);
  const x = mark.column * place.width, y = mark.row * place.height;
  const first = (slice - mark.slice) * per;
  const written = front && place.height > 40 && grid.look === 'numbers';
  return (
    <g class={`mark ${mark.role}${small ? ' small' : ''}`} style={{ transform: `translate(${x}px, ${y}px)` }}>
      {small && shapes.map((box, i) => <rect key={`h${i}`} class="halo" {...box} rx={2} />)}
      {shapes.map((box, i) => <rect key={i} {...box} rx={small ? 1.5 : 8} />)}
      {written && weights?.slice(first, first + per).map((weight, i) => (
        <text key={`w${i}`} class="times"
          x={(i % mark.columns * mark.column_step + 1) * place.width - 5}
          y={(Math.floor(i / mark.columns) * mark.row_step + 1) * place.height - 5}>×{textOf(weight)}</text>))}
    </g>
  );
}
