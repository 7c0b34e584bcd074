// The tab where a model is seen at work: from the image to the answer, layer by layer.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { get } from '../base/api';
import { Bars } from '../base/Bars';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useEvent } from '../base/events';
import { number } from '../base/format';
import { useText } from '../base/i18n';
import { ImagePicker } from '../base/ImagePicker';
import { ModelPicker } from '../base/ModelPicker';
import { stayAt, useRoute } from '../base/route';
import type { Model } from '../base/types';
import { Answer, useSeenPicture } from './Answer';
import { useAsked } from './asked';
import { lanesOf } from './lanes';
import { LayerView } from './LayerView';
import { EndRow, NodeView } from './NodeView';
import { railWidth } from './Rail';
import { isSoftmax, Softmax } from './Softmax';
import { wordsOf, type Look, type NetworkInfo } from './types';

type Change = (more: Record<string, string | undefined>) => void;

const SOFTMAX = 'softmax';  // the step after the last layer, in the address
const CLOSED = { layer: undefined, channel: undefined, at: undefined };

export function Network() {
  const [models, setModels] = useState<Model[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const refresh = () => {
    get<Model[]>('/api/models').then((list) => { setFailure(null); setModels(list); }).catch(setFailure);
  };
  useEffect(refresh, []);
  useEvent('runs', refresh);
  useEvent('training', refresh);
  if (failure !== null) return <ErrorNote error={failure} />;
  return models === null ? <Busy /> : <Loaded models={models} />;
}

/** The layers from the image to the probabilities. */
function List({ look, info, picture, opened, channel, shown, change }: { look: Look; info: NetworkInfo;
    picture: string | null; opened: string | undefined; channel: number; shown: boolean; change: Change }) {
  const t = useText();
  const { nodes } = info;
  const softmax = isSoftmax(info), last = nodes.at(-1)?.name;
  const lanes = useMemo(() => lanesOf(nodes, softmax && last !== undefined ? [last] : []),
    [nodes, softmax, last]);
  const slowest = Math.max(...nodes.map((one) => one.milliseconds), 1e-9);
  const end = lanes.rows.at(-1)?.lane ?? 0;
  const open = (layer: string, to: number | undefined, at: string | undefined) => {
    change({ layer, channel: to === undefined ? undefined : String(to), at });
    requestAnimationFrame(() => document.getElementById('layer-title')?.scrollIntoView({ block: 'nearest' }));
  };
  return (
    <ol class="nodes" aria-label={t('Layers', '층')} ref={(list: HTMLElement | null) =>
      list?.style.setProperty('--rail', `${railWidth(lanes.count)}px`)}>
      <EndRow row={{ lane: 0, from: [], past: [], goes: true }} lanes={lanes.count} name="input"
        type={t('the image', '이미지')} shape={(info.input ?? []).map(number).join(' × ')}>
        {picture && <img class="seen small" src={picture} width={56} height={56} alt="" />}
      </EndRow>
      {nodes.map((node, i) => (
        <NodeView key={`${look.model}.${node.name}`} node={node} look={look} row={lanes.rows[i]!}
          lanes={lanes.count} before={i === 0 ? 'input' : nodes[i - 1]!.name} slowest={slowest}
          chosen={node.name === opened ? channel : null} shown={shown}
          onOpen={(to) => open(node.name, to, undefined)} />))}
      {softmax && (
        <EndRow row={{ lane: end, from: [end], past: [], goes: false }} lanes={lanes.count} name={SOFTMAX}
          type={t('probabilities', '확률')} shape={number(nodes.at(-1)?.output[0] ?? 0)}
          open={opened === SOFTMAX} onOpen={() => open(SOFTMAX, undefined, undefined)}>
          <Bars label={t('Probabilities', '확률')} items={info.answer.top.slice(0, 3).map((one) =>
            ({ label: one.name, value: one.probability }))} />
        </EndRow>)}
    </ol>
  );
}

function Switches({ look, live, learns, shown, classes, first, change }: { look: Look; live: boolean;
    learns: boolean; shown: boolean; classes: string[]; first: string | undefined; change: Change }) {
  const t = useText();
  return (
    <div class="field switches">
      <label class="check"><input type="checkbox" role="switch" checked={look.gradients}
        onChange={(event) => change({ gradients: event.currentTarget.checked ? '1' : undefined })} />
        <span>{t('Backward: gradients in place of activations', '역방향: 활성값 대신 기울기 보기')}</span></label>
      <label class="check"><input type="checkbox" role="switch" checked={live} disabled={!learns && !live}
        onChange={(event) => change({ model: event.currentTarget.checked ? 'training' : first, ...CLOSED })} />
        <span>{t('While training', '학습하는 동안 보기')}</span></label>
      <label class="check"><input type="checkbox" role="switch" checked={shown}
        onChange={(event) => change({ maps: event.currentTarget.checked ? undefined : '0' })} />
        <span>{t('Feature maps of every layer', '모든 층의 특성 맵 보기')}</span></label>
      {look.gradients && (
        <div class="field inline"><label for="class">{t('of the score of', '어느 클래스의 점수')}</label>
          <select id="class" value={look.class ?? ''}
            onChange={(event) => change({ class: event.currentTarget.value || undefined })}>
            <option value="">{t('its answer', '모델의 답')}</option>
            {classes.map((name, i) => <option key={i} value={String(i)}>{name}</option>)}
          </select></div>)}
    </div>
  );
}

function Loaded({ models }: { models: Model[] }) {
  const t = useText();
  const { words } = useRoute();
  const [turn, setTurn] = useState(0);
  const first = models.find((one) => one.trained && one.kind !== 'training') ?? models[0];
  const chosen = models.find((one) => one.id === words.model) ?? first;
  const model = chosen?.id ?? '';
  const numbered = chosen !== undefined && chosen.data !== '';
  const image = words.image ?? 'test:0';
  const seeable = numbered || image.startsWith('upload:');
  const gradients = words.gradients === '1';
  const live = model === 'training', shown = words.maps !== '0';
  const look: Look = { model, image, class: words.class, gradients, turn: live ? turn : 0 };
  const change: Change = (more) => stayAt('network', { ...words, model, image, ...more });
  useEvent('maps', () => { if (live) setTurn((n) => n + 1); });
  const network = useAsked<NetworkInfo>(seeable ? '/api/network' : null, wordsOf(look), look.turn);
  // Another model's layers are not asked about.
  const info = network.words.model === model && seeable ? network.answer : null;
  const failure = seeable ? network.failure : null;
  const picture = useSeenPicture(look, seeable);
  const layer = info?.nodes.find((node) => node.name === words.layer);
  const softmax = !layer && words.layer === SOFTMAX && info !== null && isSoftmax(info);
  const channel = Number(words.channel ?? 0);
  const [row, column] = (words.at ?? '').split(',').map(Number);
  const at: [number, number] | null = words.at && row !== undefined && column !== undefined
    && Number.isInteger(row) && Number.isInteger(column) ? [row, column] : null;
  const close = () => {
    change(CLOSED);
    // To where one came from.
    requestAnimationFrame(() => {
      const names = document.querySelectorAll<HTMLElement>('.nodes button.name');
      [...names].find((one) => one.textContent === words.layer)?.focus();
    });
  };
  return (
    <div class="tab-network">
      <section class="card look" aria-label={t('What is looked at', '무엇을 보는가')}>
        <div class="bar-of-choices">
          <ModelPicker models={models} value={model} onChange={(id) => change({ model: id, ...CLOSED })} />
          <ImagePicker model={model} value={image} numbered={numbered}
            onChange={(next) => change({ image: next })} />
          <Switches look={look} live={live} shown={shown} first={first?.id} change={change}
            learns={models.some((one) => one.kind === 'training')} classes={chosen?.classes ?? []} />
        </div>
        {!seeable && <p class="note">{t('This model names no data set: give it a picture to see it at work.',
          '이 모델은 데이터 세트를 알지 못합니다. 사진을 골라 주시면 작동하는 모습을 보여 드립니다.')}</p>}
        {failure !== null && <ErrorNote error={failure} />}
        {info && <Answer info={info} picture={picture} />}
      </section>
      {seeable && failure === null && !info && <Busy />}
      {info && (
        <div class={layer || softmax ? 'sides' : undefined}>
          <List look={look} info={info} picture={picture} opened={softmax ? SOFTMAX : layer?.name}
            channel={channel} shown={shown} change={change} />
          {layer && <LayerView key={`${model}.${layer.name}`} look={look} node={layer} channel={channel}
            at={at} onClose={close}
            onMove={(to, place) => change({ channel: String(to), at: place?.join(',') })} />}
          {softmax && <Softmax look={look} info={info} onClose={close} />}
        </div>)}
    </div>
  );
}
