// A row of values as bars, blue above zero and orange below it, over the whole width. One of them can
// be pointed at.
import { useEffect, useRef, useState } from 'preact/hooks';
import { short } from '../base/format';
import { useText } from '../base/i18n';
import { useTheme } from '../base/theme';

interface Props {
  values: number[];
  label: string;
  chosen?: number | null;
  tall?: boolean;
  onChoose: (index: number) => void;
}

function draw(canvas: HTMLCanvasElement, values: number[], chosen: number | null): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const scale = devicePixelRatio, style = getComputedStyle(canvas);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale);
  canvas.width = width;
  canvas.height = height;
  const least = Math.min(0, ...values), most = Math.max(0, ...values);
  const y = (value: number) => (most - value) / (most - least || 1) * (height - 2) + 1;
  const step = width / values.length, gap = step > 4 * scale ? scale : 0;
  if (chosen !== null) {
    context.fillStyle = color('--grid');
    context.fillRect(Math.max(0, chosen * step - scale), 0, Math.max(step, 3 * scale) + scale, height);
  }
  values.forEach((value, i) => {
    context.fillStyle = color(value < 0 ? '--orange' : '--blue');
    context.fillRect(i * step, Math.min(y(0), y(value)), Math.max(step - gap, 1), Math.abs(y(value) - y(0)));
  });
  context.fillStyle = color('--muted');
  context.fillRect(0, y(0) - scale / 2, width, scale);
}

export function Strip({ values, label, chosen = null, tall = false, onChoose }: Props) {
  const t = useText();
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [over, setOver] = useState<number | null>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const again = () => draw(element, values, chosen);
    again();
    const watch = new ResizeObserver(again);
    watch.observe(element);
    return () => watch.disconnect();
  }, [values, chosen, theme]);
  const at = (event: MouseEvent): number => {
    const box = canvas.current!.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.min(values.length - 1, Math.max(0, Math.floor(share * values.length)));
  };
  const told = over ?? chosen;
  return (
    <div class={tall ? 'strip tall' : 'strip'}>
      <canvas ref={canvas} role="img" aria-label={t(`${label}: ${values.length} values from ${
        short(Math.min(...values))} to ${short(Math.max(...values))}`, `${label}: 값 ${values.length}개, ${
        short(Math.min(...values))}부터 ${short(Math.max(...values))}까지`)}
        onPointerMove={(event) => setOver(at(event))} onPointerLeave={() => setOver(null)}
        onClick={(event) => onChoose(at(event))} />
      <span class="note" aria-hidden="true">{told !== null && told < values.length
        && `[${told}] ${short(values[told]!)}`}</span>
    </div>
  );
}
