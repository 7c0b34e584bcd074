// A layer in the list: what it is, what it costs, and its maps or values, which are fetched once it is
// seen.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Bar } from '../base/Bars';
import { ErrorNote } from '../base/ErrorNote';
import { count, number } from '../base/format';
import { useText } from '../base/i18n';
import { Pager } from '../base/Pager';
import { TileSheet, type Sheet } from '../base/TileSheet';
import { useAsked } from './asked';
import type { Row } from './lanes';
import { Rail } from './Rail';
import { Strip } from './Strip';
import { wordsOf, type Look, type Maps, type Node } from './types';

interface Props {
  node: Node;
  row: Row;
  lanes: number;
  look: Look;
  slowest: number;
  /** The layer above it, which needs no words where the values come from there. */
  before: string;
  chosen: number | null;
  /** Whether its maps or values are shown. */
  shown: boolean;
  onOpen: (channel: number) => void;
}

const TILES = 32;

/** True from the first time on that the element comes near the window. */
function useSeen() {
  const element = useRef<HTMLLIElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current || seen) return;
    const watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    }, { rootMargin: '300px' });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, [seen]);
  return { element, seen };
}

/** A row of the list that is no layer: the image before them, the probabilities after them. */
export function EndRow({ row, lanes, name, type, shape, open = false, onOpen, children }: { row: Row;
    lanes: number; name: string; type: string; shape: string; open?: boolean; onOpen?: () => void;
    children?: ComponentChildren }) {
  return (
    <li class="step">
      <Rail row={row} lanes={lanes} open={open} />
      <div class={open ? 'node open' : 'node'}>
        <div class="node-head">
          {onOpen ? <button type="button" class="name" onClick={onOpen}>{name}</button>
            : <span class="name">{name}</span>}
          <span class="note">{type}</span><span class="shape">{shape}</span></div>
        {children}
      </div>
    </li>
  );
}

export function NodeView({ node, row, lanes, before, look, slowest, chosen, shown, onOpen }: Props) {
  const t = useText();
  const { element, seen } = useSeen();
  const [from, setFrom] = useState(0);
  const tiled = shown && node.maps > 0, vector = shown && node.maps === 0 && node.output.length === 1;
  const maps = useAsked<Maps>(seen && (tiled || vector) ? '/api/maps' : null,
    { ...wordsOf(look), layer: node.name, ...(vector ? {} : { from, count: TILES }) }, look.turn);
  const branches = node.inputs.length > 1 || (node.inputs.length === 1 && node.inputs[0] !== before);
  const sheet = tiled && maps.answer?.png ? maps.answer as Maps & Sheet : null;
  return (
    <li class="step" ref={element}>
      <Rail row={row} lanes={lanes} open={chosen !== null} />
      <div class={chosen !== null ? 'node open' : 'node'}>
        <div class="node-head">
          <button type="button" class="name" disabled={!node.walks} onClick={() => onOpen(chosen ?? 0)}>
            {node.name}</button>
          <span class="note">{node.type}</span>
          <span class="shape">{node.output.map(number).join(' × ')}</span>
        </div>
        <div class="node-cost note">
          <Bar share={node.milliseconds / slowest} />
          <span>{node.milliseconds.toFixed(node.milliseconds < 1 ? 3 : 1)} ms</span>
          {node.multiply_adds > 0 && <span>{t(`${count(node.multiply_adds)} multiply-adds`,
            `곱셈-덧셈 ${count(node.multiply_adds)}`)}</span>}
          {node.parameters > 0 && <span>{t(`${number(node.parameters)} parameters`,
            `매개변수 ${number(node.parameters)}개`)}</span>}
        </div>
        {branches && <p class="note from">{t('from ', '입력: ')}{node.inputs.map((name) =>
          name === 'input' ? t('the image', '이미지') : name).join(', ')}</p>}
        {maps.failure !== null && <ErrorNote error={maps.failure} />}
        {tiled && !sheet && maps.failure === null && <div class="tiles-to-come" />}
        {sheet && <TileSheet sheet={sheet} label={t(`Maps of ${node.name}`, `${node.name}의 특성 맵`)}
          chosen={chosen !== null ? chosen - from : -1}
          name={(i) => t(`${node.name}, channel ${from + i}`, `${node.name}, 채널 ${from + i}`)}
          onChoose={(i) => onOpen(from + i)} />}
        {sheet && <Pager from={from} count={TILES} total={node.maps} onChange={setFrom} />}
        {vector && (maps.answer?.values
          ? <Strip values={maps.answer.values} label={t(`Values of ${node.name}`, `${node.name}의 값`)}
              chosen={chosen} onChoose={onOpen} />
          : maps.failure === null && <div class="strip" />)}
      </div>
    </li>
  );
}
