import { useText } from './i18n';

/** Something is on its way. */
export function Busy() {
  const t = useText();
  return <p class="note busy" role="status">{t('Loading…', '불러오는 중입니다…')}</p>;
}
