// The picture as the model sees it, and what the model makes of it.
import { Bars } from '../base/Bars';
import { count } from '../base/format';
import { useText } from '../base/i18n';
import { useAsked } from './asked';
import type { Look, NetworkInfo } from './types';

const SHOWN = 5;

/** What the model sees, prepared by the server. */
export function useSeenPicture(look: Look, seeable: boolean): string | null {
  const seen = useAsked<{ prepared: string }>(seeable ? '/api/predict' : null, { model: look.model, image: look.image },
    look.turn);
  return seen.answer?.prepared ?? null;
}

export function Answer({ info, picture }: { info: NetworkInfo; picture: string | null }) {
  const t = useText();
  const label = info.answer.label;
  const [first] = info.answer.top;
  return (
    <div class="answer">
      {picture && <img class="seen" src={picture} width={132} height={132}
        alt={t('What the model sees', '모델이 보는 그림')} />}
      <div class="guess">
        {label !== null && first && (
          <p class="label">{t('It is: ', '정답: ')}<b>{label}</b>
            <span class={first.name === label ? 'judged right' : 'judged'}>{first.name === label
              ? t('the model is right', '모델이 맞혔습니다')
              : t(`the model says ${first.name}`, `모델의 답: ${first.name}`)}</span></p>)}
        <Bars label={t('Probabilities', '확률')} items={info.answer.top.slice(0, SHOWN).map((one) =>
          ({ label: one.name, value: one.probability }))} />
      </div>
      <dl class="numbers totals">
        <div><dt>{t('Layer by layer', '층마다 실행한 시간')}</dt><dd>{info.milliseconds.toFixed(1)} ms</dd></div>
        <div><dt>{t('Multiply-adds', '곱셈-덧셈')}</dt><dd>{count(info.multiply_adds)}</dd></div>
        <div><dt>{t('Parameters', '매개변수')}</dt>
          <dd>{count(info.nodes.reduce((sum, node) => sum + node.parameters, 0))}</dd></div>
      </dl>
    </div>
  );
}
