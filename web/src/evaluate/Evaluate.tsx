// The tab that shows how good a run is, where it errs, how far its confidence can be trusted, and
// whether it is better than another.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../base/api';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useEvent } from '../base/events';
import { number, percent } from '../base/format';
import { useText } from '../base/i18n';
import { Field } from '../base/Field';
import { stayAt, useRoute } from '../base/route';
import type { Run } from '../train/types';
import { useAnswer } from './asking';
import { CellSheet } from './CellSheet';
import { Classes } from './Classes';
import { Matrix } from './Matrix';
import { Mistakes } from './Mistakes';
import { Reliability } from './Reliability';
import { Versus } from './Versus';
import { Waiting } from './Waiting';
import type { Evaluation, Report } from './types';

export function Evaluate() {
  const t = useText();
  const [runs, setRuns] = useState<Run[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const { words } = useRoute();
  const [run, setRun] = useState(words.run ?? '');
  const [other, setOther] = useState(words.against ?? '');
  useEffect(() => {
    if (run !== '') stayAt('evaluate', { run, against: other });
  }, [run, other]);
  const refresh = () => {
    get<Run[]>('/api/runs')
      .then((list) => {
        const over = list.filter(
          (one) => one.epochs_done > 0 && one.state !== 'running' && one.state !== 'broken',
        );
        setFailure(null);
        setRuns(over);
        setRun((old) =>
          over.some((one) => one.run === old)
            ? old
            : ((over.find((one) => one.state === 'done') ?? over[0])?.run ?? ''),
        );
        setOther((old) => (over.some((one) => one.run === old) ? old : ''));
      })
      .catch(setFailure);
  };
  useEffect(refresh, []);
  useEvent('runs', refresh);
  if (failure !== null) return <ErrorNote error={failure} />;
  if (runs === null) return <Busy />;
  if (runs.length === 0)
    return (
      <section class="card">
        <p>
          {t(
            'There is no run to judge yet: train a model first.',
            '아직 평가할 실행이 없습니다. 먼저 모델을 학습하십시오.',
          )}
        </p>
      </section>
    );
  const options = runs.map((one) => (
    <option key={one.run} value={one.run}>
      {one.run} · {one.model}
      {one.accuracy === null ? '' : ` · ${percent(one.accuracy, 1)}`}
    </option>
  ));
  return (
    <div class="tab-evaluate">
      <div class="bar-of-choices">
        <Field name={t('Run', '실행')}>
          {(tie) => (
            <select {...tie} value={run} onChange={(event) => setRun(event.currentTarget.value)}>
              {options}
            </select>
          )}
        </Field>
        <Field name={t('Against', '견줄 실행')}>
          {(tie) => (
            <select
              {...tie}
              value={other}
              onChange={(event) => setOther(event.currentTarget.value)}>
              <option value="">{t('none', '없음')}</option>
              {options.filter((_, i) => runs[i]?.run !== run)}
            </select>
          )}
        </Field>
      </div>
      {other !== '' && other !== run && <Versus a={run} b={other} />}
      <Of run={run} key={run} />
    </div>
  );
}

function Of({ run }: { run: string }) {
  const t = useText();
  const { value, progress, failure } = useAnswer<Evaluation>('/api/evaluation', { run });
  const [cell, setCell] = useState<{ truth: number; answer: number } | null>(null);
  if (failure !== null) return <ErrorNote error={failure} />;
  if (value === null)
    return (
      <section class="card">
        <Waiting progress={progress} />
      </section>
    );
  const { report, pairs, mistakes, calibration } = value;
  const classes = report.per_class.map((one) => one.class);
  const name = (index: number) => classes[index] ?? String(index);
  const cellNow = cell ?? pairs[0] ?? null;
  return (
    <>
      <Numbers report={report} />
      {report.confusion_matrix && (
        <section class="card" aria-labelledby="confusion-title">
          <h2 id="confusion-title">{t('What it confuses', '무엇을 혼동하는가')}</h2>
          {pairs.length > 0 && (
            <ul class="pairs" aria-label={t('Most confused pairs', '가장 자주 혼동한 쌍')}>
              {pairs.slice(0, 6).map((pair) => (
                <li key={`${pair.truth},${pair.answer}`}>
                  <button
                    type="button"
                    aria-pressed={cellNow?.truth === pair.truth && cellNow.answer === pair.answer}
                    onClick={() => setCell(pair)}>
                    {name(pair.truth)} → {name(pair.answer)} <b>{pair.count}</b>
                  </button>
                </li>
              ))}
            </ul>
          )}
          <div class="matrix-and-cell">
            <Matrix
              matrix={report.confusion_matrix}
              classes={classes}
              chosen={cellNow}
              onChoose={(truth, answer) => setCell({ truth, answer })}
            />
            {cellNow && (
              <CellSheet
                key={`${cellNow.truth},${cellNow.answer}`}
                run={run}
                truth={cellNow.truth}
                answer={cellNow.answer}
                classes={classes}
              />
            )}
          </div>
        </section>
      )}
      <section class="card" aria-labelledby="class-title">
        <h2 id="class-title">{t('Per class', '클래스별')}</h2>
        <Classes rows={report.per_class} />
      </section>
      {calibration !== null && calibration.bins.length > 0 && (
        <section class="card" aria-labelledby="calibration-title">
          <h2 id="calibration-title">
            {t('Can its confidence be trusted?', '확신을 믿어도 되는가')}
          </h2>
          <Reliability bins={calibration.bins} ece={calibration.ece} />
        </section>
      )}
      {mistakes.length > 0 && (
        <section class="card" aria-labelledby="mistakes-title">
          <h2 id="mistakes-title">{t('Wrong and sure of it', '가장 확신한 오답')}</h2>
          <Mistakes data={report.data} mistakes={mistakes} classes={classes} />
        </section>
      )}
    </>
  );
}

function Numbers({ report }: { report: Report }) {
  const t = useText();
  const right = Math.round(report.accuracy * report.samples);
  return (
    <section class="card" aria-labelledby="numbers-title">
      <h2 id="numbers-title" class="hidden">
        {t('In numbers', '수치')}
      </h2>
      <p class="lead">
        <b>{percent(report.accuracy, 2)}</b>{' '}
        {t(
          `${number(right)} of ${number(report.samples)} test images are told right. Always answering the largest class would reach ${percent(report.majority_share, 1)}.`,
          `테스트 이미지 ${number(report.samples)}장 중 ${number(right)}장을 맞혔습니다. 가장 큰 클래스만 답해도 ${percent(report.majority_share, 1)}는 맞힙니다.`,
        )}
      </p>
      <dl class="numbers">
        <div>
          <dt>{t('Loss', '손실')}</dt>
          <dd>{report.loss.toFixed(4)}</dd>
        </div>
        <div>
          <dt>{t('Error rate', '오류율')}</dt>
          <dd>{percent(report.error_rate, 2)}</dd>
        </div>
        <div>
          <dt>{t('Macro F1', '매크로 F1')}</dt>
          <dd>{report.macro_f1.toFixed(4)}</dd>
        </div>
        <div>
          <dt>{t('Model', '모델')}</dt>
          <dd>{report.model}</dd>
        </div>
        <div>
          <dt>{t('Data', '데이터')}</dt>
          <dd>{report.data.split('/').pop()}</dd>
        </div>
      </dl>
      {report.warnings.map((warning) => (
        <p class="note" key={warning}>
          {warning}
        </p>
      ))}
    </section>
  );
}
