// What one model says of a picture: probabilities, the picture as the model sees it, and where it
// looks, laid over.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../base/api';
import { Bars } from '../base/Bars';
import { ErrorNote } from '../base/ErrorNote';
import { percent } from '../base/format';
import { useText } from '../base/i18n';

export type Overlay = 'none' | 'gradcam' | 'occlusion' | 'saliency';

interface Prediction {
  top: { index: number; name: string; probability: number }[];
  label?: string | null;
  prepared: string;
}

interface Props {
  model: string;
  title: string;
  image: string;
  overlay: Overlay;
  opacity: number;
}

export function Answer({ model, title, image, overlay, opacity }: Props) {
  const t = useText();
  const [prediction, setPrediction] = useState<Prediction | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    // The answer to a picture that has since changed is no answer.
    let left = false;
    get<Prediction>('/api/predict', { model, image })
      .then((got) => {
        if (!left) {
          setPrediction(got);
          setFailure(null);
        }
      })
      .catch((error: unknown) => {
        if (!left) setFailure(error);
      });
    return () => {
      left = true;
    };
  }, [model, image]);
  const heat = useHeat(model, image, overlay);
  const best = prediction?.top[0];
  const picture = useRef<HTMLDivElement>(null);
  useEffect(() => {
    picture.current?.style.setProperty('--heat', String(opacity / 100));
  }, [opacity, prediction, heat.overlay]);

  return (
    <section class="card reply" aria-label={title}>
      <h2>{title}</h2>
      {failure !== null && <ErrorNote error={failure} />}
      {prediction && best && (
        <>
          <p class="lead" role="status">
            <b>{best.name}</b> {percent(best.probability, 1)}
            {prediction.label && (
              <small>
                {' '}
                {prediction.label === best.name
                  ? t('and so it is', '맞았습니다')
                  : t(`but it is: ${prediction.label}`, `실제: ${prediction.label}`)}
              </small>
            )}
          </p>
          <div class="reply-body">
            <figure class="sees">
              <div class="sees-picture" ref={picture}>
                <img src={prediction.prepared} alt={t('What the model sees', '모델이 보는 모습')} />
                {heat.overlay && overlay !== 'none' && (
                  <img
                    class="heat"
                    src={heat.overlay}
                    alt={t('Heat: where it looks', '열 그림: 어디를 보는가')}
                  />
                )}
              </div>
              <figcaption>
                {overlay === 'none'
                  ? t('What the model sees', '모델이 보는 모습')
                  : t('Bright: what the answer hangs on', '밝은 곳: 답을 정하는 데 쓰인 곳')}
              </figcaption>
            </figure>
            <Bars
              items={prediction.top.map((one) => ({ label: one.name, value: one.probability }))}
              label={t('Probabilities', '확률')}
            />
          </div>
          {heat.failure !== null && overlay !== 'none' && <ErrorNote error={heat.failure} />}
        </>
      )}
    </section>
  );
}

function useHeat(model: string, image: string, kind: Overlay) {
  const [overlay, setOverlay] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    setOverlay(null);
    setFailure(null);
    if (kind === 'none') return undefined;
    let left = false;
    // A picture that is still being drawn is not worth a question that takes longer.
    const timer = window.setTimeout(() => {
      get<{ overlay: string }>('/api/attention', { model, image, kind })
        .then((got) => {
          if (!left) setOverlay(got.overlay);
        })
        .catch((error: unknown) => {
          if (!left) setFailure(error);
        });
    }, 250);
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [model, image, kind]);
  return { overlay, failure };
}
