// A pad to draw on with a mouse, a pen or a finger, and by keyboard: arrows move the pen, the space
// bar puts it down and lifts it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../base/i18n';
import { bytesOf, paint, type Stroke } from './strokes';

const SIDE = 280;
const PACE = 0.025; // of the pad's side, a press of an arrow

interface Props {
  /** What is drawn, a moment after it has changed; null: nothing is. */
  onDrawn: (picture: Blob | null) => void;
  /** Milliseconds without a change after which it is told. */
  delay?: number;
}

export function Pad({ onDrawn, delay = 120 }: Props) {
  const t = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const strokes = useRef<Stroke[]>([]);
  const timer = useRef<number | undefined>(undefined);
  const told = useRef(onDrawn);
  told.current = onDrawn;
  const drawing = useRef<Stroke | null>(null);
  const [count, setCount] = useState(0);
  const [size, setSize] = useState(9);
  const [shade, setShade] = useState(255);
  const [pen, setPen] = useState<{ x: number; y: number; down: boolean } | null>(null);

  const redraw = () => {
    const context = canvas.current?.getContext('2d');
    if (context) paint(context, strokes.current);
  };
  const changed = () => {
    redraw();
    setCount(strokes.current.length);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const element = canvas.current;
      if (!element) return;
      if (strokes.current.length === 0) told.current(null);
      else void bytesOf(element).then((picture) => told.current(picture));
    }, delay);
  };
  useEffect(() => {
    redraw();
    return () => window.clearTimeout(timer.current);
  }, []);

  const begin = (x: number, y: number): Stroke => {
    const stroke = { size: size / 100, shade, points: [{ x, y }] };
    strokes.current = [...strokes.current, stroke];
    return stroke;
  };
  const place = (event: PointerEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    return box
      ? { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
      : { x: 0, y: 0 };
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.current?.setPointerCapture(event.pointerId);
    const { x, y } = place(event);
    drawing.current = begin(x, y);
    setPen(null);
    changed();
  };
  const move = (event: PointerEvent) => {
    if (!drawing.current) return;
    drawing.current.points.push(place(event));
    changed();
  };
  const up = () => {
    drawing.current = null;
  };

  const undo = () => {
    strokes.current = strokes.current.slice(0, -1);
    changed();
  };
  const clear = () => {
    strokes.current = [];
    changed();
  };
  const key = (event: KeyboardEvent) => {
    const ways: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const way = ways[event.key],
      at = pen ?? { x: 0.5, y: 0.5, down: false };
    if (way) {
      const within = (value: number) => Math.min(Math.max(value, 0), 1);
      const next = { ...at, x: within(at.x + way[0] * PACE), y: within(at.y + way[1] * PACE) };
      if (at.down) {
        drawing.current?.points.push({ x: next.x, y: next.y });
        changed();
      }
      setPen(next);
    } else if (event.key === ' ') {
      drawing.current = at.down ? null : begin(at.x, at.y);
      if (!at.down) changed();
      setPen({ ...at, down: !at.down });
    } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
      undo();
    } else {
      return;
    }
    event.preventDefault();
  };

  const shades: [number, string][] = [
    [255, t('White', '흰색')],
    [150, t('Grey', '회색')],
    [0, t('Eraser', '지우개')],
  ];
  return (
    <div class="pad">
      <div class="pad-sheet">
        <canvas
          ref={canvas}
          width={SIDE}
          height={SIDE}
          tabIndex={0}
          role="img"
          aria-label={t(
            'Drawing pad: draw with the pointer, or move with the arrow keys and press the space bar to put the pen down or lift it.',
            '그림판: 마우스나 손가락으로 그리거나, 화살표 키로 움직이고 스페이스 바로 펜을 내렸다 올리십시오.',
          )}
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onPointerCancel={up}
          onKeyDown={key}
          onBlur={() => {
            drawing.current = null;
            setPen(null);
          }}
        />
        {pen && (
          <svg class="pad-pen" viewBox="0 0 100 100" aria-hidden="true">
            <circle class={pen.down ? 'down' : ''} cx={pen.x * 100} cy={pen.y * 100} r={size / 2} />
          </svg>
        )}
        {count === 0 && (
          <p class="pad-hint" aria-hidden="true">
            {t('Draw here', '여기에 그리십시오')}
          </p>
        )}
      </div>
      <div class="pad-tools">
        <label class="range">
          <span>{t('Brush', '붓')}</span>
          <input
            type="range"
            min={3}
            max={22}
            value={size}
            onInput={(event) => setSize(Number(event.currentTarget.value))}
          />
        </label>
        <div class="segments" role="group" aria-label={t('Shade', '밝기')}>
          {shades.map(([value, name]) => (
            <button
              type="button"
              key={value}
              aria-pressed={shade === value}
              onClick={() => setShade(value)}>
              {name}
            </button>
          ))}
        </div>
        <div class="row">
          <button type="button" onClick={undo} disabled={count === 0}>
            {t('Undo', '되돌리기')}
          </button>
          <button type="button" onClick={clear} disabled={count === 0}>
            {t('Clear', '모두 지우기')}
          </button>
        </div>
      </div>
    </div>
  );
}
