// The reliability diagram: how often answers of a confidence are right, against that confidence.
import { useText } from '../base/i18n';
import { percent } from '../base/format';
import type { Bin } from './types';

const SIDE = 100,
  LEFT = 13,
  TOP = 4,
  BOTTOM = 13,
  RIGHT = 6;

const x = (share: number) => LEFT + share * SIDE;
const y = (share: number) => TOP + (1 - share) * SIDE;

export function Reliability({ bins, ece }: { bins: Bin[]; ece: number }) {
  const t = useText();
  const used = bins.filter((bin) => bin.count > 0);
  const over = used.reduce((sum, bin) => sum + bin.count * (bin.confidence - bin.accuracy), 0);
  const all = Math.max(
    used.reduce((sum, bin) => sum + bin.count, 0),
    1,
  );
  const lean = over / all;
  const points = percent(ece, 1);
  const leaning =
    Math.abs(lean) < 0.01
      ? t('On the whole it is as sure as it is right.', '전체로 보면 확신하는 만큼 맞힙니다.')
      : lean > 0
        ? t(
            'On the whole it is surer than it should be.',
            '전체로 보면 맞히는 것보다 더 확신합니다.',
          )
        : t(
            'On the whole it is less sure than it could be.',
            '전체로 보면 맞히는 것보다 덜 확신합니다.',
          );
  return (
    <div class="reliability">
      <figure>
        <svg
          viewBox={`0 0 ${LEFT + SIDE + RIGHT} ${TOP + SIDE + BOTTOM}`}
          role="img"
          aria-label={t(
            'Reliability diagram; its numbers are in the table below.',
            '신뢰도 그림. 수치는 아래 표에 있습니다.',
          )}>
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <g key={share} class="lines">
              <line x1={x(0)} x2={x(1)} y1={y(share)} y2={y(share)} />
              <text x={LEFT - 1.5} y={y(share) + 1.4} text-anchor="end">
                {share * 100}
              </text>
              <text x={x(share)} y={y(0) + 5} text-anchor="middle">
                {share * 100}
              </text>
            </g>
          ))}
          {used.map((bin) => (
            <g key={bin.from} class={bin.count < all / 200 ? 'few' : undefined}>
              <rect
                class="right-share"
                x={x(bin.from) + 0.5}
                width={(bin.to - bin.from) * SIDE - 1}
                y={y(bin.accuracy)}
                height={bin.accuracy * SIDE}
              />
              <rect
                class="distance"
                x={x(bin.from) + 0.5}
                width={(bin.to - bin.from) * SIDE - 1}
                y={Math.min(y(bin.accuracy), y(bin.confidence))}
                height={Math.abs(bin.accuracy - bin.confidence) * SIDE}
              />
            </g>
          ))}
          <line class="equal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
          <text class="axis-name" x={x(0.5)} y={y(0) + 11} text-anchor="middle">
            {t('confidence, %', '확신, %')}
          </text>
          <text
            class="axis-name"
            transform={`translate(3.4 ${y(0.5)}) rotate(-90)`}
            text-anchor="middle">
            {t('right, %', '정답, %')}
          </text>
        </svg>
        <figcaption class="note">
          {t(
            'Bars: how often answers of that confidence are right. Framed: the distance to the confidence. Dashed: where they would be equal. Pale: hardly any images.',
            '막대: 그만큼 확신한 답이 맞은 비율. 테두리: 확신과의 차이. 점선: 둘이 같은 자리. 옅은 막대: 이미지가 거의 없음.',
          )}
        </figcaption>
      </figure>
      <div>
        <p>
          <strong class="figure">{points}</strong>{' '}
          <abbr title={t('expected calibration error', '기대 보정 오차')}>ECE</abbr>
        </p>
        <p>
          {t(
            `When this model says 80 %, it should be right 8 times in 10. Over all images its confidence misses the share of right answers by ${points} on average.`,
            `모델이 80 %라고 하면 열 번에 여덟 번은 맞아야 합니다. 모든 이미지에 걸쳐 확신과 실제 정답률은 평균 ${points} 어긋납니다.`,
          )}{' '}
          {leaning}
        </p>
        <details>
          <summary>{t('The numbers', '수치 보기')}</summary>
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">{t('Confidence', '확신')}</th>
                <th scope="col">{t('Images', '이미지')}</th>
                <th scope="col">{t('Mean confidence', '평균 확신')}</th>
                <th scope="col">{t('Right', '정답')}</th>
              </tr>
            </thead>
            <tbody>
              {used.map((bin) => (
                <tr key={bin.from}>
                  <th scope="row">
                    {percent(bin.from, 0)} – {percent(bin.to, 0)}
                  </th>
                  <td>{bin.count}</td>
                  <td>{percent(bin.confidence, 1)}</td>
                  <td>{percent(bin.accuracy, 1)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </div>
    </div>
  );
}
