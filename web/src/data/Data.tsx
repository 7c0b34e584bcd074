// The tab that shows what is learned from.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../base/api';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { number } from '../base/format';
import { useText } from '../base/i18n';
import { Field } from '../base/Field';
import { Counts } from './Counts';
import { Samples } from './Samples';
import type { DataInfo } from './types';

interface Known {
  name: string;
  title: string;
  present: boolean;
  reason: string;
}

export function Data() {
  const t = useText();
  const [known, setKnown] = useState<Known[] | null>(null);
  const [name, setName] = useState('');
  const [data, setData] = useState<DataInfo | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    get<{ data: Known[] }>('/api/state')
      .then((state) => {
        setKnown(state.data);
        setName(state.data.find((one) => one.present)?.name ?? '');
      })
      .catch(setFailure);
  }, []);
  useEffect(() => {
    if (name === '') return undefined;
    let left = false;
    setData(null);
    setFailure(null);
    get<DataInfo>('/api/data', { name })
      .then((got) => {
        if (!left) setData(got);
      })
      .catch((error: unknown) => {
        if (!left) setFailure(error);
      });
    return () => {
      left = true;
    };
  }, [name]);
  if (known === null) return failure === null ? <Busy /> : <ErrorNote error={failure} />;
  const missing = known.filter((one) => !one.present);
  return (
    <div class="tab-data">
      <div class="bar-of-choices">
        <Field name={t('Data set', '데이터 세트')}>
          {(tie) => (
            <select {...tie} value={name} onChange={(event) => setName(event.currentTarget.value)}>
              {known.map((one) => (
                <option key={one.name} value={one.name} disabled={!one.present}>
                  {one.title}
                  {one.present ? '' : t(' (not here)', ' (없음)')}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {failure !== null && <ErrorNote error={failure} />}
      {data === null && failure === null && name !== '' && <Busy />}
      {data && (
        <>
          <Facts data={data} />
          <Samples data={data} key={data.name} />
          <Counts data={data} />
          {data.unreadable === null ? (
            <p class="note">
              {t(
                'Of so many pictures it is not tried which can be read: fovea data info does.',
                '사진이 많아 읽을 수 있는지 모두 확인하지는 않았습니다. fovea data info로 확인할 수 있습니다.',
              )}
            </p>
          ) : (
            data.unreadable.length > 0 && <Unreadable list={data.unreadable} />
          )}
        </>
      )}
      {missing.length > 0 && (
        <details class="missing">
          <summary>
            {t('Data sets that are not on this machine', '이 컴퓨터에 없는 데이터 세트')}
          </summary>
          <dl>
            {missing.map((one) => (
              <div key={one.name}>
                <dt>{one.title}</dt>
                <dd>
                  <code>{one.reason}</code>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

function Facts({ data }: { data: DataInfo }) {
  const t = useText();
  const [channels, height, width] = data.image;
  const colour = channels === 1 ? t('grey', '흑백') : t('colour', '컬러');
  return (
    <section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">{data.title}</h2>
      <dl class="numbers">
        <div>
          <dt>{t('Training', '학습용')}</dt>
          <dd>{number(data.train)}</dd>
        </div>
        <div>
          <dt>{t('Test', '테스트용')}</dt>
          <dd>{number(data.test)}</dd>
        </div>
        <div>
          <dt>{t('Classes', '클래스')}</dt>
          <dd>{data.classes.length}</dd>
        </div>
        <div>
          <dt>{t('Images', '이미지')}</dt>
          <dd>
            {width} × {height} <small>{colour}</small>
          </dd>
        </div>
        {data.licence !== '' && (
          <div>
            <dt>{t('Licence', '라이선스')}</dt>
            <dd>{data.licence}</dd>
          </div>
        )}
      </dl>
      {data.source !== '' && (
        <p class="note">
          {t('Source', '출처')}: <span class="path">{data.source}</span>
        </p>
      )}
    </section>
  );
}

function Unreadable({ list }: { list: { name: string; message: string }[] }) {
  const t = useText();
  return (
    <section class="card" aria-labelledby="unreadable-title">
      <h2 id="unreadable-title">
        {t('Pictures that could not be read', '읽지 못한 사진')}
        <small> {number(list.length)}</small>
      </h2>
      <ul class="unreadable">
        {list.map((one) => (
          <li key={one.name}>
            <code>{one.name}</code> <span class="note">{one.message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
