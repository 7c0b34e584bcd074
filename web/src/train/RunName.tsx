// A run's name, which can be changed where it stands.
import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../base/api';
import { ErrorNote } from '../base/ErrorNote';
import { useText } from '../base/i18n';

interface Props {
  run: string;
  editing: boolean;
  onRenamed: (name: string) => void;
  onClose: () => void;
}

export function RunName({ run, editing, onRenamed, onClose }: Props) {
  const t = useText();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(run);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    setName(run);
    setFailure(null);
    if (editing) {
      input.current?.focus();
      input.current?.select();
    }
  }, [editing, run]);
  if (!editing) return <b class="run-name">{run}</b>;
  const save = (event: Event) => {
    event.preventDefault();
    if (name === run || name === '') {
      onClose();
      return;
    }
    post('/api/runs/rename', { run, name })
      .then(() => {
        onRenamed(name);
        onClose();
      })
      .catch(setFailure);
  };
  return (
    <form class="rename" onSubmit={save}>
      <input
        ref={input}
        value={name}
        aria-label={t(`New name of ${run}`, `${run}의 새 이름`)}
        maxLength={60}
        onInput={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
        }}
      />
      <button type="submit">{t('Save', '저장')}</button>
      <button type="button" onClick={onClose}>
        {t('Cancel', '취소')}
      </button>
      {failure !== null && <ErrorNote error={failure} />}
    </form>
  );
}
