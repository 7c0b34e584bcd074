// What is learned from: a data set of this machine, or a folder of pictures.
import { useText } from '../base/i18n';
import { Field } from '../base/Field';

interface Props {
  data: { name: string; title: string; present: boolean; reason: string }[];
  value: string;
  onChange: (value: string) => void;
}

const FOLDER = '\u0000folder';

export function DataField({ data, value, onChange }: Props) {
  const t = useText();
  const known = data.find((one) => one.name === value);
  return (
    <>
      <Field
        name={t('Data', '데이터')}
        hint={
          known && !known.present ? known.reason : t('what it learns from', '무엇으로 배우는가')
        }>
        {(tie) => (
          <select
            {...tie}
            value={known ? value : FOLDER}
            onChange={(event) =>
              onChange(event.currentTarget.value === FOLDER ? '' : event.currentTarget.value)
            }>
            {data.map((one) => (
              <option key={one.name} value={one.name} disabled={!one.present}>
                {one.title}
                {one.present ? '' : t(' (not here)', ' (없음)')}
              </option>
            ))}
            <option value={FOLDER}>{t('A folder of pictures …', '사진 폴더 …')}</option>
          </select>
        )}
      </Field>
      {!known && (
        <Field
          name={t('Folder', '폴더')}
          hint={t(
            'with a folder of pictures for each class; the server reads folders that --data names',
            '클래스마다 사진 폴더가 하나씩 있는 곳. 서버는 --data로 알려 준 폴더만 읽습니다',
          )}>
          {(tie) => (
            <input
              {...tie}
              type="text"
              value={value}
              required
              spellcheck={false}
              autocomplete="off"
              placeholder="/home/me/photos"
              onInput={(event) => onChange(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
    </>
  );
}
