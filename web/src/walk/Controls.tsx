import { Icon } from '../base/Icon';
import { useText } from '../base/i18n';
import { SPEEDS, type Play } from './play';

/** Play and pause, a step back and on, where it stands, and how fast. */
export function Controls({ play, count, what }: { play: Play; count: number; what: string }) {
  const t = useText();
  return (
    <div class="controls" role="group" aria-label={what}>
      <button type="button" class="primary" onClick={play.toggle}>
        <Icon name={play.playing ? 'pause' : 'play'} />{play.playing ? t('Pause', '멈춤') : t('Play', '재생')}</button>
      <span class="steps">
        <button type="button" onClick={() => play.go(play.at - 1)} disabled={play.at === 0}
          aria-label={t('Step back', '한 단계 뒤로')}><Icon name="back" /></button>
        <button type="button" onClick={() => play.go(play.at + 1)} disabled={play.at >= count - 1}
          aria-label={t('Step on', '한 단계 앞으로')}><Icon name="on" /></button>
      </span>
      <input type="range" min={0} max={count - 1} value={play.at} aria-label={t('Step', '단계')}
        aria-valuetext={`${play.at + 1} / ${count}`}
        onInput={(event) => play.go(event.currentTarget.valueAsNumber)} />
      <span class="note place">{play.at + 1} / {count}</span>
      <label class="note speed">{t('Speed', '속도')}
        <select value={String(play.speed)}
          onChange={(event) => play.setSpeed(Number(event.currentTarget.value))}>
          {SPEEDS.map((speed) => <option key={speed} value={String(speed)}>{speed}×</option>)}
        </select></label>
    </div>
  );
}
