// The tab where models are asked: about what is drawn, a file, the camera's picture, or an image of
// the test data.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, upload } from '../base/api';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useEvent } from '../base/events';
import { useText } from '../base/i18n';
import { ImagePicker } from '../base/ImagePicker';
import type { Model } from '../base/types';
import { Field } from '../base/Field';
import { Answer, type Overlay } from './Answer';
import { Camera } from './Camera';
import { DropFile } from './DropFile';
import { Pad } from './Pad';

type Source = 'draw' | 'file' | 'camera' | 'test';

export function Predict() {
  const t = useText();
  const [models, setModels] = useState<Model[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const refresh = () => {
    get<Model[]>('/api/models')
      .then((list) => {
        setFailure(null);
        setModels(list);
      })
      .catch(setFailure);
  };
  useEffect(refresh, []);
  useEvent('runs', refresh);
  if (failure !== null) return <ErrorNote error={failure} />;
  if (models === null) return <Busy />;
  if (models.length === 0)
    return (
      <section class="card">
        <p>
          {t(
            'There is no model yet: train one first.',
            '아직 모델이 없습니다. 먼저 하나를 학습하십시오.',
          )}
        </p>
      </section>
    );
  return <Loaded models={models} />;
}

function Loaded({ models }: { models: Model[] }) {
  const t = useText();
  const first = models.find((one) => one.trained) ?? models[0];
  const [a, setA] = useState(first?.id ?? '');
  const [b, setB] = useState('');
  const [source, setSource] = useState<Source>('draw');
  const [image, setImage] = useState<string | null>(null);
  const [invert, setInvert] = useState(false);
  const [overlay, setOverlay] = useState<Overlay>('none');
  const [opacity, setOpacity] = useState(70);
  const [failure, setFailure] = useState<unknown>(null);
  const sent = useRef(0);
  const last = useRef<Blob | null>(null);

  const send = (picture: Blob | null, inverted = invert) => {
    last.current = picture;
    const turn = ++sent.current;
    if (picture === null) {
      setImage(null);
      return;
    }
    upload(picture, inverted)
      .then((got) => {
        if (turn !== sent.current) return; // drawn on since
        setImage(got.image);
        setFailure(null);
      })
      .catch((error: unknown) => {
        if (turn === sent.current) setFailure(error);
      });
  };
  const choose = (next: Source) => {
    ++sent.current;
    last.current = null;
    setSource(next);
    setImage(next === 'test' ? 'test:0' : null);
    setFailure(null);
  };
  const sources: [Source, string][] = [
    ['draw', t('Draw', '그리기')],
    ['file', t('File', '파일')],
    ['camera', t('Camera', '카메라')],
    ['test', t('Test image', '테스트 이미지')],
  ];
  const overlays: [Overlay, string][] = [
    ['none', t('None', '없음')],
    ['gradcam', 'Grad-CAM'],
    ['occlusion', t('Occlusion', '가려 보기')],
    ['saliency', t('Saliency', '현저성')],
  ];
  const asked = [a, b].filter((id, i) => id !== '' && (i === 0 || id !== a));
  const title = (id: string) => models.find((one) => one.id === id)?.title ?? id;
  const options = models.map((one) => (
    <option key={one.id} value={one.id}>
      {one.title}
      {one.model === one.title ? '' : ` · ${one.model}`}
      {one.trained ? '' : t(' (untrained)', ' (학습 전)')}
    </option>
  ));

  return (
    <div class="tab-predict">
      <div class="bar-of-choices">
        <Field name={t('Model', '모델')}>
          {(tie) => (
            <select {...tie} value={a} onChange={(event) => setA(event.currentTarget.value)}>
              {options}
            </select>
          )}
        </Field>
        <Field name={t('And', '함께 볼 모델')}>
          {(tie) => (
            <select {...tie} value={b} onChange={(event) => setB(event.currentTarget.value)}>
              <option value="">{t('none', '없음')}</option>
              {options.filter((_, i) => models[i]?.id !== a)}
            </select>
          )}
        </Field>
      </div>
      <div class="ask-and-answer">
        <section class="card ask" aria-labelledby="ask-title">
          <h2 id="ask-title">{t('A picture', '사진')}</h2>
          <div
            class="segments"
            role="group"
            aria-label={t('Where it comes from', '어디서 가져올까요')}>
            {sources.map(([id, name]) => (
              <button
                type="button"
                key={id}
                aria-pressed={source === id}
                onClick={() => choose(id)}>
                {name}
              </button>
            ))}
          </div>
          {source === 'draw' && <Pad onDrawn={send} />}
          {source === 'file' && <DropFile onFile={send} />}
          {source === 'camera' && <Camera onTaken={send} />}
          {source === 'test' && <ImagePicker model={a} value={image} onChange={setImage} />}
          {source !== 'test' && (
            <label class="check">
              <input
                type="checkbox"
                checked={invert}
                onChange={(event) => {
                  setInvert(event.currentTarget.checked);
                  if (last.current) send(last.current, event.currentTarget.checked);
                }}
              />
              <span>
                {t('Swap light and dark', '밝고 어두운 곳을 바꾸기')}
                <small> {t('for dark things on white paper', '흰 종이 위의 어두운 것일 때')}</small>
              </span>
            </label>
          )}
          {failure !== null && <ErrorNote error={failure} />}
          <div class="overlays" role="group" aria-labelledby="overlays-title">
            <h3 id="overlays-title">{t('Laid over', '겹쳐 보기')}</h3>
            <div class="segments">
              {overlays.map(([id, name]) => (
                <button
                  type="button"
                  key={id}
                  aria-pressed={overlay === id}
                  onClick={() => setOverlay(id)}>
                  {name}
                </button>
              ))}
            </div>
            {overlay !== 'none' && (
              <label class="range">
                <span>{t('Opacity', '진하기')}</span>
                <input
                  type="range"
                  min={0}
                  max={100}
                  value={opacity}
                  onInput={(event) => setOpacity(Number(event.currentTarget.value))}
                />
              </label>
            )}
            <p class="note">{about(overlay, t)}</p>
          </div>
        </section>
        <div class="answers">
          {image === null ? (
            <section class="card empty">
              <p class="note">
                {t(
                  'The answer appears here as soon as there is a picture.',
                  '사진이 생기면 곧바로 여기에 답이 나옵니다.',
                )}
              </p>
            </section>
          ) : (
            asked.map((id) => (
              <Answer
                key={id}
                model={id}
                title={title(id)}
                image={image}
                overlay={overlay}
                opacity={opacity}
              />
            ))
          )}
        </div>
      </div>
    </div>
  );
}

function about(overlay: Overlay, t: ReturnType<typeof useText>): string {
  switch (overlay) {
    case 'gradcam':
      return t(
        'The last feature maps, weighed by how much the answer grows with each.',
        '마지막 특성 맵을 답에 이바지한 만큼 더한 것입니다.',
      );
    case 'occlusion':
      return t(
        'A grey patch goes over the picture: bright where the probability falls most.',
        '회색 조각으로 사진을 가려 봅니다. 확률이 많이 떨어지는 곳이 밝습니다.',
      );
    case 'saliency':
      return t(
        'The gradient of the answer: bright where a pixel moves it most.',
        '답의 기울기입니다. 픽셀 하나가 답을 크게 움직이는 곳이 밝습니다.',
      );
    default:
      return t('Shows where the model looks.', '모델이 어디를 보는지 보여 줍니다.');
  }
}
