// A figure of the chapter: its walk, computed once it comes near the window, and a form to try other
// numbers.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useText } from '../base/i18n';
import { useAsked } from '../network/asked';
import type { Walk } from '../walk/types';
import { WalkView } from '../walk/WalkView';
import { changed, FIELDS, usualOf } from './fields';

export interface FigureSection { kind: 'figure'; number: string; args: string[]; caption: string }

const DELAY = 250;  // milliseconds, so that not every letter is asked about

/** A word of a command line, quoted where it needs it. */
const word = (text: string): string => (/^[\w.,:/=-]+$/.test(text) ? text : `'${text}'`);

function Form({ args, own: walk, values, onChange }: { args: string[]; own: Walk | null;
    values: Record<string, string>; onChange: (values: Record<string, string>) => void }) {
  const t = useText();
  const id = useId();
  const fields = FIELDS[args[0] ?? ''];
  if (!fields) return null;
  return (
    <details class="try">
      <summary>{t('Try other numbers', '다른 수로 해 보기')}</summary>
      <div class="fields">
        {fields.map((field) => {
          const own = usualOf(field, args, walk), tie = `${id}${field.flag}`;
          const set = (value: string) => onChange({ ...values, [field.flag]: value });
          return (
            <div class={field.wide ? 'field wide-field' : 'field'} key={field.flag}>
              <label for={tie}>{t(field.name)}</label>
              {field.choices
                ? <select id={tie} value={values[field.flag] ?? own}
                    onChange={(event) => set(event.currentTarget.value)}>
                    {field.choices.map((one) => <option key={one}>{one}</option>)}</select>
                : <input id={tie} type="text" value={values[field.flag] ?? own}
                    autocomplete="off" spellcheck={false}
                    onInput={(event) => set(event.currentTarget.value)} />}
            </div>);
        })}
      </div>
      <button type="button" disabled={Object.keys(values).length === 0} onClick={() => onChange({})}>
        {t('As in the chapter', '원래대로')}</button>
    </details>
  );
}

export function Figure({ section }: { section: FigureSection }) {
  const t = useText();
  const element = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState(false);
  const [values, setValues] = useState<Record<string, string>>({});
  useEffect(() => {
    if (!element.current) return;
    const watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    }, { rootMargin: '400px' });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  // The chapter's numbers, from which others are typed.
  const own = useRef<Walk | null>(null);
  const args = changed(section.args, values, own.current);
  const walk = useAsked<Walk>(seen ? '/api/explain' : null, { args: JSON.stringify(args) }, 0,
    Object.keys(values).length > 0 ? DELAY : 0);
  if (walk.words.args === JSON.stringify(section.args)) own.current ??= walk.answer;
  return (
    <section class="card tour-figure" ref={element}
      aria-label={t(`Figure ${section.number}`, `그림 ${section.number}`)}>
      <p class="caption">{section.caption}</p>
      {walk.failure !== null && <ErrorNote error={walk.failure} />}
      {walk.answer ? <WalkView key={String(walk.words.args)} walk={walk.answer} titled={false} />
        : walk.failure === null && <Busy />}
      <Form args={section.args} own={own.current} values={values} onChange={setValues} />
      <p class="note line"><code>fovea explain {args.map(word).join(' ')}</code></p>
    </section>
  );
}
