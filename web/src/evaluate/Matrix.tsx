// The confusion matrix as a table whose cells are buttons: arrows move between them, Enter opens the
// images of one. Shades are steps of a class, blue on the diagonal and orange beside it.
import { useRef, useState } from 'preact/hooks';
import { useText } from '../base/i18n';

const SHADES = 10;

interface Props {
  matrix: number[][];
  classes: string[];
  chosen: { truth: number; answer: number } | null;
  onChoose: (truth: number, answer: number) => void;
}

/** 0 to SHADES; small counts can still be told from none. */
function shadeOf(count: number, most: number): number {
  return count === 0 || most === 0 ? 0 : Math.max(Math.ceil(SHADES * Math.sqrt(count / most)), 1);
}

export function Matrix({ matrix, classes, chosen, onChoose }: Props) {
  const t = useText();
  const table = useRef<HTMLTableElement>(null);
  const [at, setAt] = useState({ row: 0, column: 0 });
  const wrong = Math.max(0, ...matrix.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const largest = Math.max(1, ...matrix.map((row) => row.reduce((a, b) => a + b, 0)));

  const move = (event: KeyboardEvent) => {
    const last = matrix.length - 1;
    const next = { ...at };
    if (event.key === 'ArrowRight') next.column = Math.min(at.column + 1, last);
    else if (event.key === 'ArrowLeft') next.column = Math.max(at.column - 1, 0);
    else if (event.key === 'ArrowDown') next.row = Math.min(at.row + 1, last);
    else if (event.key === 'ArrowUp') next.row = Math.max(at.row - 1, 0);
    else if (event.key === 'Home') next.column = 0;
    else if (event.key === 'End') next.column = last;
    else return;
    event.preventDefault();
    setAt(next);
    table.current
      ?.querySelector<HTMLButtonElement>(`[data-cell="${next.row},${next.column}"]`)
      ?.focus();
  };
  const name = (index: number) => classes[index] ?? String(index);

  return (
    <div
      class="matrix-scroll"
      role="region"
      tabIndex={0}
      aria-label={t('Confusion matrix', '혼동 행렬')}>
      <table class="confusion" ref={table} onKeyDown={move}>
        <caption>
          {t(
            'Rows are what the image is, columns what the model said. Choose a cell to see its images.',
            '행은 실제 클래스, 열은 모델의 답입니다. 칸을 고르면 그 이미지가 나옵니다.',
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('True class', '실제')}</th>
            {classes.map((label, i) => (
              <th scope="col" key={i} title={label}>
                <span aria-hidden="true">{i}</span>
                <span class="hidden">{label}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, truth) => (
            <tr key={truth}>
              <th scope="row">
                <span class="place">{truth}</span> {name(truth)}
              </th>
              {row.map((count, answer) => {
                const right = truth === answer;
                const here = chosen?.truth === truth && chosen.answer === answer;
                return (
                  <td key={answer}>
                    <button
                      type="button"
                      data-cell={`${truth},${answer}`}
                      class={`${right ? 'right' : 'wrong'} s${shadeOf(count, right ? largest : wrong)}`}
                      tabIndex={at.row === truth && at.column === answer ? 0 : -1}
                      aria-pressed={here}
                      aria-label={t(
                        `${name(truth)} taken for ${name(answer)}: ${count}`,
                        `실제 ${name(truth)}, 답 ${name(answer)}, 이미지 ${count}`,
                      )}
                      title={t(
                        `${name(truth)} → ${name(answer)}: ${count}`,
                        `${name(truth)} → ${name(answer)}: ${count}장`,
                      )}
                      onFocus={() => setAt({ row: truth, column: answer })}
                      onClick={() => onChoose(truth, answer)}>
                      {count === 0 ? '·' : count}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
