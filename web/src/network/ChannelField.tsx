import { Icon } from '../base/Icon';
import { number } from '../base/format';
import { useText } from '../base/i18n';

interface Props { name: string; value: number; count: number; onChange: (value: number) => void }

/** Which of `count`: by its number, or one on or back. */
export function ChannelField({ name, value, count, onChange }: Props) {
  const t = useText();
  return (
    <div class="field inline which">
      <label for="channel">{name}</label>
      <input id="channel" type="number" min={0} max={count - 1} value={value}
        onChange={(event) => onChange(Math.min(count - 1,
          Math.max(0, Math.trunc(event.currentTarget.valueAsNumber || 0))))} />
      <span class="steps">
        <button type="button" disabled={value <= 0} onClick={() => onChange(value - 1)}
          aria-label={t(`${name}: one back`, `${name}: 이전`)}><Icon name="back" /></button>
        <button type="button" disabled={value >= count - 1} onClick={() => onChange(value + 1)}
          aria-label={t(`${name}: one on`, `${name}: 다음`)}><Icon name="on" /></button>
      </span>
      <span class="note">{t(`of ${number(count)}`, `모두 ${number(count)}개`)}</span>
    </div>
  );
}
