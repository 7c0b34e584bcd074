// The mock server's training: it steps by a timer, tells everybody, and can be steered.
import { draws, filters } from './mock_pictures.mjs';
import { epochRow, lossAt, makeRun } from './mock_runs.mjs';

const ok = (json, status = 200) => ({ status, json });
const error = (status, text) => ({ status, json: { error: text } });
export const STEPS = 60;

/** A training: `tick` does one step and tells everybody. */
export function makeTraining(runs, publish, stepMs) {
  let queue = [],
    at = null,
    state = 'idle',
    timer = null,
    version = 0,
    failure = null;
  let formed = null; // kept when the training is over, as the server keeps them
  const random = draws(5);
  const status = () => ({
    state,
    run: at?.run.run ?? null,
    model: at?.run.model ?? null,
    data: at?.run.data ?? null,
    queue: queue.map((run) => run.run),
    error: failure,
    plan: at && { epochs: at.run.epochs, steps_per_epoch: STEPS, train_samples: 6000 },
    step: at?.last ?? null,
  });
  const tell = () => publish('training', status());
  const schedule = () => {
    timer = state === 'running' ? setTimeout(tick, stepMs) : null;
  };
  const end = (how) => {
    if (how === 'done')
      Object.assign(at.run, { answers: makeRun('x', 'done', at.run.model, 1, 1).answers });
    at.run.state = how;
    at = null;
    const next = how === 'done' ? queue.shift() : undefined;
    if (!next) queue = [];
    if (next) begin(next, 0);
    else {
      state = 'idle';
      tell();
    }
    publish('runs', {});
  };
  function begin(run, step) {
    run.state = 'running';
    if (!runs.includes(run)) runs.push(run); // a folder appears when its training begins
    publish('runs', {});
    at = { run, step, last: null };
    state = 'running';
    tell();
    schedule();
  }
  function tick() {
    if (!at) return;
    const run = at.run,
      step = ++at.step,
      total = run.epochs * STEPS;
    const loss = lossAt(run.model, step / total, random);
    const epoch = Math.ceil(step / STEPS);
    at.last = {
      run: run.run,
      epoch,
      step,
      step_in_epoch: step - (epoch - 1) * STEPS,
      loss,
      lr: run.config.lr,
      train_loss: loss,
      train_accuracy: 0.9 - loss / 4,
      images_per_s: 5200 + 80 * random(),
      eta_s: ((total - step) * stepMs) / 1000,
    };
    run.steps.step.push(step);
    run.steps.loss.push(loss);
    publish('step', at.last);
    if (step % 15 === 0) {
      formed = Math.min(step / (2 * STEPS), 1);
      publish('filters', { version: ++version });
      publish('maps', { step });
    }
    if (step % STEPS === 0) {
      const row = epochRow(run.model, epoch, run.epochs, STEPS);
      run.rows.push(row);
      run.checkpoints = [...run.checkpoints, { step, epoch }].slice(-2);
      publish('epoch', { ...row, run: run.run });
    }
    if (step >= total) end('done');
    else schedule();
  }
  return {
    status,
    start(more) {
      if (at) return error(409, 'training: expected none to run, got "' + at.run.run + '"');
      if (!more.length) return error(400, 'training: runs expected at least 1, got 0');
      failure = null;
      queue = more.slice(1);
      begin(more[0], more[0].rows.length * STEPS);
      publish('runs', {});
      return ok(status(), 202);
    },
    go(run) {
      failure = null;
      begin(run, run.rows.length * STEPS);
      publish('runs', {});
      return ok(status(), 202);
    },
    busy: () => at !== null,
    act(what) {
      if (!at) return error(409, 'training: expected one that runs, got none');
      clearTimeout(timer);
      if (what === 'stop') {
        end('stopped');
        return ok(status());
      }
      if (what === 'batch') {
        state = 'paused';
        tick();
      }
      state = what === 'go' ? 'running' : 'paused';
      if (what === 'go') schedule();
      tell();
      return ok(status());
    },
    filters: () => formed && { version, ...filters(formed) },
    close() {
      clearTimeout(timer);
    },
  };
}
