// A feature map, or a filter, with a window over it. The window may reach over the border: padding.
import { useMemo, useRef } from 'preact/hooks';
import { signed } from '../base/colors';
import { short } from '../base/format';

export interface Window { row: number; column: number; rows: number; columns: number;
  row_step: number; column_step: number }

interface Values { rows: number; columns: number; values: number[] }

interface Props {
  map: Values;
  title: string;
  detail?: string;
  /** Grey from the least to the largest, or blue below zero, white at it and orange above. */
  look?: 'greys' | 'signs';
  margin?: number;
  window?: Window | null;
  /** What happens at the window: as on the boards of walks. */
  role?: 'read' | 'weigh' | 'write';
  /** Its cells have numbers of their own. */
  numbers?: boolean;
  onPick?: (row: number, column: number) => void;
}

function rangeOf(values: number[]): { least: number; most: number; size: number } {
  let least = Infinity, most = -Infinity;
  for (const value of values) { least = Math.min(least, value); most = Math.max(most, value); }
  return { least, most, size: Math.max(Math.abs(least), Math.abs(most)) || 1 };
}

function pictureOf(map: Values, look: 'greys' | 'signs'): string {
  const canvas = document.createElement('canvas');
  canvas.width = map.columns;
  canvas.height = map.rows;
  const context = canvas.getContext('2d');
  if (!context) return '';
  const image = context.createImageData(map.columns, map.rows);
  const { least, most, size } = rangeOf(map.values);
  map.values.forEach((value, i) => {
    const grey = 255 * (value - least) / (most - least || 1);
    const [r, g, b] = look === 'signs' ? signed(value / size) : [grey, grey, grey];
    image.data.set([r, g, b, 255], i * 4);
  });
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/** The window's outline, and its cells where they do not touch. */
function Outline({ window, margin }: { window: Window; margin: number }) {
  const apart = window.row_step > 1 || window.column_step > 1;
  const width = (window.columns - 1) * window.column_step + 1, height = (window.rows - 1) * window.row_step + 1;
  const cells = [];
  for (let r = 0; apart && r < window.rows; ++r)
    for (let c = 0; c < window.columns; ++c)
      cells.push(<rect key={`${r}.${c}`} x={c * window.column_step} y={r * window.row_step} width={1} height={1} />);
  const box = { width, height, rx: Math.min(0.25, margin + 0.25) };
  return (
    <g style={{ transform: `translate(${window.column}px, ${window.row}px)` }}>
      <rect class="halo" {...box} /><rect class="outline" {...box} />{cells}
    </g>
  );
}

export function MapPicture({ map, title, detail = '', look = 'greys', margin = 0, window, role = 'read',
  numbers = false, onPick }: Props) {
  const svg = useRef<SVGSVGElement>(null);
  const picture = useMemo(() => pictureOf(map, look), [map, look]);
  const { least, most, size } = useMemo(() => rangeOf(map.values), [map]);
  const [width, height] = [map.columns + 2 * margin, map.rows + 2 * margin];
  const pick = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect();
    if (!box || !onPick) return;
    const row = Math.floor((event.clientY - box.top) / box.height * height) - margin;
    const column = Math.floor((event.clientX - box.left) / box.width * width) - margin;
    onPick(row, column);
  };
  const range = `${short(least)} … ${short(most)}`;
  return (
    <figure class={`map ${role}`}>
      <figcaption>{title}{detail !== '' && <span>{detail}</span>}</figcaption>
      <svg ref={svg} viewBox={`${-margin} ${-margin} ${width} ${height}`} role="img"
        aria-label={`${title} ${detail}, ${map.rows} x ${map.columns}, ${range}`} class={onPick ? 'picked' : undefined}
        onPointerDown={(event) => { if (onPick) { svg.current?.setPointerCapture(event.pointerId); pick(event); } }}
        onPointerMove={(event) => { if (event.buttons & 1) pick(event); }}>
        {margin > 0 && <rect class="border" x={-margin} y={-margin} width={width} height={height} />}
        <image href={picture} width={map.columns} height={map.rows} preserveAspectRatio="none" />
        {numbers && map.values.map((value, i) => (
          <text key={i} class={Math.abs(value) > 0.62 * size ? 'weight strong' : 'weight'}
            x={i % map.columns + 0.5} y={Math.floor(i / map.columns) + 0.5}>{value.toFixed(2)}</text>))}
        {window && <Outline window={window} margin={margin} />}
      </svg>
      <p class="range note" aria-hidden="true">{range}</p>
    </figure>
  );
}
