// The answers that were wrong and the surest.
import { useMemo } from 'preact/hooks';
import { percent } from '../base/format';
import { useText } from '../base/i18n';
import type { Mistake } from './types';

interface Props {
  data: string;
  mistakes: Mistake[];
  classes: string[];
}

export function Mistakes({ data, mistakes, classes }: Props) {
  const t = useText();
  const shown = useMemo(() => mistakes.slice(0, 24), [mistakes]);
  const name = (index: number) => classes[index] ?? String(index);
  const source = (index: number) =>
    `/api/picture?${new URLSearchParams({ name: data, split: 'test', index: String(index) })}`;
  return (
    <>
      <p class="note">
        {t(
          "The model's answer and how sure it was, below it what the image is. Worth a look: is the label right, and could a person tell?",
          '모델의 답과 그 확률, 그 아래는 실제 클래스입니다. 살펴볼 만합니다. 라벨이 맞습니까, 사람이라면 구별하겠습니까?',
        )}
      </p>
      <ul class="mistakes">
        {shown.map((one) => (
          <li key={one.index}>
            <figure>
              <img
                src={source(one.index)}
                width={84}
                height={84}
                alt={t(`Test image ${one.index}`, `테스트 이미지 ${one.index}`)}
              />
              <figcaption>
                <b>
                  {name(one.answer)} <span>{percent(one.probability, 0)}</span>
                </b>
                <span>{name(one.truth)}</span>
              </figcaption>
            </figure>
          </li>
        ))}
      </ul>
    </>
  );
}
