// The tab where trainings are begun, watched, steered and compared.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../base/api';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useEvent } from '../base/events';
import { useText } from '../base/i18n';
import { Compare } from './Compare';
import { Live } from './Live';
import { Runs } from './Runs';
import { isBusy, useSession } from './session';
import { TrainForm, type TrainOptions } from './TrainForm';
import type { Run, Status } from './types';

interface State extends TrainOptions {
  training: Status | null;
}

export function Train() {
  const [state, setState] = useState<State | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    get<State>('/api/state').then(setState).catch(setFailure);
  }, []);
  if (failure !== null) return <ErrorNote error={failure} />;
  return state === null ? <Busy /> : <Loaded state={state} />;
}

function Loaded({ state }: { state: State }) {
  const t = useText();
  const session = useSession(state.training);
  const [runs, setRuns] = useState<Run[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [chosen, setChosen] = useState<string[]>([]);
  const busy = isBusy(session.status);

  const refresh = () => {
    get<Run[]>('/api/runs')
      .then((list) => {
        setRuns(list);
        setChosen((old) => old.filter((name) => list.some((run) => run.run === name)));
      })
      .catch(setFailure);
  };
  useEffect(refresh, []);
  useEvent('runs', refresh);
  useEvent('epoch', refresh);
  // A training that ended without a word about the list.
  useEffect(refresh, [busy]);

  const compared = chosen
    .map((name) => runs?.find((run) => run.run === name))
    .filter((run): run is Run => run !== undefined);
  const form = (
    <TrainForm
      zoo={state.zoo}
      data={state.data}
      options={state.options}
      busy={busy}
      onStarted={session.take}
    />
  );
  return (
    <div class="tab-train">
      <Live session={session} />
      <section class="card" aria-labelledby="form-title">
        {busy ? (
          <details>
            <summary>
              <h2 id="form-title">{t('A new training', '새 학습')}</h2>
            </summary>
            {form}
          </details>
        ) : (
          <>
            <h2 id="form-title">{t('A new training', '새 학습')}</h2>
            {form}
          </>
        )}
      </section>
      {failure !== null && <ErrorNote error={failure} />}
      {runs === null ? (
        <Busy />
      ) : (
        <Runs
          runs={runs}
          busy={busy}
          chosen={chosen}
          onChoose={setChosen}
          onChanged={refresh}
          onStarted={session.take}
        />
      )}
      {compared.length > 0 && <Compare runs={compared} />}
    </div>
  );
}
