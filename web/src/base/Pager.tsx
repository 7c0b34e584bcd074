import { number } from './format';
import { useText } from './i18n';

interface Props { from: number; count: number; total: number; onChange: (from: number) => void }

/** To the pages before and after; nothing where there is one alone. */
export function Pager({ from, count, total, onChange }: Props) {
  const t = useText();
  if (total <= count) return null;
  return (
    <div class="row pager">
      <button type="button" disabled={from === 0} onClick={() => onChange(Math.max(0, from - count))}>
        {t('Previous', '이전')}</button>
      <span class="note">{number(from + 1)}–{number(Math.min(from + count, total))} / {number(total)}</span>
      <button type="button" disabled={from + count >= total} onClick={() => onChange(from + count)}>
        {t('Next', '다음')}</button>
    </div>
  );
}
