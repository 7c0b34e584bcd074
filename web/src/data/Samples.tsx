// Pages of samples, of all classes or one.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../base/api';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useText } from '../base/i18n';
import { Pager } from '../base/Pager';
import { TileSheet } from '../base/TileSheet';
import { Field } from '../base/Field';
import type { DataInfo, SampleSheet } from './types';

const COUNT = 40;

export function Samples({ data }: { data: DataInfo }) {
  const t = useText();
  const [split, setSplit] = useState<'train' | 'test'>(data.train > 0 ? 'train' : 'test');
  const [of, setOf] = useState('');
  const [from, setFrom] = useState(0);
  const [sheet, setSheet] = useState<SampleSheet | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    let left = false;
    get<SampleSheet>('/api/sheet', {
      name: data.name,
      split,
      from,
      count: COUNT,
      ...(of === '' ? {} : { class: of }),
    })
      .then((got) => {
        if (!left) {
          setSheet(got);
          setFailure(null);
        }
      })
      .catch((error: unknown) => {
        if (!left) setFailure(error);
      });
    return () => {
      left = true;
    };
  }, [data.name, split, of, from]);
  const total = of === '' ? data[split] : (data.classes[Number(of)]?.[split] ?? 0);
  return (
    <section class="card samples" aria-labelledby="samples-title">
      <h2 id="samples-title">{t('Samples', '이미지 보기')}</h2>
      <div class="row wrap">
        <div class="segments" role="group" aria-label={t('Split', '나눔')}>
          {(['train', 'test'] as const).map((one) => (
            <button
              type="button"
              key={one}
              aria-pressed={split === one}
              onClick={() => {
                setSplit(one);
                setFrom(0);
              }}>
              {one === 'train' ? t('Training', '학습용') : t('Test', '테스트용')}
            </button>
          ))}
        </div>
        <Field name={t('Class', '클래스')} inline>
          {(tie) => (
            <select
              {...tie}
              value={of}
              onChange={(event) => {
                setOf(event.currentTarget.value);
                setFrom(0);
              }}>
              <option value="">{t('all', '모두')}</option>
              {data.classes.map((one, i) => (
                <option key={i} value={String(i)}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {failure !== null && <ErrorNote error={failure} />}
      {sheet === null && failure === null && <Busy />}
      {sheet && (
        <TileSheet
          sheet={sheet}
          size={72}
          label={t('Samples', '이미지 보기')}
          captions={sheet.items.map((item) => item.class)}
        />
      )}
      <Pager from={from} count={COUNT} total={total} onChange={setFrom} />
    </section>
  );
}
