// What the server says of trainings and runs.

/** What has happened after a step. */
export interface StepEvent {
  run: string;
  epoch: number;
  step: number;
  step_in_epoch: number;
  loss: number;
  lr: number;
  train_loss: number;
  train_accuracy: number;
  images_per_s: number;
  eta_s: number;
}

/** A row of results.csv; what was not measured is null. */
export interface EpochRow {
  epoch: number;
  step: number;
  time_s: number;
  lr: number;
  train_loss: number | null;
  train_accuracy: number | null;
  val_loss: number | null;
  val_accuracy: number | null;
  test_loss: number | null;
  test_accuracy: number | null;
  images_per_s: number;
  data_wait_s: number;
}

export type TrainingState = 'idle' | 'starting' | 'running' | 'paused' | 'judging' | 'stopping';

/** Where the training stands. */
export interface Status {
  state: TrainingState;
  run: string | null;
  model: string | null;
  data: string | null;
  queue: string[];
  plan: { epochs: number; steps_per_epoch: number; train_samples: number } | null;
  step: StepEvent | null;
  error: string | null;
}

export type RunState = 'running' | 'done' | 'stopped' | 'died' | 'broken';

/** A run in the list. */
export interface Run {
  run: string;
  state: RunState;
  model: string;
  data: string;
  epochs: number;
  epochs_done: number;
  accuracy: number | null;
  loss: number | null;
  seconds: number | null;
  parameters: number | null;
  modified: string | number;
  size: number;
}

/** All that is kept of a run. */
export interface RunDetails {
  config: Record<string, unknown>;
  environment: Record<string, unknown>;
  epochs: EpochRow[];
  steps: { step: number[]; loss: number[] };
  report: unknown;
  checkpoints: { step: number; epoch: number }[];
  state: RunState;
}
