// What is asked before something is lost: a run that is deleted, steps that are taken back.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post } from '../base/api';
import { ErrorNote } from '../base/ErrorNote';
import { bytes, number } from '../base/format';
import { useText } from '../base/i18n';
import type { Run, RunDetails } from './types';

interface DialogProps {
  title: string;
  confirm: string;
  danger?: boolean;
  ready?: boolean;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  children: ComponentChildren;
}

function Dialog(props: DialogProps) {
  const t = useText();
  const box = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const confirm = () => {
    setWaiting(true);
    setFailure(null);
    props
      .onConfirm()
      .then(props.onClose)
      .catch(setFailure)
      .finally(() => setWaiting(false));
  };
  return (
    <dialog ref={box} aria-labelledby="dialog-title" onClose={props.onClose}>
      <h2 id="dialog-title">{props.title}</h2>
      {props.children}
      {failure !== null && <ErrorNote error={failure} />}
      <div class="row end">
        <button type="button" onClick={props.onClose} autofocus>
          {t('Cancel', '취소')}
        </button>
        <button
          type="button"
          class={props.danger ? 'danger' : 'primary'}
          onClick={confirm}
          disabled={waiting || props.ready === false}>
          {props.confirm}
        </button>
      </div>
    </dialog>
  );
}

interface Asked {
  run: Run;
  onDone: () => void;
  onClose: () => void;
}

export function DeleteDialog({ run, onDone, onClose }: Asked) {
  const t = useText();
  return (
    <Dialog
      title={t(`Delete ${run.run}?`, `${run.run} 실행을 삭제할까요?`)}
      danger
      confirm={t('Delete', '삭제')}
      onClose={onClose}
      onConfirm={() => post('/api/runs/delete', { run: run.run }).then(onDone)}>
      <p>
        {t(
          `Its folder with weights, curves and checkpoints (${bytes(run.size)}) goes for good.`,
          `가중치, 곡선, 체크포인트가 든 폴더(${bytes(run.size)})가 완전히 지워집니다. 되돌릴 수 없습니다.`,
        )}
      </p>
    </Dialog>
  );
}

export function RewindDialog({ run, onDone, onClose }: Asked) {
  const t = useText();
  const [points, setPoints] = useState<RunDetails['checkpoints'] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [step, setStep] = useState<number | null>(null);
  useEffect(() => {
    get<RunDetails>('/api/run', { run: run.run })
      .then((details) => setPoints([...details.checkpoints].sort((a, b) => b.step - a.step)))
      .catch(setFailure);
  }, [run.run]);
  return (
    <Dialog
      title={t(`Take ${run.run} back to a checkpoint`, `${run.run} 실행을 체크포인트로 되돌리기`)}
      confirm={t('Go back', '되돌리기')}
      ready={step !== null}
      onClose={onClose}
      onConfirm={() => post('/api/runs/rewind', { run: run.run, step }).then(onDone)}>
      <p>
        {t(
          'What came after it is cut off. Resume the run to learn on from there.',
          '그 뒤의 기록은 지워집니다. 이어서 하면 거기서부터 다시 학습합니다.',
        )}
      </p>
      {failure !== null && <ErrorNote error={failure} />}
      {points?.length === 0 && (
        <p class="note">{t('It has no checkpoint.', '체크포인트가 없습니다.')}</p>
      )}
      <fieldset class="points">
        <legend>{t('Checkpoints', '체크포인트')}</legend>
        {points?.map((point) => (
          <label key={point.step} class="check">
            <input
              type="radio"
              name="step"
              checked={step === point.step}
              onChange={() => setStep(point.step)}
            />
            <span>
              {t(
                `step ${number(point.step)}, epoch ${point.epoch}`,
                `${number(point.step)}스텝, ${point.epoch}에포크`,
              )}
            </span>
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}
