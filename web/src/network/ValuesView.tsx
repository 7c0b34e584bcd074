// A layer that gives a row of values, any of which can be opened.
import { short } from '../base/format';
import { useText } from '../base/i18n';
import { useAsked } from './asked';
import { ChannelField } from './ChannelField';
import { Strip } from './Strip';
import { wordsOf, type Look, type Maps, type Node } from './types';

interface Props { look: Look; node: Node; channel: number; onChoose: (index: number) => void }

const MOST_NAMED = 40;

export function ValuesView({ look, node, channel, onChoose }: Props) {
  const t = useText();
  const maps = useAsked<Maps>(node.output.length === 1 ? '/api/maps' : null,
    { ...wordsOf(look), layer: node.name }, look.turn);
  const values = maps.answer?.values;
  if (!values) return null;
  const names = maps.answer?.names ?? null;
  if (names && values.length <= MOST_NAMED) {
    return (
      <ul class="named-values" aria-label={t('Values', '값')}>
        {values.map((value, i) => (
          <li key={i}><button type="button" aria-pressed={i === channel} onClick={() => onChoose(i)}>
            {names[i]}<span>{short(value)}</span></button></li>))}
      </ul>
    );
  }
  return (
    <>
      <ChannelField name={t('Value', '값')} value={channel} count={values.length} onChange={onChoose} />
      <Strip values={values} label={t(`Values of ${node.name}`, `${node.name}의 값`)} chosen={channel} tall
        onChoose={onChoose} />
    </>
  );
}
