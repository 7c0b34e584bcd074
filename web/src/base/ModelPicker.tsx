// <ModelPicker models={models} value={id} onChange={setId} />: which model, trained ones first.
import { useText } from './i18n';
import type { Model } from './types';

interface Props { models: Model[]; value: string; onChange: (id: string) => void }

/** A model of the zoo by its name, and what it is. */
const named = (one: Model): string =>
  one.id.startsWith('zoo:') ? `${one.id.slice(4)}: ${one.title}` : one.title;

export function ModelPicker({ models, value, onChange }: Props) {
  const t = useText();
  const groups: [string, Model[]][] = [
    [t('Learning right now', '지금 학습 중'), models.filter((one) => one.kind === 'training')],
    [t('Trained', '학습한 모델'), models.filter((one) => one.kind === 'run' || one.kind === 'file')],
    [t('Untrained: weights by chance', '학습하지 않은 모델: 가중치는 무작위'),
      models.filter((one) => one.kind === 'zoo')],
  ];
  return (
    <div class="field">
      <label for="model">{t('Model', '모델')}</label>
      <select id="model" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {groups.filter(([, list]) => list.length > 0).map(([title, list]) => (
          <optgroup key={title} label={title}>
            {list.map((one) => <option key={one.id} value={one.id}>{named(one)}</option>)}
          </optgroup>))}
      </select>
    </div>
  );
}
