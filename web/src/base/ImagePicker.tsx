// <ImagePicker model={id} value={image} onChange={setImage} />: a test image by its number or by
// chance, or a picture of one's own. With `numbered={false}`, for a model whose data nobody knows,
// pictures alone: one's own, or one of those that Fovea has data of.
import { useRef, useState } from 'preact/hooks';
import { get, upload } from './api';
import { ErrorNote } from './ErrorNote';
import { useText } from './i18n';

interface Props {
  /** For which images are looked for: its data's. */
  model: string;
  value: string | null;
  onChange: (image: string) => void;
  numbered?: boolean;
}

const MOST = 1000;  // of the numbers by chance: every data set has as many test images
const byChance = () => Math.floor(Math.random() * MOST);

/** A test image of data that is here, sent as a picture. */
async function sample(): Promise<string> {
  const { data } = await get<{ data: { name: string; present: boolean }[] }>('/api/state');
  const name = data.find((one) => one.present)?.name ?? '';
  const picture = await fetch(`/api/picture?${new URLSearchParams({ name, split: 'test',
    index: String(byChance()) })}`);
  if (!picture.ok) throw new Error(((await picture.json()) as { error: string }).error);
  return (await upload(await picture.blob(), false)).image;
}

export function ImagePicker({ value, onChange, numbered = true }: Props) {
  const t = useText();
  const file = useRef<HTMLInputElement>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const number = value?.startsWith('test:') ? value.slice(5) : '';
  const take = (image: Promise<string>) => {
    image.then((got) => { setFailure(null); onChange(got); }).catch(setFailure);
  };
  return (
    <div class="field image-picker">
      {numbered ? <label for="image">{t('Test image', '테스트 이미지')}</label>
        : <span class="label">{t('Picture', '사진')}</span>}
      <div class="row">
        {numbered && <input id="image" type="number" min={0} value={number} placeholder="0"
          onChange={(event) => onChange(`test:${Math.max(0, Math.trunc(event.currentTarget.valueAsNumber || 0))}`)} />}
        {numbered
          ? <button type="button" onClick={() => onChange(`test:${byChance()}`)}>{t('Another', '다른 것')}</button>
          : <button type="button" onClick={() => take(sample())}>{t('A test image', '테스트 이미지 하나')}</button>}
        <button type="button" onClick={() => file.current?.click()}>{t('Your picture…', '내 사진…')}</button>
        <input ref={file} class="hidden" type="file" accept="image/*" tabIndex={-1} aria-hidden="true"
          onChange={(event) => {
            const picture = event.currentTarget.files?.[0];
            if (picture) take(upload(picture, false).then((got) => got.image));
          }} />
      </div>
      {failure !== null && <ErrorNote error={failure} />}
    </div>
  );
}
