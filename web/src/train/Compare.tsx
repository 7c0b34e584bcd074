// Runs side by side: their curves overlaid, how well they ended, and which settings differ.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../base/api';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { duration, number, percent } from '../base/format';
import { useText } from '../base/i18n';
import { Charts } from './Charts';
import { curvesOf } from './curves';
import { differing } from './differ';
import type { Run, RunDetails } from './types';
import { SETTINGS } from './words';

export function Compare({ runs }: { runs: Run[] }) {
  const t = useText();
  const [details, setDetails] = useState<Map<string, RunDetails>>(new Map());
  const [failure, setFailure] = useState<unknown>(null);
  const key = runs.map((run) => `${run.run}:${run.state}:${run.epochs_done}`).join();
  useEffect(() => {
    let left = false;
    Promise.all(
      runs.map(
        async (run) => [run.run, await get<RunDetails>('/api/run', { run: run.run })] as const,
      ),
    )
      .then((all) => {
        if (!left) {
          setDetails(new Map(all));
          setFailure(null);
        }
      })
      .catch((error: unknown) => {
        if (!left) setFailure(error);
      });
    return () => {
      left = true;
    };
  }, [key]);

  const known = runs.filter((run) => details.has(run.run));
  const rows = differing(known.map((run) => details.get(run.run)?.config ?? {}));
  const results: [string, (run: Run) => string][] = [
    [t('Accuracy', '정확도'), (run) => (run.accuracy === null ? '–' : percent(run.accuracy, 2))],
    [t('Loss', '손실'), (run) => (run.loss === null ? '–' : run.loss.toFixed(4))],
    [t('Time', '시간'), (run) => (run.seconds === null ? '–' : duration(run.seconds))],
    [
      t('Parameters', '매개변수'),
      (run) => (run.parameters === null ? '–' : number(run.parameters)),
    ],
  ];
  return (
    <section class="card" aria-labelledby="compare-title">
      <h2 id="compare-title">
        {runs.length > 1 ? t('Side by side', '나란히 보기') : runs[0]?.run}
      </h2>
      {failure !== null && <ErrorNote error={failure} />}
      {known.length < runs.length && failure === null ? (
        <Busy />
      ) : (
        <>
          <Charts
            runs={known.map((run) => curvesOf(run.run, details.get(run.run) as RunDetails))}
          />
          <div class="scroll" tabIndex={0} role="region" aria-label={t('What differs', '다른 점')}>
            <table class="plain differ">
              <caption>
                {known.length > 1
                  ? t('How they ended, and the settings that differ', '결과, 그리고 서로 다른 설정')
                  : t('How it ended', '결과')}
              </caption>
              <thead>
                <tr>
                  <td />
                  {known.map((run) => (
                    <th scope="col" key={run.run}>
                      {run.run}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {results.map(([name, write]) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    {known.map((run) => (
                      <td key={run.run}>{write(run)}</td>
                    ))}
                  </tr>
                ))}
                {known.length > 1 &&
                  rows.map(({ key: setting, values }) => (
                    <tr key={setting} class="setting">
                      <th scope="row">
                        {t(SETTINGS[setting]?.name ?? setting)} <code>{setting}</code>
                      </th>
                      {values.map((value, i) => (
                        <td key={i}>{value}</td>
                      ))}
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
