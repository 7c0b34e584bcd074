import { ApiError } from './api';
import { useText } from './i18n';

/** What went wrong, as the server says it. */
export function ErrorNote({ error }: { error: unknown }) {
  const t = useText();
  const gone = error instanceof ApiError && error.status === 0;
  const entered = !(error instanceof ApiError && error.status === 401);
  return (
    <p class="error" role="alert">
      {gone ? t('The server does not answer: is fovea serve still running?',
        '서버가 응답하지 않습니다. fovea serve가 실행 중인지 확인해 주십시오.')
        : !entered ? t('Open the page again by the address that fovea serve printed.',
          'fovea serve가 출력한 주소로 다시 열어 주십시오.')
          : error instanceof Error ? error.message : String(error)}
    </p>
  );
}
