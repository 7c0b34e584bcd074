// What the page knows of the training that runs and of those it has watched: the server's state, and
// curves that grow with its events.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../base/api';
import { useEvent, useReconnect } from '../base/events';
import { addEpoch, addStep, curvesOf, emptyCurves, type Curves } from './curves';
import type { EpochRow, RunDetails, Status, StepEvent } from './types';

export interface Session {
  status: Status | null;
  /** The runs that were trained one after the other, oldest first. */
  names: string[];
  curves: Curves[];
  step: StepEvent | null;
  /** Of the first layer's filters; 0: none were told of yet. */
  filters: number;
  take: (status: Status) => void;
}

/** Between two redraws while steps come in, after so long a look at a training: a page shares the
 *  processor with what it watches. */
const pauseAfter = (ms: number): number => Math.min(2000, Math.max(250, ms / 10));

export const isBusy = (status: Status | null): boolean =>
  status !== null && status.state !== 'idle';

/** What is in the file and what was seen of it: in front whichever has more steps. */
function merged(read: Curves, seen: Curves): Curves {
  const [last = 0] = read.steps.step.slice(-1),
    [first = Infinity] = seen.steps.step;
  const rest = (from: Curves['steps'], keep: (step: number) => boolean) => ({
    step: from.step.filter(keep),
    loss: from.loss.filter((_, i) => keep(from.step[i] ?? 0)),
  });
  const [front, back] =
    read.steps.step.length >= seen.steps.step.length
      ? [read.steps, rest(seen.steps, (step) => step > last)]
      : [rest(read.steps, (step) => step < first), seen.steps];
  const steps = { step: [...front.step, ...back.step], loss: [...front.loss, ...back.loss] };
  for (const row of seen.epochs)
    if (!read.epochs.some((other) => other.epoch === row.epoch)) addEpoch(read, row);
  return {
    ...read,
    steps,
    running: seen.running,
    stepsPerEpoch: read.stepsPerEpoch || seen.stepsPerEpoch,
  };
}

/** Follows the training while the page is open. */
export function useSession(first: Status | null): Session {
  const [status, setStatus] = useState<Status | null>(first);
  const [filters, setFilters] = useState(0);
  const [, setTurn] = useState(0);
  const names = useRef<string[]>([]);
  const waiting = useRef(0);
  const all = useRef(new Map<string, Curves>());
  const asked = useRef(new Set<string>());
  const step = useRef<StepEvent | null>(first?.step ?? null);
  const timer = useRef(0),
    drawn = useRef(-Infinity),
    begun = useRef(performance.now());

  /** At once, unless it was a moment ago. */
  const draw = () => {
    if (timer.current) return;
    const now = performance.now();
    const due = Math.max(0, drawn.current + pauseAfter(now - begun.current) - now);
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      drawn.current = performance.now();
      setTurn((turn) => turn + 1);
    }, due);
  };
  const curvesFor = (run: string, stepsPerEpoch = 0): Curves => {
    let curves = all.current.get(run);
    if (!curves) {
      curves = emptyCurves(run, stepsPerEpoch);
      all.current.set(run, curves);
    }
    if (curves.stepsPerEpoch === 0) curves.stepsPerEpoch = stepsPerEpoch;
    return curves;
  };
  const read = (run: string) => {
    get<RunDetails>('/api/run', { run })
      .then((details) => {
        all.current.set(run, merged(curvesOf(run, details), curvesFor(run)));
        draw();
      })
      .catch(() => undefined); // it has just been made, and has nothing yet
  };
  const take = (told: Status) => {
    // While one starts, its folder's name is not known, or there is nothing yet to ask about it.
    const run = told.state === 'starting' ? null : told.run;
    const next = { ...told, run };
    if (run !== null && !names.current.includes(run)) {
      // A new training, unless it waited behind those before it.
      names.current = waiting.current > 0 ? [...names.current, run] : [run];
      step.current = next.step;
      begun.current = performance.now();
    }
    // A run that is over has steps in its file that were not told one by one.
    if (status !== null && isBusy(status) && status.run !== null)
      if (next.state === 'idle' || run !== status.run) read(status.run);
    // Between two of an order there is none for a moment.
    if (run !== null || next.state === 'idle') waiting.current = next.queue.length;
    if (run !== null) {
      curvesFor(run, next.plan?.steps_per_epoch);
      if (!asked.current.has(run)) {
        asked.current.add(run);
        read(run);
      }
    }
    // The answer to a click may come behind the step that it has let go.
    const last = step.current;
    if (!next.step || last?.run !== next.step.run || next.step.step > last.step)
      step.current = next.step;
    setStatus(next);
    draw();
  };

  useEffect(() => {
    // One that is over is in the list of runs, if it is still there.
    if (first && isBusy(first)) take(first);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEvent<Status>('training', take);
  useEvent<StepEvent>('step', (event) => {
    addStep(curvesFor(event.run), event);
    step.current = event;
    draw();
  });
  useEvent<EpochRow & { run: string }>('epoch', (row) => {
    addEpoch(curvesFor(row.run), row);
    draw();
  });
  useEvent<{ version: number }>('filters', ({ version }) => setFilters(version));
  // What was missed while the line was cut.
  useReconnect(() => {
    get<{ training: Status | null }>('/api/state')
      .then((state) => {
        if (!state.training) return;
        asked.current.clear();
        if (isBusy(state.training)) take(state.training);
        else setStatus(state.training); // what has run may have another name by now
      })
      .catch(() => undefined);
  });

  const curves = names.current
    .map((name) => all.current.get(name))
    .filter((one): one is Curves => one !== undefined)
    .map((one) => ({ ...one }));
  return { status, names: names.current, curves, step: step.current, filters, take };
}
