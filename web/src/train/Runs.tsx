// The runs of the project folder: their states and results, what can be done with each, and up to
// four to compare.
import { useState } from 'preact/hooks';
import { post } from '../base/api';
import { ErrorNote } from '../base/ErrorNote';
import { date, duration, percent } from '../base/format';
import { useText } from '../base/i18n';
import { goTo } from '../base/route';
import { Table, type Column } from '../base/Table';
import { DeleteDialog, RewindDialog } from './dialogs';
import { Menu } from './Menu';
import { RunName } from './RunName';
import type { Run, Status } from './types';
import { STATE_HINTS, STATES } from './words';

export const MOST_COMPARED = 4;

interface Props {
  runs: Run[];
  busy: boolean;
  chosen: string[];
  onChoose: (runs: string[]) => void;
  onChanged: () => void;
  onStarted: (status: Status) => void;
}

type Asked = { what: 'delete' | 'rewind'; run: Run } | null;

export function Runs({ runs, busy, chosen, onChoose, onChanged, onStarted }: Props) {
  const t = useText();
  const [asked, setAsked] = useState<Asked>(null);
  const [renamed, setRenamed] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  const toggle = (run: string) =>
    onChoose(
      chosen.includes(run)
        ? chosen.filter((other) => other !== run)
        : [...chosen, run].slice(-MOST_COMPARED),
    );
  const resume = (run: Run) => {
    setFailure(null);
    post<Status>('/api/runs/resume', { run: run.run }).then(onStarted).catch(setFailure);
  };
  const number = (value: number | null, write: (value: number) => string) =>
    value === null ? '–' : write(value);

  const columns: Column<Run>[] = [
    {
      key: 'compare',
      title: t('Compare', '비교'),
      cell: (run) => (
        <input
          type="checkbox"
          checked={chosen.includes(run.run)}
          aria-label={t(`Compare ${run.run}`, `${run.run} 비교하기`)}
          onChange={() => toggle(run.run)}
        />
      ),
    },
    {
      key: 'run',
      title: t('Run', '실행'),
      rowHeader: true,
      sort: (run) => run.run,
      cell: (run) => (
        <RunName
          run={run.run}
          editing={renamed === run.run}
          onClose={() => setRenamed(null)}
          onRenamed={(name) => {
            onChoose(chosen.map((other) => (other === run.run ? name : other)));
            onChanged();
          }}
        />
      ),
    },
    {
      key: 'state',
      title: t('State', '상태'),
      sort: (run) => run.state,
      cell: (run) => (
        <span class={`pill ${run.state}`} title={t(STATE_HINTS[run.state] ?? '')}>
          {t(STATES[run.state] ?? run.state)}
        </span>
      ),
    },
    {
      key: 'model',
      title: t('Model', '모델'),
      wide: true,
      sort: (run) => run.model,
      cell: (run) => run.model,
    },
    {
      key: 'data',
      title: t('Data', '데이터'),
      wide: true,
      sort: (run) => run.data,
      cell: (run) => run.data.split('/').pop() ?? run.data,
    },
    {
      key: 'epochs',
      title: t('Epochs', '에포크'),
      number: true,
      wide: true,
      sort: (run) => run.epochs_done,
      cell: (run) => `${run.epochs_done} / ${run.epochs}`,
    },
    {
      key: 'accuracy',
      title: t('Accuracy', '정확도'),
      number: true,
      sort: (run) => run.accuracy ?? -1,
      cell: (run) => number(run.accuracy, (value) => percent(value, 2)),
    },
    {
      key: 'loss',
      title: t('Loss', '손실'),
      number: true,
      wide: true,
      sort: (run) => run.loss ?? Infinity,
      cell: (run) => number(run.loss, (v) => v.toFixed(4)),
    },
    {
      key: 'seconds',
      title: t('Time', '시간'),
      number: true,
      wide: true,
      sort: (run) => run.seconds ?? 0,
      cell: (run) => number(run.seconds, duration),
    },
    {
      key: 'modified',
      title: t('Changed', '바뀐 때'),
      number: true,
      wide: true,
      sort: (run) => +new Date(run.modified),
      cell: (run) => date(run.modified),
    },
    {
      key: 'actions',
      title: t('Actions', '할 일'),
      cell: (run) => (
        <div class="row actions">
          {(run.state === 'stopped' || run.state === 'died') && (
            <button
              type="button"
              class="small"
              disabled={busy}
              onClick={() => resume(run)}
              aria-label={t(`Resume ${run.run}`, `${run.run} 이어서 하기`)}>
              {t('Resume', '이어서')}
            </button>
          )}
          {run.state !== 'running' && (
            <Menu id={`menu-${run.run}`} label={t(`More for ${run.run}`, `${run.run}에 할 일`)}>
              {run.epochs_done > 0 && (
                <button type="button" onClick={() => goTo('evaluate', { run: run.run })}>
                  {t('Evaluate', '평가하기')}
                </button>
              )}
              {run.state !== 'broken' && (
                <button type="button" onClick={() => setAsked({ what: 'rewind', run })}>
                  {t('Back to a checkpoint …', '체크포인트로 되돌리기 …')}
                </button>
              )}
              <button type="button" onClick={() => setRenamed(run.run)}>
                {t('Rename', '이름 바꾸기')}
              </button>
              <button type="button" onClick={() => setAsked({ what: 'delete', run })}>
                {t('Delete …', '삭제 …')}
              </button>
            </Menu>
          )}
        </div>
      ),
    },
  ];

  const dead = runs.filter((run) => run.state === 'died' || run.state === 'broken');
  const done = () => {
    if (asked?.what === 'delete') onChoose(chosen.filter((other) => other !== asked.run.run));
    onChanged();
  };
  return (
    <section class="card" aria-labelledby="runs-title">
      <div class="head">
        <h2 id="runs-title">{t('Runs', '실행')}</h2>
        <span class="note">
          {t(
            `Choose up to ${MOST_COMPARED} to compare.`,
            `${MOST_COMPARED}개까지 골라 비교할 수 있습니다.`,
          )}
        </span>
      </div>
      {failure !== null && <ErrorNote error={failure} />}
      {runs.length === 0 ? (
        <p class="note">
          {t(
            'None yet. Train one above: a quick try takes less than a minute.',
            '아직 없습니다. 위에서 하나 학습해 보십시오. 잠깐 해 보기는 1분이 걸리지 않습니다.',
          )}
        </p>
      ) : (
        <Table
          caption={t('All runs', '모든 실행')}
          columns={columns}
          rows={runs}
          rowKey={(run) => run.run}
          sorted={{ key: 'modified', down: true }}
        />
      )}
      {dead.map((run) => (
        <p class="note" key={run.run}>
          <b>{run.run}</b>: {t(STATE_HINTS[run.state] ?? '')}
        </p>
      ))}
      {asked?.what === 'delete' && (
        <DeleteDialog run={asked.run} onDone={done} onClose={() => setAsked(null)} />
      )}
      {asked?.what === 'rewind' && (
        <RewindDialog run={asked.run} onDone={done} onClose={() => setAsked(null)} />
      )}
    </section>
  );
}
