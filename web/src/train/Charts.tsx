// Loss and accuracy of runs, overlaid, with a legend that reads out what lies under the pointer and
// a table of the epochs for who cannot see lines.
import { useMemo, useState } from 'preact/hooks';
import { percent } from '../base/format';
import { useText } from '../base/i18n';
import { accuracyLines, countsEpochs, lossLines, type Curves, type Line } from './curves';
import { Plot } from './Plot';

/** The last value of a line at or before `x`. */
function valueAt(line: Line | undefined, x: number | null): number | null {
  if (!line) return null;
  let found: number | null = null;
  for (let i = 0; i < line.x.length; ++i) {
    const at = line.x[i] ?? 0,
      value = line.y[i] ?? null;
    if (x !== null && at > x + 1e-9) break;
    if (value !== null) found = value;
  }
  return found;
}

export function Charts({ runs, epochs }: { runs: Curves[]; epochs?: number }) {
  const t = useText();
  const [at, setAt] = useState<number | null>(null);
  const key = runs
    .map(
      (run) =>
        `${run.run}:${run.steps.step.length}:${
          run.steps.step[run.steps.step.length - 1] ?? 0
        }:${run.epochs.length}:${run.stepsPerEpoch}`,
    )
    .join();
  const loss = useMemo(() => lossLines(runs), [key]);
  const accuracy = useMemo(() => accuracyLines(runs), [key]);
  const most = countsEpochs(runs) ? epochs : undefined;
  const axis = countsEpochs(runs) ? t('epoch', '에포크') : t('step', '스텝');
  const names = runs.map((run) => run.run).join(', ');
  const judged = (lines: Line[], run: number) =>
    lines.find((line) => line.run === run && line.kind === 'test') ??
    lines.find((line) => line.run === run && line.kind === 'val') ??
    lines.find((line) => line.run === run && line.kind === 'step');
  const shown = (value: number | null, write: (value: number) => string) =>
    value === null ? '–' : write(value);

  return (
    <div class="charts">
      <ul class="legend" aria-label={t('Curves', '곡선')}>
        {runs.map((run, i) => (
          <li key={run.run}>
            <svg viewBox="0 0 28 10" aria-hidden="true" class={`run-${i + 1}`}>
              <line x1="1" x2="27" y1="5" y2="5" />
            </svg>
            <b>{run.run}</b>
            <span class="note">
              {t('loss', '손실')} {shown(valueAt(judged(loss, i), at), (value) => value.toFixed(3))}
            </span>
            <span class="note">
              {t('accuracy', '정확도')}{' '}
              {shown(valueAt(judged(accuracy, i), at), (value) => percent(value, 1))}
            </span>
          </li>
        ))}
      </ul>
      <div class="pair">
        <figure>
          <figcaption>{t('Loss', '손실')}</figcaption>
          <Plot
            lines={loss}
            xLabel={axis}
            most={most}
            onCursor={setAt}
            label={t(`Loss of ${names}`, `${names}의 손실`)}
          />
          <p class="note">
            {t(
              'Thin: each batch. Thick with dots: test images after each epoch.',
              '가는 선: 배치마다. 점이 있는 굵은 선: 에포크마다 테스트 이미지로.',
            )}
          </p>
        </figure>
        <figure>
          <figcaption>{t('Accuracy', '정확도')}</figcaption>
          <Plot
            lines={accuracy}
            xLabel={axis}
            most={most}
            percent
            onCursor={setAt}
            label={t(`Accuracy of ${names}`, `${names}의 정확도`)}
          />
          <p class="note">
            {t(
              'Thin: training images. Thick: test images. A growing gap means it learns by heart.',
              '가는 선: 학습 이미지. 굵은 선: 테스트 이미지. 둘이 벌어지면 외우고 있는 것입니다.',
            )}
          </p>
        </figure>
      </div>
      {runs.some((run) => run.epochs.length > 0) && <Epochs runs={runs} />}
    </div>
  );
}

function Epochs({ runs }: { runs: Curves[] }) {
  const t = useText();
  const loss = (value: number | null) => (value === null ? '–' : value.toFixed(4));
  const share = (value: number | null) => (value === null ? '–' : percent(value, 2));
  return (
    <details>
      <summary>{t('The numbers of each epoch', '에포크별 수치')}</summary>
      <div
        class="scroll"
        tabIndex={0}
        role="region"
        aria-label={t('The numbers of each epoch', '에포크별 수치')}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{t('Run', '실행')}</th>
              <th scope="col">{t('Epoch', '에포크')}</th>
              <th scope="col">{t('Training loss', '학습 손실')}</th>
              <th scope="col">{t('Test loss', '테스트 손실')}</th>
              <th scope="col">{t('Training accuracy', '학습 정확도')}</th>
              <th scope="col">{t('Test accuracy', '테스트 정확도')}</th>
            </tr>
          </thead>
          <tbody>
            {runs.flatMap((run) =>
              run.epochs.map((row) => (
                <tr key={run.run + row.epoch}>
                  <th scope="row">{run.run}</th>
                  <td>{row.epoch}</td>
                  <td>{loss(row.train_loss)}</td>
                  <td>{loss(row.test_loss)}</td>
                  <td>{share(row.train_accuracy)}</td>
                  <td>{share(row.test_accuracy)}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}
