// The chapter, each of its figures alive.
import { Busy } from '../base/Busy';
import { ErrorNote } from '../base/ErrorNote';
import { useLanguage, useText } from '../base/i18n';
import { TileSheet, type Sheet } from '../base/TileSheet';
import { useAsked } from '../network/asked';
import { Figure, type FigureSection } from './Figure';

type Section =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'text'; html: string }
  | FigureSection
  | { kind: 'command'; line: string; args: string[] };

const SAMPLES = 20;

/** Text comes as HTML that the server has made of its own pages. */
function Words({ html }: { html: string }) {
  return <div class="tour-text" dangerouslySetInnerHTML={{ __html: html }} />;
}

/** A command as it is typed; where it draws images of the data they are shown, if they are here. */
function Command({ line }: { line: string }) {
  const t = useText();
  const draws = line.startsWith('fovea data grid');
  const sheet = useAsked<Sheet & { items: { class: string }[] }>(draws ? '/api/sheet' : null,
    { name: 'fashion-mnist', split: 'test', from: 0, count: SAMPLES });
  return (
    <>
      {sheet.answer && (
        <section class="card tour-samples">
          <TileSheet sheet={sheet.answer} size={72} label={t('Images of Fashion-MNIST', 'Fashion-MNIST의 이미지')}
            captions={sheet.answer.items.map((one) => one.class)} />
        </section>)}
      <pre><code>{line}</code></pre>
    </>
  );
}

export function Tour() {
  const language = useLanguage();
  const tour = useAsked<{ sections: Section[] }>('/api/tour', { lang: language });
  if (tour.failure !== null) return <ErrorNote error={tour.failure} />;
  if (!tour.answer) return <Busy />;
  return (
    <article class="tab-tour">
      {tour.answer.sections.map((section, i) => {
        switch (section.kind) {
          case 'heading': return section.level <= 1 ? <h2 key={i} class="tour-title">{section.text}</h2>
            : section.level === 2 ? <h2 key={i}>{section.text}</h2> : <h3 key={i}>{section.text}</h3>;
          case 'text': return <Words key={i} html={section.html} />;
          case 'figure': return <Figure key={`${language}${i}`} section={section} />;
          case 'command': return <Command key={i} line={section.line} />;
        }
      })}
    </article>
  );
}
