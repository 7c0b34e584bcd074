// The images of a cell of the confusion matrix, with how sure the model was of each.
import { useRef, useState } from 'preact/hooks';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { number, percent } from '../base/format';
import { useText } from '../base/i18n';
import { Pager } from '../base/Pager';
import { TileSheet } from '../base/TileSheet';
import { useAnswer } from './asking';
import type { Cell } from './types';

const COUNT = 24;

interface Props {
  run: string;
  truth: number;
  answer: number;
  classes: string[];
}

export function CellSheet({ run, truth, answer, classes }: Props) {
  const t = useText();
  const [from, setFrom] = useState(0);
  const { value, failure } = useAnswer<Cell>('/api/evaluation/cell', {
    run,
    truth,
    answer,
    from,
    count: COUNT,
  });
  // While a page is on its way the one before stays.
  const last = useRef<Cell | null>(null);
  if (value !== null) last.current = value;
  const cell = failure === null ? last.current : null;
  const is = classes[truth] ?? String(truth),
    said = classes[answer] ?? String(answer);
  const right = truth === answer;
  return (
    <div class="cell-sheet" aria-live="polite">
      <h3>
        {right
          ? t(`${is}, told right`, `${is}: 맞힌 이미지`)
          : t(`${is} taken for ${said}`, `실제는 ${is}, 답은 ${said}`)}
        {cell && <small> {t(`${number(cell.total)} images`, `${number(cell.total)}장`)}</small>}
      </h3>
      {failure !== null && <ErrorNote error={failure} />}
      {cell === null && failure === null && <Busy />}
      {cell !== null && cell.items.length > 0 && (
        <TileSheet
          sheet={cell}
          size={72}
          label={t('Images of this cell', '이 칸의 이미지')}
          captions={cell.items.map((item) => percent(item.probability, 0))}
        />
      )}
      {cell !== null && cell.total === 0 && (
        <p class="note">{t('No image is in this cell.', '이 칸에는 이미지가 없습니다.')}</p>
      )}
      {cell !== null && <Pager from={from} count={COUNT} total={cell.total} onChange={setFrom} />}
    </div>
  );
}
