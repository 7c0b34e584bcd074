// The training that runs: where it stands, what it can be told, and its curves as they grow.
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../base/api';
import { ErrorNote } from '../base/ErrorNote';
import { duration, number, percent } from '../base/format';
import { useText } from '../base/i18n';
import { TileSheet, type Sheet } from '../base/TileSheet';
import { Charts } from './Charts';
import { isBusy, type Session } from './session';
import type { Status } from './types';
import { TRAINING } from './words';

export function Live({ session }: { session: Session }) {
  const t = useText();
  const { status, step } = session;
  if (!status) return null;
  const busy = isBusy(status);
  if (!busy && session.names.length === 0)
    // it ended before there was a run
    return status.error === null ? null : <ErrorNote error={new Error(status.error)} />;
  const now = step !== null && step.run === status.run ? step : null;
  return (
    <section class="card live" aria-labelledby="live-title">
      <div class="head">
        <h2 id="live-title">
          {busy ? (status.run ?? status.model) : session.names.join(' · ')}
          {busy && (
            <small>
              {' '}
              {status.run !== null && `${status.model} · `}
              {status.data}
            </small>
          )}
        </h2>
        <span class={`pill ${status.state}`} role="status">
          {busy ? t(TRAINING[status.state]) : t('over', '끝남')}
        </span>
      </div>
      {status.error !== null && <ErrorNote error={new Error(status.error)} />}
      {busy && <Controls status={status} take={session.take} />}
      {busy && <Progress status={status} step={now} />}
      {busy && now && (
        <dl class="numbers">
          <Number name={t('Loss', '손실')} value={now.loss.toFixed(4)} />
          <Number
            name={t('Right in this epoch', '이번 에포크의 정답')}
            value={percent(now.train_accuracy, 1)}
          />
          <Number
            name={t('Images a second', '초당 이미지')}
            value={number(Math.round(now.images_per_s))}
          />
          <Number name={t('Time left', '남은 시간')} value={duration(now.eta_s)} />
          <Number name={t('Learning rate', '학습률')} value={String(+now.lr.toPrecision(3))} />
        </dl>
      )}
      {session.curves.length > 0 && (
        <Charts runs={session.curves} epochs={busy ? status.plan?.epochs : undefined} />
      )}
      <Filters version={session.filters} run={status.run} />
    </section>
  );
}

function Number({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Progress({ status, step }: { status: Status; step: Session['step'] }) {
  const t = useText();
  const plan = status.plan;
  if (!plan) return null;
  const all = plan.epochs * plan.steps_per_epoch;
  const epoch = step?.epoch ?? 1;
  const words = t(
    `Epoch ${epoch} of ${plan.epochs}, step ${number(step?.step_in_epoch ?? 0)} of ${number(
      plan.steps_per_epoch,
    )}`,
    `${plan.epochs}에포크 중 ${epoch}번째, ${number(
      plan.steps_per_epoch,
    )}스텝 중 ${number(step?.step_in_epoch ?? 0)}`,
  );
  return (
    <div class="progress">
      <progress max={all} value={step?.step ?? 0} aria-label={t('Progress', '진행')} />
      <p>
        <span>{words}</span>
        {status.queue.length > 0 && (
          <span>
            {t(`${status.queue.length} more to come`, `다음 학습 ${status.queue.length}개`)}
          </span>
        )}
      </p>
    </div>
  );
}

function Controls({ status, take }: { status: Status; take: (status: Status) => void }) {
  const t = useText();
  const [failure, setFailure] = useState<unknown>(null);
  const tell = (what: string) => {
    setFailure(null);
    post<Status>(`/api/training/${what}`).then(take).catch(setFailure);
  };
  const paused = status.state === 'paused',
    stopping = status.state === 'stopping';
  return (
    <>
      <div class="row controls" role="group" aria-label={t('Steer the training', '학습 조종')}>
        {paused ? (
          <button type="button" class="primary" onClick={() => tell('go')}>
            {t('Go on', '계속')}
          </button>
        ) : (
          <button type="button" onClick={() => tell('pause')} disabled={stopping}>
            {t('Pause', '일시 정지')}
          </button>
        )}
        <button
          type="button"
          onClick={() => tell('batch')}
          disabled={stopping}
          title={t('One step, then a pause', '한 스텝만 하고 멈춥니다')}>
          {t('One batch', '배치 하나만')}
        </button>
        <button
          type="button"
          onClick={() => tell('stop')}
          disabled={stopping}
          title={t('Saves, so that it can go on later', '저장하므로 나중에 이어 갈 수 있습니다')}>
          {t('Stop', '멈추기')}
        </button>
      </div>
      {failure !== null && <ErrorNote error={failure} />}
    </>
  );
}

/** The first layer's filters, asked for again when they have moved, one question at a time. */
function Filters({ version, run }: { version: number; run: string | null }) {
  const t = useText();
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const [seen, setSeen] = useState(version);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    // Another model: what is kept are the filters of the one before, until it has told of its own.
    setSheet(null);
    setSeen(version);
  }, [run]);
  useEffect(() => {
    if (asking || version === 0 || seen === version) return;
    setAsking(true);
    get<Sheet>('/api/training/filters')
      .then(setSheet)
      .catch(() => undefined)
      .finally(() => {
        setSeen(version);
        setAsking(false);
      });
  }, [version, asking, seen]);
  if (!sheet) return null;
  return (
    <figure class="filters">
      <figcaption>
        <b>{t('What the first layer looks for', '첫 층이 찾는 것')}</b>{' '}
        <span class="note">{t('its filters as they form', '필터가 만들어지는 모습')}</span>
      </figcaption>
      <TileSheet sheet={sheet} label={t('Filters of the first layer', '첫 층의 필터')} />
    </figure>
  );
}
