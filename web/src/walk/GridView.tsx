// A table of numbers on a board, drawn once; what a stop reads and writes lies over it. Of slices
// behind one another one is in front: that which the stop works on, or which somebody chose.
import { memo } from 'preact/compat';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useText } from '../base/i18n';
import { isPadding, originOf, pictureOf, placeOf, shadesOf, textOf, type Place } from './cells';
import { MarkView } from './MarkView';
import type { Grid, Mark, Num } from './types';

interface Props {
  grid: Grid;
  marks: Mark[];
  /** Which stop writes a cell, in the order of the values; empty where none does. */
  writtenAt: Map<number, number>;
  at: number;
  /** What the window that a mark reads is multiplied by. */
  weightsOf: (mark: Mark) => Num[] | null;
  /** Somebody points at a cell; its place in the values. */
  onPick?: ((cell: number) => void) | undefined;
}

const MOST_RECTS = 900, MOST_BUTTONS = 12;

interface CellsProps {
  grid: Grid;
  place: Place;
  slice: number;
  shown: number;
  writtenAt: Map<number, number>;
}

/** The cells of a slice; of a grid that grows those that are written by stop `shown`. */
const Cells = memo(function Cells({ grid, place, slice, shown, writtenAt }: CellsProps) {
  const shade = useMemo(() => shadesOf(grid.values), [grid]);
  const { width, height, font } = place;
  const per = grid.rows * grid.columns, inset = font > 0 ? 1.5 : 0;
  const large = font === 0 && !grid.grows && per > MOST_RECTS;
  const cells = [];
  for (let i = 0; i < per && !large; ++i) {
    const at = slice * per + i, value = grid.values[at] ?? 0;
    const row = Math.floor(i / grid.columns), column = i % grid.columns;
    const padded = isPadding(grid, row, column);
    const seen = !grid.grows || (writtenAt.get(at) ?? Infinity) <= shown;
    const box = { x: column * width + inset, y: row * height + inset, width: width - 2 * inset,
      height: height - 2 * inset, rx: font > 0 ? 6 : 0 };
    const shaded = grid.look === 'shades' && seen;
    cells.push(<rect key={i} {...box} fill={shaded ? `rgb(${shade(value).join()})` : undefined}
      class={shaded ? 'shade' : padded ? 'cell padding' : !grid.grows ? 'cell' : seen ? 'cell written'
        : 'cell empty'} />);
    if (seen && font > 0)
      cells.push(<text key={`t${i}`} class={padded ? 'value padding' : 'value'} font-size={font}
        x={(column + 0.5) * width} y={(row + (height > 40 ? 0.46 : 0.5)) * height}>{textOf(value)}</text>);
  }
  return (
    <>
      {(grid.slices > 1 || font === 0) && <rect class="sheet-of" x={-1} y={-1}
        width={grid.columns * width + 2} height={grid.rows * height + 2} rx={font > 0 ? 8 : 2} />}
      {large && <image href={pictureOf(grid, slice)} width={grid.columns * width}
        height={grid.rows * height} preserveAspectRatio="none" />}
      {cells}
    </>
  );
});

function Slices({ grid, front, onChoose }: { grid: Grid; front: number; onChoose: (slice: number) => void }) {
  const t = useText();
  if (grid.slices < 2 || grid.slices > MOST_BUTTONS) return null;
  return (
    <div class="slices" role="group" aria-label={t('Slice in front', '맨 앞의 조각')}>
      {Array.from({ length: grid.slices }, (_, s) => (
        <button type="button" key={s} aria-pressed={s === front} onClick={() => onChoose(s)}
          aria-label={t(`Slice ${s}`, `조각 ${s}`)}>{s}</button>))}
    </div>
  );
}

export function GridView({ grid, marks, writtenAt, at, weightsOf, onPick }: Props) {
  const t = useText();
  const svg = useRef<SVGSVGElement>(null);
  const place = useMemo(() => placeOf(grid), [grid]);
  const pointed = marks.length > 0 && marks.every((mark) => mark.slices === 1
    && mark.slice === marks[0]!.slice) ? marks[0]!.slice : null;
  const [front, setFront] = useState(pointed ?? 0);
  useEffect(() => { if (pointed !== null) setFront(pointed); }, [pointed, at]);
  const { width, height } = place.total;
  const pick = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect();
    if (!box || !onPick) return;
    const from = originOf(grid, place, front, front);
    const x = (event.clientX - box.left) / box.width * (width + 6) - 3 - from.x;
    const y = (event.clientY - box.top) / box.height * (height + 6) - 3 - from.y;
    const column = Math.floor(x / place.width), row = Math.floor(y / place.height);
    if (row >= 0 && row < grid.rows && column >= 0 && column < grid.columns)
      onPick((front * grid.rows + row) * grid.columns + column);
  };
  // The front one is drawn last, over all others.
  const order = Array.from({ length: grid.slices }, (_, k) => (front + grid.slices - 1 - k) % grid.slices);
  const sizes = [...(grid.slices > 1 ? [grid.slices] : []), grid.rows, grid.columns].join(' x ');
  return (
    <figure class="grid">
      <figcaption>{t(grid.title)}</figcaption>
      <svg ref={svg} viewBox={`-3 -3 ${width + 6} ${height + 6}`} width={width + 6} height={height + 6}
        role="img" aria-label={`${t(grid.title)}, ${sizes}`} class={onPick ? 'picked' : undefined}
        onPointerDown={(event) => {
          if (!onPick) return;
          svg.current?.setPointerCapture(event.pointerId);
          pick(event);
        }}
        onPointerMove={(event) => { if (event.buttons & 1) pick(event); }}>
        {order.map((slice) => {
          const { x, y } = originOf(grid, place, slice, front);
          return (
            <g key={slice} transform={`translate(${x} ${y})`}>
              <Cells grid={grid} place={place} slice={slice} shown={grid.grows ? at : 0} writtenAt={writtenAt} />
              {marks.map((mark, i) => (
                <MarkView key={`${mark.role}${i}`} grid={grid} place={place} mark={mark} slice={slice}
                  front={slice === front} weights={weightsOf(mark)} />))}
            </g>);
        })}
      </svg>
      <Slices grid={grid} front={front} onChoose={setFront} />
    </figure>
  );
}
