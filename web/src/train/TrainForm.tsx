// What is to be trained: one model, or two after each other to be drawn side by side.
import { useState } from 'preact/hooks';
import { post } from '../base/api';
import { ErrorNote } from '../base/ErrorNote';
import { useText } from '../base/i18n';
import { DataField } from './DataField';
import { Field } from '../base/Field';
import {
  fieldsOf,
  NUMBERS,
  PRESETS,
  settingsOf,
  toggled,
  wordsOf,
  type Fields,
  type NumberField,
  type Preset,
} from './form';
import type { Status } from './types';
import { AUGMENTS, PRESET_WORDS, SCHEDULES, SETTINGS } from './words';

export interface TrainOptions {
  zoo: string[];
  data: { name: string; title: string; present: boolean; reason: string }[];
  options: {
    optimizer: string[];
    schedule: string[];
    augment: string[];
    defaults: Record<string, unknown>;
  };
}

interface Props extends TrainOptions {
  busy: boolean;
  onStarted: (status: Status) => void;
}

export function TrainForm({ zoo, data, options, busy, onStarted }: Props) {
  const t = useText();
  const [preset, setPreset] = useState<Preset | null>('quick');
  const [fields, setFields] = useState<Fields>(() => fieldsOf(options.defaults, 'quick'));
  const [model, setModel] = useState(zoo.includes('fashion-cnn') ? 'fashion-cnn' : (zoo[0] ?? ''));
  const [other, setOther] = useState('');
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const [sent, setSent] = useState(false);

  const set = (key: string, value: string) => {
    setFields((old) => ({ ...old, [key]: value }));
    if (key !== 'data') setPreset(null);
  };
  const choose = (next: Preset) => {
    setPreset(next);
    setFields((old) => ({ ...fieldsOf(options.defaults, next), data: old.data ?? '' }));
  };
  const own = !data.some((set) => set.name === fields.data) || (fields.data ?? '').includes('/');

  const send = async (event: Event) => {
    event.preventDefault();
    setSent(true);
    setFailure(null);
    const settings = settingsOf(fields, options.defaults);
    const models = other === '' ? [model] : [model, other];
    try {
      onStarted(
        await post<Status>('/api/training', {
          runs: models.map((one) => ({
            ...settings,
            model: one,
            ...(name === '' ? {} : { name }),
          })),
        }),
      );
    } catch (error) {
      setFailure(error);
    }
    setSent(false);
  };

  const numberOf = (field: NumberField) => {
    const words = SETTINGS[field.key];
    return (
      <Field key={field.key} name={t(words?.name ?? field.key)} hint={t(words?.hint ?? '')}>
        {(tie) => (
          <input
            {...tie}
            type="number"
            value={fields[field.key]}
            min={field.least}
            max={field.most}
            step={field.whole ? 1 : 'any'}
            required={field.basic}
            onInput={(event) => set(field.key, event.currentTarget.value)}
          />
        )}
      </Field>
    );
  };
  const modelOf = (
    label: string,
    value: string,
    none: string | null,
    hint: string,
    onChange: (value: string) => void,
  ) => (
    <Field name={label} hint={hint}>
      {(tie) => (
        <select {...tie} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {none !== null && <option value="">{none}</option>}
          {zoo.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      )}
    </Field>
  );

  return (
    <form class="train-form" onSubmit={(event) => void send(event)}>
      <fieldset class="presets">
        <legend>{t('How much', '얼마나')}</legend>
        {(Object.keys(PRESETS) as Preset[]).map((one) => (
          <label key={one} class="choice">
            <input
              type="radio"
              name="preset"
              checked={preset === one}
              onChange={() => choose(one)}
            />
            <span>
              <b>{t(PRESET_WORDS[one].name)}</b>
              <small>{t(PRESET_WORDS[one].hint ?? '')}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="fields">
        {modelOf(t('Model', '모델'), model, null, t('learns first', '먼저 학습합니다'), setModel)}
        {modelOf(
          t('Against', '견줄 모델'),
          other,
          t('none', '없음'),
          t('learns next, drawn in the same charts', '이어서 학습하고 같은 그래프에 그립니다'),
          setOther,
        )}
        <DataField data={data} value={fields.data ?? ''} onChange={(value) => set('data', value)} />
        <Field
          name={t('Name', '이름')}
          hint={t(
            'of the run; a number is added where it is taken',
            '실행의 이름. 이미 있으면 번호가 붙습니다',
          )}>
          {(tie) => (
            <input
              {...tie}
              type="text"
              value={name}
              placeholder="exp"
              maxLength={60}
              autocomplete="off"
              onInput={(event) => setName(event.currentTarget.value.trim())}
            />
          )}
        </Field>
        {NUMBERS.filter((field) => field.basic).map(numberOf)}
        <Field
          name={t(SETTINGS.optimizer?.name ?? '')}
          hint={t('Adam needs the least care', 'Adam이 가장 손이 덜 갑니다')}>
          {(tie) => (
            <select
              {...tie}
              value={fields.optimizer}
              onChange={(event) => set('optimizer', event.currentTarget.value)}>
              {options.optimizer.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          )}
        </Field>
        {own && NUMBERS.filter((field) => field.own).map(numberOf)}
      </div>
      <details>
        <summary>{t('More settings', '더 많은 설정')}</summary>
        <div class="fields">
          <Field
            name={t(SETTINGS.schedule?.name ?? '')}
            hint={t('how the learning rate changes', '학습률이 어떻게 변하는가')}>
            {(tie) => (
              <select
                {...tie}
                value={fields.schedule}
                onChange={(event) => set('schedule', event.currentTarget.value)}>
                {options.schedule.map((one) => (
                  <option key={one} value={one}>
                    {one}: {t(SCHEDULES[one] ?? one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {NUMBERS.filter((field) => !field.basic && !field.own).map(numberOf)}
        </div>
        <fieldset class="words">
          <legend>{t(SETTINGS.augment?.name ?? '')}</legend>
          {options.augment
            .filter((word) => word !== 'none')
            .map((word) => (
              <label key={word} class="check">
                <input
                  type="checkbox"
                  checked={wordsOf(fields.augment ?? '').some((one) => one.split(':')[0] === word)}
                  onChange={() => set('augment', toggled(fields.augment ?? 'none', word))}
                />
                <span>
                  {t(AUGMENTS[word] ?? word)} <small>{word}</small>
                </span>
              </label>
            ))}
        </fieldset>
      </details>
      {failure !== null && <ErrorNote error={failure} />}
      <div class="row">
        <button type="submit" class="primary" disabled={busy || sent || model === ''}>
          {t('Start', '학습 시작')}
        </button>
        {busy && (
          <span class="note">
            {t(
              'One training at a time: stop the one that runs first.',
              '학습은 한 번에 하나만 합니다. 지금 하는 것을 먼저 멈추십시오.',
            )}
          </span>
        )}
      </div>
    </form>
  );
}
