// A row's piece of the lanes: from those above to the layer, and past it.
import type { Row } from './lanes';

const STEP = 14, HALF = 9, DOT = 27;  // between lanes, to the first, down to the layer's dot

export const railWidth = (lanes: number): number => (lanes - 1) * STEP + 2 * HALF;

interface Props { row: Row; lanes: number; open: boolean }

export function Rail({ row, lanes, open }: Props) {
  const x = (lane: number) => lane * STEP + HALF;
  const to = x(row.lane);
  return (
    <svg class="rail" width={railWidth(lanes)} aria-hidden="true">
      {row.past.map((lane) => <line key={lane} x1={x(lane)} x2={x(lane)} y1="0" y2="100%" />)}
      {row.from.map((lane) => <path key={`f${lane}`}
        d={lane === row.lane ? `M${to} 0V${DOT}` : `M${x(lane)} 0C${x(lane)} ${DOT} ${to} 2 ${to} ${DOT}`} />)}
      {row.goes && <line x1={to} x2={to} y1={DOT} y2="100%" />}
      <circle class={open ? 'open' : undefined} cx={to} cy={DOT} r={open ? 5 : 4} />
    </svg>
  );
}
