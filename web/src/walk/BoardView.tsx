// Grids beside one another, and the way over them: the stop's arithmetic, and where its window is.
// With the keyboard on the board: left and right a step, up and down in the grid that grows, Home and
// End to the ends, and the space bar plays.
import { useMemo } from 'preact/hooks';
import { useText } from '../base/i18n';
import { cellsOf } from './cells';
import { Controls } from './Controls';
import { GridView } from './GridView';
import { usePlay } from './play';
import type { Board, Mark, Num, Stop } from './types';

/** Which stop writes which cell of a grid. */
function writersOf(board: Board, grid: number): Map<number, number> {
  const { rows, columns } = board.grids[grid]!;
  const writers = new Map<number, number>();
  board.stops.forEach((stop, i) => {
    for (const mark of stop.marks)
      if (mark.role === 'write' && mark.grid === grid)
        for (const { slice, row, column } of cellsOf(mark))
          writers.set((slice * rows + row) * columns + column, i);
  });
  return writers;
}

/** The numbers that the window of a stop meets, where it weighs as many cells as it reads. */
function weightsOf(board: Board, stop: Stop, read: Mark): Num[] | null {
  if (read.role !== 'read' || read.rows * read.columns <= 1) return null;
  const weigh = stop.marks.find((mark) => mark.role === 'weigh' && mark.rows === read.rows
    && mark.columns === read.columns && mark.slices === read.slices);
  const grid = weigh && board.grids[weigh.grid];
  if (!weigh || !grid || grid.look !== 'numbers' || weigh.grid === read.grid) return null;
  return cellsOf(weigh).map(({ slice, row, column }) =>
    grid.values[(slice * grid.rows + row) * grid.columns + column] ?? 0);
}

const SIGNS: Record<string, string> = { x: '×', '->': '→' };

export function BoardView({ board, plays = false }: { board: Board; plays?: boolean }) {
  const t = useText();
  const writers = useMemo(() => board.grids.map((_, i) => writersOf(board, i)), [board]);
  const count = board.stops.length;
  const first = board.only !== null ? Math.min(board.only, count - 1) : 0;
  const play = usePlay(count, first, plays && board.only === null);
  const stop = board.stops[play.at];
  const pick = (grid: number) => {
    const of = writers[grid]!;
    if (of.size === 0) return undefined;
    return (cell: number) => {
      const writer = of.get(cell);
      if (writer !== undefined) play.go(writer);
    };
  };
  /** To the stop that writes the cell so many rows below. */
  const down = (rows: number) => {
    const mark = stop?.marks.find((one) => one.role === 'write');
    const grid = mark && board.grids[mark.grid];
    if (!mark || !grid) return;
    const row = mark.row + rows * mark.rows;
    const to = writers[mark.grid]!.get((mark.slice * grid.rows + row) * grid.columns + mark.column);
    if (row >= 0 && row < grid.rows && to !== undefined) play.go(to);
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => play.go(play.at - 1),
    ArrowRight: () => play.go(play.at + 1),
    ArrowUp: () => down(-1),
    ArrowDown: () => down(1),
    Home: () => play.go(0),
    End: () => play.go(count - 1),
    ' ': play.toggle,
  };
  const title = t(board.title);
  const moves = count > 1;
  return (
    <div class="board">
      {title !== '' && <h3>{title}</h3>}
      <div class="grids" tabIndex={moves ? 0 : undefined} role="group"
        aria-label={`${title || t('Board', '계산판')}${moves ? t(': arrow keys step', ': 화살표 키로 이동') : ''}`}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act || !moves || event.target !== event.currentTarget) return;
          event.preventDefault();
          act();
        }}>
        {board.grids.map((grid, i) => {
          const sign = board.signs[i - 1] ?? '';
          return (
            <div class="part" key={i}>
              {sign !== '' && <span class="sign">{SIGNS[sign] ?? sign}</span>}
              <GridView grid={grid} at={play.at} writtenAt={writers[i]!} onPick={pick(i)}
                marks={stop?.marks.filter((mark) => mark.grid === i) ?? []}
                weightsOf={(mark) => (stop ? weightsOf(board, stop, mark) : null)} />
            </div>);
        })}
      </div>
      {stop && (
        <div class="stop" aria-live={play.playing ? 'off' : 'polite'}>
          <p class="stop-title">{t(stop.title)}</p>
          {stop.lines.map((line, i) => <p key={i} class="sum"><code>{line}</code></p>)}
          {t(stop.note) !== '' && <p class="note">{t(stop.note)}</p>}
        </div>)}
      {moves && <Controls play={play} count={count} what={title || t('Steps', '단계')} />}
    </div>
  );
}
