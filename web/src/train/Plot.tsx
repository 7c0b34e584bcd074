// A uPlot chart of lines, in the page's colours. A run has a colour and a dash of its own, so that
// neither is needed to tell two apart; what a line measures is told by its weight.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Line } from './curves';

interface Props {
  lines: Line[];
  label: string;
  xLabel: string;
  percent?: boolean;
  /** Where the axis may end although no line does: of a training, its last epoch. */
  most?: number;
  /** Where the pointer is, on the axis; null: outside. */
  onCursor?: (x: number | null) => void;
}

const DASHES = [[], [9, 4], [3, 3], [10, 3, 3, 3]];
const COLOURS = ['--run-1', '--run-2', '--run-3', '--run-4'];
const EMPTY: uPlot.AlignedData = [[0, 1]];

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || '#0072b2';
}

function seriesOf(line: Line): uPlot.Series {
  const stroke = colour(COLOURS[line.run % COLOURS.length] ?? '--run-1');
  const thin = line.kind === 'step' || line.kind === 'train';
  const dash = DASHES[line.run % DASHES.length] ?? [];
  const points = { show: line.kind !== 'step', size: thin ? 4 : 7, stroke, fill: stroke };
  const look = {
    stroke,
    points,
    spanGaps: true,
    width: thin ? 1 : 2.25,
    alpha: line.kind === 'step' ? 0.55 : 1,
  };
  return line.kind === 'step' ? look : { ...look, dash: line.kind === 'val' ? [2, 3] : dash };
}

/** Room to grow: twice what there is, until that is all there will be. */
function endOf(high: number, most = 0): number {
  let end = 1;
  while (end < high && end < most) end *= 2;
  return Math.max(high, Math.min(end, most), 1);
}

function dataOf(lines: Line[]): uPlot.AlignedData {
  const tables = lines.map((line) => [line.x, line.y] as uPlot.AlignedData);
  return tables.length === 0 ? EMPTY : uPlot.join(tables);
}

function optionsOf(lines: Line[], width: number, props: Props): uPlot.Options {
  const text = colour('--muted'),
    line = colour('--line');
  const axis = {
    stroke: text,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
  };
  const shown = (value: number) =>
    props.percent ? `${+(value * 100).toFixed(1)} %` : String(+value.toPrecision(4));
  return {
    width,
    height: width < 420 ? 200 : 260,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false, range: (_, low, high) => [Math.min(low, 0), endOf(high, props.most)] },
      y: props.percent ? { range: (_, low, high) => [Math.min(low, 0.5), Math.max(high, 1)] } : {},
    },
    axes: [
      { ...axis, label: props.xLabel, labelSize: 20, size: 34 },
      { ...axis, size: 52, values: (_, splits) => splits.map(shown) },
    ],
    series: [{}, ...lines.map(seriesOf)],
    hooks: {
      setCursor: [
        (plot) => {
          const index = plot.cursor.idx;
          props.onCursor?.(
            index === null || index === undefined ? null : (plot.data[0][index] ?? null),
          );
        },
      ],
    },
  };
}

export function Plot(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const looks =
    props.lines.map((line) => `${line.run}${line.kind}`).join() + props.xLabel + (props.most ?? '');

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const build = () => {
      plot.current?.destroy();
      const { lines } = latest.current;
      plot.current = new uPlot(
        optionsOf(lines, Math.max(element.clientWidth, 200), {
          ...latest.current,
          onCursor: (x) => latest.current.onCursor?.(x),
        }),
        dataOf(lines),
        element,
      );
    };
    build();
    const sizes = new ResizeObserver(() => {
      const width = Math.max(element.clientWidth, 200);
      if (plot.current && plot.current.width !== width)
        plot.current.setSize({ width, height: width < 420 ? 200 : 260 });
    });
    sizes.observe(element);
    // Colours are the style sheet's: drawn again when the theme changes.
    const theme = new MutationObserver(build);
    theme.observe(document.documentElement, { attributes: true });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', build);
    return () => {
      sizes.disconnect();
      theme.disconnect();
      dark.removeEventListener('change', build);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [looks, props.percent]);

  useEffect(() => {
    plot.current?.setData(dataOf(props.lines));
  }, [props.lines]);

  return <div class="plot" ref={box} role="img" aria-label={props.label} />;
}
