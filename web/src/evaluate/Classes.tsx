// A row for each class: how many of the answers are right, how many of the images are found.
import { number, percent } from '../base/format';
import { useText } from '../base/i18n';
import { Table, type Column } from '../base/Table';
import type { ClassRow } from './types';

export function Classes({ rows }: { rows: ClassRow[] }) {
  const t = useText();
  const share = (key: 'precision' | 'recall' | 'f1', title: string): Column<ClassRow> => ({
    key,
    title,
    number: true,
    sort: (row) => row[key],
    cell: (row) => (
      <span class="share">
        <meter min={0} max={1} value={row[key]} aria-hidden="true" />
        {percent(row[key], 1)}
      </span>
    ),
  });
  const columns: Column<ClassRow>[] = [
    {
      key: 'class',
      title: t('Class', '클래스'),
      rowHeader: true,
      sort: (row) => row.index,
      cell: (row) => row.class,
    },
    share('precision', t('Precision', '정밀도')),
    share('recall', t('Recall', '재현율')),
    share('f1', 'F1'),
    {
      key: 'support',
      title: t('Images', '이미지'),
      number: true,
      sort: (row) => row.support,
      cell: (row) => number(row.support),
    },
  ];
  return (
    <>
      <p class="note">
        {t(
          'Precision: of the answers with this name, how many are right. Recall: of the images of this class, how many are found. F1: both in one number.',
          '정밀도: 이 이름으로 답한 것 중 맞은 비율. 재현율: 이 클래스의 이미지 중 찾아낸 비율. F1: 둘을 합친 수.',
        )}
      </p>
      <Table
        caption={t('Precision and recall of each class', '클래스별 정밀도와 재현율')}
        columns={columns}
        rows={rows}
        rowKey={(row) => String(row.index)}
        sorted={{ key: 'class', down: false }}
      />
    </>
  );
}
