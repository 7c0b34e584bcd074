// The last step, from scores to probabilities, with the numbers of this image: the walk of
// `fovea explain softmax`.
import { Bars } from '../base/Bars';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useText } from '../base/i18n';
import type { Walk } from '../walk/types';
import { WalkView } from '../walk/WalkView';
import { useAsked } from './asked';
import { Panel } from './LayerView';
import type { Look, Maps, NetworkInfo } from './types';

const MOST = 40;  // classes whose arithmetic is written out

/** Whether the probabilities are the softmax of the scores. */
export function isSoftmax(info: NetworkInfo): boolean {
  const [a, b] = info.answer.top;
  if (a?.score === undefined || b?.score === undefined || b.probability <= 0) return false;
  const wanted = Math.exp(a.score - b.score), got = a.probability / b.probability;
  return Math.abs(wanted - got) <= 1e-2 * wanted && !info.nodes.at(-1)?.type.includes('Softmax');
}

function Written({ scores, look }: { scores: number[]; look: Look }) {
  const told = scores.map((score) => Number(score.toPrecision(5))).join(' ');
  const walk = useAsked<Walk>('/api/explain', { args: JSON.stringify(['softmax', '--scores', told]) }, look.turn);
  if (walk.failure !== null) return <ErrorNote error={walk.failure} />;
  return walk.answer ? <div class="arithmetic" aria-busy={walk.waiting}><WalkView walk={walk.answer} /></div> : <Busy />;
}

export function Softmax({ look, info, onClose }: { look: Look; info: NetworkInfo; onClose: () => void }) {
  const t = useText();
  const last = info.nodes.at(-1);
  const maps = useAsked<Maps>('/api/maps', { model: look.model, image: look.image, layer: last?.name },
    look.turn);
  const scores = maps.answer?.values, names = maps.answer?.names;
  return (
    <Panel title="softmax" about={t('scores become probabilities', '점수를 확률로 바꿉니다')} onClose={onClose}>
      <Bars label={t('Probabilities', '확률')} items={info.answer.top.map((one) =>
        ({ label: one.name, value: one.probability }))} />
      {names && names.length <= MOST && <p class="note class-names">{t('Classes: ', '클래스: ')}
        {names.map((name, i) => `${i} ${name}`).join(', ')}</p>}
      {maps.failure !== null && <ErrorNote error={maps.failure} />}
      {scores && scores.length <= MOST && <Written scores={scores} look={look} />}
    </Panel>
  );
}
