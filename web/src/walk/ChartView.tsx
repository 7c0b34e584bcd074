// Bars or lines over an axis, as a picture; its numbers are a table for who does not see it.
import { short } from '../base/format';
import { useText } from '../base/i18n';
import type { Chart } from './types';

const MOST_TOLD = 60;  // rows for who does not see the picture
const [W, H, LEFT, BOTTOM, TOP, RIGHT] = [640, 300, 58, 44, 12, 12];

/** Round numbers from `least` to `most`, some five of them. */
export function ticks(least: number, most: number): number[] {
  const rough = (most - least) / 5;
  if (!(rough > 0)) return [least];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((one) => one >= rough) ?? rough;
  const all = [];
  for (let i = Math.ceil(least / step); i * step <= most + step * 1e-9; ++i) all.push(i * step);
  return all;
}

export function ChartView({ chart }: { chart: Chart }) {
  const t = useText();
  const bars = chart.series.some((one) => one.look === 'bars');
  const xs = chart.series.flatMap((one) => one.x), ys = chart.series.flatMap((one) => one.y);
  const gap = Math.min(...chart.series.filter((one) => one.look === 'bars').map((one) =>
    one.x.length > 1 ? one.x[1]! - one.x[0]! : 1), Infinity);
  const pad = bars && gap < Infinity ? gap / 2 : 0;
  const [x0, x1] = [Math.min(...xs) - pad, Math.max(...xs) + pad];
  const [y0, y1] = [bars ? Math.min(0, ...ys) : Math.min(...ys), Math.max(...ys)];
  const x = (value: number) => LEFT + (value - x0) / (x1 - x0 || 1) * (W - LEFT - RIGHT);
  const y = (value: number) => H - BOTTOM - (value - y0) / (y1 - y0 || 1) * (H - BOTTOM - TOP);
  const many = chart.series.filter((one) => one.look === 'bars').length;
  return (
    <figure class="chart">
      {t(chart.title) !== '' && <figcaption>{t(chart.title)}</figcaption>}
      <svg viewBox={`0 0 ${W} ${H}`} role="img"
        aria-label={`${t(chart.title)}: ${chart.series.map((one) => t(one.name)).join(', ')}`}>
        {ticks(y0, y1).map((tick) => (
          <g key={tick}><line class="rule" x1={LEFT} x2={W - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text class="tick end" x={LEFT - 6} y={y(tick) + 4}>{short(tick)}</text></g>))}
        {ticks(x0, x1).map((tick) => (
          <text key={tick} class="tick middle" x={x(tick)} y={H - BOTTOM + 16}>{short(tick)}</text>))}
        <text class="tick middle" x={(LEFT + W) / 2} y={H - 6}>{t(chart.x_label)}</text>
        <text class="tick middle" transform={`translate(12 ${(H - BOTTOM) / 2}) rotate(-90)`}>
          {t(chart.y_label)}</text>
        {chart.series.map((one, s) => one.look === 'line'
          ? <polyline key={s} class={`line s${s % 4}`}
              points={one.x.map((at, i) => `${x(at).toFixed(1)},${y(one.y[i] ?? 0).toFixed(1)}`).join(' ')} />
          : <g key={s} class={`bars-of s${s % 4}`}>{one.x.map((at, i) => {
            const width = Math.max(1, (x(at + gap) - x(at)) / many - 1);
            const from = x(at) - (many * (width + 1)) / 2 + s * (width + 1);
            const top = y(Math.max(0, one.y[i] ?? 0));
            return <rect key={i} x={from} y={top} width={width} rx={Math.min(2, width / 4)}
              height={Math.abs(y(one.y[i] ?? 0) - y(0))}>
              <title>{`${short(at)}: ${short(one.y[i] ?? 0)}`}</title></rect>;
          })}</g>)}
      </svg>
      {chart.series.length > 1 && (
        <ul class="legend-of">{chart.series.map((one, s) => (
          <li key={s} class={`s${s % 4}`}>{t(one.name)}</li>))}</ul>)}
      {chart.series.map((one, s) => (
        <div key={s} class="hidden"><table><caption>{t(chart.title)}: {t(one.name)}</caption>
          <thead><tr><th scope="col">{t(chart.x_label)}</th><th scope="col">{t(chart.y_label)}</th></tr></thead>
          <tbody>{one.x.slice(0, MOST_TOLD).map((at, i) => (
            <tr key={i}><td>{short(at)}</td><td>{short(one.y[i] ?? 0)}</td></tr>))}</tbody></table></div>))}
    </figure>
  );
}
