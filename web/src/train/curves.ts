// The curves of runs as one table for a chart: runs of other lengths and batch sizes share an axis
// of epochs.
import type { EpochRow, RunDetails, StepEvent } from './types';

/** What is drawn of one run. */
export interface Curves {
  run: string;
  /** Steps that an epoch takes; 0: not known, as no epoch is done. */
  stepsPerEpoch: number;
  epochs: EpochRow[];
  steps: { step: number[]; loss: number[] };
  /** Running means of the epoch, seen while it trained. */
  running: { step: number[]; accuracy: number[] };
}

/** A line of a chart. */
export interface Line {
  run: number; // which of the runs, for its colour
  kind: 'step' | 'train' | 'val' | 'test';
  x: number[];
  y: (number | null)[];
}

export function curvesOf(run: string, details: RunDetails): Curves {
  const last = details.epochs[details.epochs.length - 1];
  return {
    run,
    stepsPerEpoch: last ? last.step / last.epoch : 0,
    epochs: [...details.epochs],
    steps: { step: [...details.steps.step], loss: [...details.steps.loss] },
    running: { step: [], accuracy: [] },
  };
}

export function emptyCurves(run: string, stepsPerEpoch: number): Curves {
  return {
    run,
    stepsPerEpoch,
    epochs: [],
    steps: { step: [], loss: [] },
    running: { step: [], accuracy: [] },
  };
}

// Twice the points that the server sends of a run: more than any screen has columns for two charts.
const MOST_POINTS = 4000;

function halved<T>(values: T[]): T[] {
  return values.filter((_, index) => index % 2 === 0);
}

/** Takes in what a step told. A step that is already there, as after a rewind, replaces the rest. */
export function addStep(curves: Curves, event: StepEvent): void {
  const { steps, running } = curves;
  cutAfter(curves, event.step - 1);
  steps.step.push(event.step);
  steps.loss.push(event.loss);
  running.step.push(event.step);
  running.accuracy.push(event.train_accuracy);
  if (steps.step.length > MOST_POINTS)
    curves.steps = { step: halved(steps.step), loss: halved(steps.loss) };
  if (running.step.length > MOST_POINTS)
    curves.running = { step: halved(running.step), accuracy: halved(running.accuracy) };
}

export function addEpoch(curves: Curves, row: EpochRow): void {
  curves.epochs = [...curves.epochs.filter((other) => other.epoch < row.epoch), row];
  curves.stepsPerEpoch = row.step / row.epoch;
}

/** Forgets what lies behind a step. */
export function cutAfter(curves: Curves, step: number): void {
  const cut = (at: number[], other: number[]) => {
    while (at.length > 0 && (at[at.length - 1] ?? 0) > step) {
      at.pop();
      other.pop();
    }
  };
  cut(curves.steps.step, curves.steps.loss);
  cut(curves.running.step, curves.running.accuracy);
  if (curves.epochs.some((row) => row.step > step))
    curves.epochs = curves.epochs.filter((row) => row.step <= step);
}

/** Whether the axis can count epochs: of every run it is known how many steps one takes. */
export function countsEpochs(runs: Curves[]): boolean {
  return runs.every((run) => run.stepsPerEpoch > 0 || run.steps.step.length === 0);
}

function byEpoch(
  run: Curves,
  index: number,
  kind: Line['kind'],
  key: keyof EpochRow,
  epochs: boolean,
): Line[] {
  const rows = run.epochs.filter((row) => row[key] !== null && row[key] !== undefined);
  return rows.length === 0
    ? []
    : [
        {
          run: index,
          kind,
          x: rows.map((row) => (epochs ? row.epoch : row.step)),
          y: rows.map((row) => row[key]),
        },
      ];
}

function bySteps(run: Curves, index: number, step: number[], y: number[], epochs: boolean): Line[] {
  const scale = epochs ? run.stepsPerEpoch : 1;
  return step.length === 0 ? [] : [{ run: index, kind: 'step', x: step.map((s) => s / scale), y }];
}

export function lossLines(runs: Curves[]): Line[] {
  const epochs = countsEpochs(runs);
  return runs.flatMap((run, i) => [
    ...bySteps(run, i, run.steps.step, run.steps.loss, epochs),
    ...byEpoch(run, i, 'val', 'val_loss', epochs),
    ...byEpoch(run, i, 'test', 'test_loss', epochs),
  ]);
}

export function accuracyLines(runs: Curves[]): Line[] {
  const epochs = countsEpochs(runs);
  return runs.flatMap((run, i) => [
    ...bySteps(run, i, run.running.step, run.running.accuracy, epochs),
    ...byEpoch(run, i, 'train', 'train_accuracy', epochs),
    ...byEpoch(run, i, 'val', 'val_accuracy', epochs),
    ...byEpoch(run, i, 'test', 'test_accuracy', epochs),
  ]);
}
