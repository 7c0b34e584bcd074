// How far the server is with an answer that takes a while.
import { Busy } from '../base/Busy';
import { number } from '../base/format';
import { useText } from '../base/i18n';

export function Waiting({ progress }: { progress: { done: number; total: number } | null }) {
  const t = useText();
  if (progress === null) return <Busy />;
  const words = t(
    `The model looks at the test images: ${number(progress.done)} of ${number(progress.total)}`,
    `모델이 테스트 이미지를 보고 있습니다: ${number(progress.total)}장 중 ${number(progress.done)}장`,
  );
  return (
    <div class="progress" role="status">
      <progress max={Math.max(progress.total, 1)} value={progress.done} aria-label={words} />
      <p>
        <span>{words}</span>
      </p>
    </div>
  );
}
