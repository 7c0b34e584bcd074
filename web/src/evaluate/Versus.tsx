// Two runs on the same test images, and whether one is better by more than chance (McNemar).
import { ErrorNote } from '../base/ErrorNote';
import { number, percent } from '../base/format';
import { useText } from '../base/i18n';
import { useAnswer } from './asking';
import { Waiting } from './Waiting';
import type { Comparison } from './types';

export function Versus({ a, b }: { a: string; b: string }) {
  const t = useText();
  const { value, progress, failure } = useAnswer<Comparison>('/api/comparison', { a, b });
  return (
    <section class="card versus" aria-labelledby="versus-title">
      <h2 id="versus-title">{t(`${a} against ${b}`, `${a} 대 ${b}`)}</h2>
      {failure !== null && <ErrorNote error={failure} />}
      {value === null && failure === null && <Waiting progress={progress} />}
      {value !== null && (
        <>
          <p class="verdict">{t(value.verdict)}</p>
          <div class="pair">
            <dl class="numbers">
              <div>
                <dt>{a}</dt>
                <dd>{percent(value.a.accuracy, 2)}</dd>
              </div>
              <div>
                <dt>{b}</dt>
                <dd>{percent(value.b.accuracy, 2)}</dd>
              </div>
              <div>
                <dt>p</dt>
                <dd>{value.p < 0.0001 ? '< 0.0001' : value.p.toFixed(4)}</dd>
              </div>
            </dl>
            <table class="plain mcnemar">
              <caption>{t('The same images, told right by', '같은 이미지를 맞힌 쪽')}</caption>
              <thead>
                <tr>
                  <td />
                  <th scope="col">{t(`${b} right`, `${b} 정답`)}</th>
                  <th scope="col">{t(`${b} wrong`, `${b} 오답`)}</th>
                </tr>
              </thead>
              <tbody>
                <tr>
                  <th scope="row">{t(`${a} right`, `${a} 정답`)}</th>
                  <td>{number(value.both_right)}</td>
                  <td class="told">{number(value.only_a)}</td>
                </tr>
                <tr>
                  <th scope="row">{t(`${a} wrong`, `${a} 오답`)}</th>
                  <td class="told">{number(value.only_b)}</td>
                  <td>{number(value.both_wrong)}</td>
                </tr>
              </tbody>
            </table>
          </div>
          <p class="note">
            {value.test === 'exact'
              ? t(
                  "McNemar's test, exact: only the images that one tells right and the other wrong count. If both were equally good, these would fall either way like a coin.",
                  '맥니마 검정(정확): 한쪽만 맞힌 이미지만 셉니다. 둘이 똑같이 좋다면 동전을 던지듯 어느 쪽으로든 갈립니다.',
                )
              : t(
                  "McNemar's test: only the images that one tells right and the other wrong count. If both were equally good, these would fall either way like a coin.",
                  '맥니마 검정: 한쪽만 맞힌 이미지만 셉니다. 둘이 똑같이 좋다면 동전을 던지듯 어느 쪽으로든 갈립니다.',
                )}
          </p>
        </>
      )}
    </section>
  );
}
