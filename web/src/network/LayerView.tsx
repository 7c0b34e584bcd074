// A layer opened: its window over the input, the output that it writes, and at the place where it
// stands the arithmetic, which is that of `fovea explain layer`.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { number } from '../base/format';
import { Icon } from '../base/Icon';
import { useText } from '../base/i18n';
import { useRoute } from '../base/route';
import { Controls } from '../walk/Controls';
import { usePlay } from '../walk/play';
import type { Walk } from '../walk/types';
import { WalkView } from '../walk/WalkView';
import { useAsked } from './asked';
import { ChannelField } from './ChannelField';
import { MapPicture, type Window } from './MapPicture';
import { wordsOf, type Frame, type Look, type Node } from './types';
import { ValuesView } from './ValuesView';

type Place = [number, number];

interface Props {
  look: Look;
  node: Node;
  channel: number;
  /** Where it stands: row and column; of a vector nothing. */
  at: Place | null;
  onMove: (channel: number, at: Place | null) => void;
  onClose: () => void;
}

const DELAY = 40;  // milliseconds, so that a drag asks for where it rests
const MOST_NUMBERS = 25;

function windowOf(frame: Frame, [row, column]: Place): Window {
  const of = frame.windows;
  if (!of) return { row, column, rows: 1, columns: 1, row_step: 1, column_step: 1 };
  return { row: row * of.stride[0]! - of.padding_begin[0]!, rows: of.kernel[0]!,
    column: column * of.stride[1]! - of.padding_begin[1]!, columns: of.kernel[1]!,
    row_step: of.dilation[0]!, column_step: of.dilation[1]! };
}

/** The place of the output whose window has this pixel of the input in its middle. */
function over(frame: Frame, pixel: Place): Place {
  const of = frame.windows;
  const { rows, columns } = frame.output;
  return pixel.map((at, axis) => {
    const middle = of ? Math.floor((of.kernel[axis]! - 1) / 2) * of.dilation[axis]! : 0;
    const to = of ? Math.round((at + of.padding_begin[axis]! - middle) / of.stride[axis]!) : at;
    return Math.min(Math.max(0, to), (axis === 0 ? rows : columns) - 1);
  }) as Place;
}

/** A card of its own beside the list: its head, and how it is closed. */
export function Panel({ title, about, onClose, children }: { title: string; about: string;
    onClose: () => void; children: ComponentChildren }) {
  const t = useText();
  return (
    <section class="card layer" aria-labelledby="layer-title">
      <div class="head">
        <h2 id="layer-title">{title} <small>{about}</small></h2>
        <button type="button" class="quiet" onClick={onClose}><Icon name="close" /> {t('Close', '닫기')}</button>
      </div>
      {children}
    </section>
  );
}

/** What happens at one value. */
function Arithmetic({ look, node, channel, at }: Pick<Props, 'look' | 'node' | 'channel' | 'at'>) {
  const place = at ? at.join(',') : undefined;
  const walk = useAsked<Walk>('/api/layer', { ...wordsOf(look), layer: node.name, channel, at: place },
    look.turn, DELAY);
  if (walk.failure !== null) return <ErrorNote error={walk.failure} />;
  if (walk.answer === null) return <Busy />;
  return (
    <div class="arithmetic" aria-busy={walk.waiting} aria-live="polite">
      <WalkView walk={walk.answer} />
    </div>
  );
}

function Signs() {
  const t = useText();
  return (
    <p class="signs note"><span class="below">{t('below 0', '0보다 작음')}</span><span class="zero">0</span>
      <span class="above">{t('above 0', '0보다 큼')}</span></p>
  );
}

function Swept({ look, node, frame, channel, at, onMove }: Omit<Props, 'onClose'> & { frame: Frame }) {
  const t = useText();
  const { rows, columns } = frame.output;
  const index = ([row, column]: Place) =>
    Math.min(Math.max(0, row), rows - 1) * columns + Math.min(Math.max(0, column), columns - 1);
  const play = usePlay(rows * columns, index(at ?? [Math.floor(rows / 2), Math.floor(columns / 2)]));
  const here: Place = [Math.floor(play.at / columns), play.at % columns];
  useEffect(() => onMove(channel, here), [play.at]);
  const { visit } = useRoute();
  const visited = useRef(visit);
  useEffect(() => {
    if (visited.current !== visit && at) play.go(index(at));
    visited.current = visit;
  }, [visit]);
  const which = (one: number, of: number) => t(`channel ${one} of ${of}`, `채널 ${one} / ${of}개`);
  const margin = Math.max(0, ...(frame.windows?.padding_begin ?? [0]), ...(frame.windows?.padding_end ?? [0]));
  const signs = look.gradients ? 'signs' : 'greys';
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  return (
    <>
      <div class="maps" role="group" tabIndex={0}
        aria-label={t('The window: arrow keys move it', '커널의 창: 화살표 키로 옮깁니다')}
        onKeyDown={(event) => {
          const step = steps[event.key];
          if (step === undefined) return;
          event.preventDefault();
          if (play.at + step >= 0 && play.at + step < rows * columns) play.go(play.at + step);
        }}>
        <MapPicture map={frame.input} look={signs} margin={margin} window={windowOf(frame, here)}
          title={t('Input', '입력')} detail={which(frame.input.channel, frame.input_channels)}
          onPick={(r, c) => play.go(index(over(frame, [r, c])))} />
        {frame.filter && <MapPicture map={frame.filter} look="signs" role="weigh"
          numbers={frame.filter.values.length <= MOST_NUMBERS}
          title={t('Filter', '필터')} detail={t(`slice ${frame.input.channel}`, `조각 ${frame.input.channel}`)} />}
        <MapPicture map={frame.output} look={signs} role="write"
          window={{ row: here[0], column: here[1], rows: 1, columns: 1, row_step: 1, column_step: 1 }}
          title={t('Output', '출력')} detail={which(channel, frame.output_channels)}
          onPick={(r, c) => play.go(index([r, c]))} />
      </div>
      {look.gradients && <Signs />}
      <Controls play={play} count={rows * columns} what={t('The window on its way', '창의 이동')} />
      {frame.formula && <p class="formula size"><code>{frame.formula}</code></p>}
      <Arithmetic look={look} node={node} channel={channel} at={here} />
    </>
  );
}

export function LayerView({ look, node, channel, at, onMove, onClose }: Props) {
  const t = useText();
  const channels = node.output[0] ?? 1;
  const frame = useAsked<Frame>(node.sweeps ? '/api/frame' : null,
    { ...wordsOf(look), layer: node.name, channel }, look.turn);
  return (
    <Panel title={node.name} about={`${node.type}, ${node.output.map(number).join(' × ')}`} onClose={onClose}>
      {node.sweeps && channels > 1 && <ChannelField name={t('Output channel', '출력 채널')} value={channel}
        count={channels} onChange={(to) => onMove(to, at)} />}
      {!node.sweeps && <ValuesView look={look} node={node} channel={channel}
        onChoose={(index) => onMove(index, null)} />}
      {!node.sweeps && <Arithmetic look={look} node={node} channel={channel} at={null} />}
      {frame.failure !== null && node.sweeps && <ErrorNote error={frame.failure} />}
      {node.sweeps && frame.answer === null && frame.failure === null && <Busy />}
      {node.sweeps && frame.answer && (
        <Swept key={`${node.name}.${look.model}`} look={look} node={node} frame={frame.answer}
          channel={channel} at={at} onMove={onMove} />)}
    </Panel>
  );
}
