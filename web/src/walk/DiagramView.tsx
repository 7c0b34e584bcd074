// Boxes and arrows: parts in the order in which they are reached, from the top to the bottom, those
// that do not wait for each other side by side.
import { useId } from 'preact/hooks';
import { useText } from '../base/i18n';
import type { Diagram } from './types';

const [BOX_W, BOX_H, GAP_X, GAP_Y] = [168, 52, 24, 46];
const ASIDE = 150;  // how far an arrow that goes round is pulled to the side

export function DiagramView({ diagram }: { diagram: Diagram }) {
  const t = useText();
  const head = useId();
  const level: number[] = diagram.boxes.map(() => 0);
  for (const arrow of diagram.arrows)
    level[arrow.to] = Math.max(level[arrow.to] ?? 0, (level[arrow.from] ?? 0) + 1);
  const seats = new Map<number, number>();
  const column = level.map((one) => {
    const seat = seats.get(one) ?? 0;
    seats.set(one, seat + 1);
    return seat;
  });
  const widest = Math.max(1, ...seats.values());
  const width = widest * (BOX_W + GAP_X), height = (Math.max(0, ...level) + 1) * (BOX_H + GAP_Y) - GAP_Y;
  const goesRound = diagram.arrows.some((arrow) =>
    (level[arrow.to] ?? 0) - (level[arrow.from] ?? 0) > 1);
  const margin = goesRound && widest === 1 ? ASIDE * 0.55 : 0;
  const left = (i: number) => (column[i] ?? 0) * (BOX_W + GAP_X) + GAP_X / 2
    + (widest - (seats.get(level[i] ?? 0) ?? 1)) * (BOX_W + GAP_X) / 2;
  const top = (i: number) => (level[i] ?? 0) * (BOX_H + GAP_Y);
  return (
    <figure class="diagram">
      {t(diagram.title) !== '' && <figcaption>{t(diagram.title)}</figcaption>}
      <div class="scroll" tabIndex={0} role="group" aria-label={t(diagram.title)}>
        <svg viewBox={`${-margin} -1 ${width + 2 * margin} ${height + 2}`} width={width + 2 * margin} height={height + 2} role="img"
          aria-label={diagram.boxes.map((box) => t(box.label)).join(', ')}>
          <defs><marker id={head} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
            orient="auto"><path d="M0 0 8 4 0 8z" /></marker></defs>
          {diagram.arrows.map((arrow, i) => {
            const [x1, y1] = [left(arrow.from) + BOX_W / 2, top(arrow.from) + BOX_H];
            const [x2, y2] = [left(arrow.to) + BOX_W / 2, top(arrow.to) - 2];
            const far = (level[arrow.to] ?? 0) - (level[arrow.from] ?? 0) > 1;
            // One that passes over a row goes round by the side on which it has more room.
            const side = x1 + x2 < width ? -1 : 1;
            const aside = side * ASIDE, bend = (y2 - y1) / 2;
            const path = far
              ? `M${x1} ${y1} C${x1 + aside} ${y1 + GAP_Y} ${x2 + aside} ${y2 - GAP_Y} ${x2} ${y2}`
              : `M${x1} ${y1} C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
            return (
              <g key={i}><path class="arrow" d={path} marker-end={`url(#${head})`} />
                <text class="tick on-paper" x={(x1 + x2) / 2 + (far ? aside * 0.75 + 6 : 8)}
                  y={(y1 + y2) / 2 + 4}>{t(arrow.label)}</text></g>);
          })}
          {diagram.boxes.map((box, i) => (
            <g key={i}><rect class="box" x={left(i)} y={top(i)} width={BOX_W} height={BOX_H} rx="9" />
              <text class="box-label" x={left(i) + BOX_W / 2} y={top(i) + (t(box.detail) ? 21 : 31)}>
                {t(box.label)}</text>
              <text class="box-detail" x={left(i) + BOX_W / 2} y={top(i) + 39}>{t(box.detail)}</text></g>))}
        </svg>
      </div>
    </figure>
  );
}
