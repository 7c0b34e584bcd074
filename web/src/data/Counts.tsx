// How many pictures a class has, for training and for testing.
import { useEffect, useRef } from 'preact/hooks';
import { number } from '../base/format';
import { useText } from '../base/i18n';
import type { DataInfo } from './types';

function Bar({ share, look }: { share: number; look: string }) {
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    bar.current?.style.setProperty('--share', String(share));
  }, [share]);
  return <span class={`count-bar ${look}`} ref={bar} aria-hidden="true" />;
}

export function Counts({ data }: { data: DataInfo }) {
  const t = useText();
  const most = Math.max(1, ...data.classes.flatMap((one) => [one.train, one.test]));
  return (
    <section class="card" aria-labelledby="counts-title">
      <h2 id="counts-title">{t('Pictures a class', '클래스별 이미지 수')}</h2>
      {data.uneven !== null && <p class="warning">{t(data.uneven)}</p>}
      <table class="plain counts">
        <thead>
          <tr>
            <th scope="col">{t('Class', '클래스')}</th>
            <th scope="col">{t('Training', '학습용')}</th>
            <th scope="col">{t('Test', '테스트용')}</th>
          </tr>
        </thead>
        <tbody>
          {data.classes.map((one) => (
            <tr key={one.name}>
              <th scope="row">{one.name}</th>
              <td>
                <Bar share={one.train / most} look="train" /> {number(one.train)}
              </td>
              <td>
                <Bar share={one.test / most} look="test" /> {number(one.test)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
