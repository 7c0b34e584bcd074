// A walk on the page: each kind of block by its own view. Nothing here knows an operation.
import { useText } from '../base/i18n';
import { BoardView } from './BoardView';
import { ChartView } from './ChartView';
import { DiagramView } from './DiagramView';
import type { Block, SheetBlock, TableBlock, Walk } from './types';

function TableView({ block }: { block: TableBlock }) {
  const t = useText();
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t(block.title) || t('Table', '표')}>
      <table>
        {t(block.title) !== '' && <caption>{t(block.title)}</caption>}
        <thead><tr>{block.headings.map((heading, i) => <th scope="col" key={i}>{t(heading)}</th>)}</tr></thead>
        <tbody>{block.rows.map((row, i) => (
          <tr key={i}>{row.map((cell, k) => <td key={k}>{t(cell)}</td>)}</tr>))}</tbody>
      </table>
    </div>
  );
}

function SheetView({ block }: { block: SheetBlock }) {
  const t = useText();
  return (
    <figure class="sheet">
      {t(block.title) !== '' && <figcaption>{t(block.title)}</figcaption>}
      <ul>{block.pictures.map((picture, i) => (
        <li key={i}><img src={picture.png} width={picture.width} height={picture.height}
          alt={t(picture.caption)} /><span aria-hidden="true">{t(picture.caption)}</span></li>))}</ul>
    </figure>
  );
}

function BlockView({ block, plays }: { block: Block; plays: boolean }) {
  const t = useText();
  switch (block.kind) {
    case 'note':
      if (block.look === 'code') return <pre tabIndex={0}><code>{t(block.text)}</code></pre>;
      return block.look === 'formula' ? <p class="formula"><code>{t(block.text)}</code></p>
        : <p>{t(block.text)}</p>;
    case 'board': return <BoardView board={block} plays={plays} />;
    case 'table': return <TableView block={block} />;
    case 'chart': return <ChartView chart={block} />;
    case 'sheet': return <SheetView block={block} />;
    case 'diagram': return <DiagramView diagram={block} />;
  }
}

/** Without a title where the page around it says what it is. Boards play by themselves if so wished. */
export function WalkView({ walk, titled = true, plays = false }:
    { walk: Walk; titled?: boolean; plays?: boolean }) {
  const t = useText();
  return (
    <div class="walk">
      {titled && <h3>{t(walk.title)}</h3>}
      {walk.blocks.map((block, i) => <BlockView key={i} block={block} plays={plays} />)}
    </div>
  );
}
