// What the mock server knows of runs: their curves, and for finished ones an answer for each of the
// thousand test images, from which reports, cells, calibration and comparisons are counted.
import { CLASSES, TEST, draws, picture, sheet } from './mock_pictures.mjs';

const CONFUSED = { 0: 6, 2: 4, 4: 6, 5: 7, 6: 0, 7: 9, 9: 7, 3: 0, 8: 6, 1: 3 };
export const DEFAULTS = {
  model: 'fashion-cnn',
  data: 'fashion-mnist',
  data_root: '',
  image_size: 0,
  epochs: 5,
  batch_size: 100,
  lr: 0.001,
  optimizer: 'adam',
  schedule: 'none',
  augment: 'none',
  normalize: '',
  label_smoothing: 0,
  class_weights: 'none',
  accumulate: 1,
  clip_grad: 0,
  ema: 0,
  weights: '',
  seed: 0,
  threads: 2,
  limit_train: 0,
  limit_test: 0,
  val_fraction: 0,
  patience: 0,
  project: 'runs/train',
  name: 'exp',
  log_every: 10,
  save_every: '1epoch',
};

/** The loss that a model has after a share of its training, with the noise of single batches. */
export function lossAt(model, share, random) {
  const floor = model === 'fashion-cnn' ? 0.24 : 0.36;
  return (
    floor +
    (2.3 - floor) * Math.exp(-9 * share) * (0.9 + 0.2 * random()) +
    0.12 * (random() - 0.5) * (0.4 + Math.exp(-4 * share))
  );
}

export function epochRow(model, epoch, epochs, steps) {
  const share = epoch / epochs,
    base = model === 'fashion-cnn' ? 0.905 : 0.872;
  const accuracy = base - 0.16 * Math.exp(-3.2 * share);
  const loss = (model === 'fashion-cnn' ? 0.27 : 0.36) + 0.35 * Math.exp(-3 * share);
  return {
    epoch,
    step: epoch * steps,
    time_s: epoch * 11.4,
    lr: 0.001,
    train_loss: loss - 0.03 * share,
    train_accuracy: accuracy + 0.02 * share - 0.01,
    val_loss: null,
    val_accuracy: null,
    test_loss: loss,
    test_accuracy: accuracy,
    images_per_s: 5230 - 40 * epoch,
    data_wait_s: 0.02,
  };
}

function answersOf(run) {
  const random = draws(run.model === 'fashion-cnn' ? 11 : 29);
  const right = run.model === 'fashion-cnn' ? 0.905 : 0.872;
  return TEST.labels.map((truth) => {
    const hard = truth === 6 || truth === 2 || truth === 4 ? 0.14 : -0.05;
    const wrong = random() > right - hard + 0.02;
    const answer = !wrong ? truth : random() < 0.75 ? CONFUSED[truth] : Math.floor(random() * 10);
    return { truth, answer, probability: wrong ? 0.35 + 0.6 * random() : 1 - 0.45 * random() ** 2 };
  });
}

export function makeRun(name, state, model, epochs, done, extra = {}) {
  const steps = 60,
    random = draws(name.length + done);
  const rows = Array.from({ length: done }, (_, i) => epochRow(model, i + 1, epochs, steps));
  const count = done * 6;
  const run = {
    run: name,
    state,
    model,
    data: 'fashion-mnist',
    epochs,
    rows,
    config: { ...DEFAULTS, model, epochs, name, ...extra },
    steps: {
      step: Array.from({ length: count }, (_, i) => (i + 1) * 10),
      loss: Array.from({ length: count }, (_, i) => lossAt(model, (i + 1) / (epochs * 6), random)),
    },
    checkpoints: rows.slice(-2).map((row) => ({ step: row.step, epoch: row.epoch })),
    modified: new Date(Date.UTC(2026, 10, 30, 9, 10 * Number(name.slice(3) || 1))).toISOString(),
    size: 9_600_000 + done * 1000,
    parameters: model === 'fashion-cnn' ? 1475426 : 535818,
  };
  if (state === 'done') run.answers = answersOf(run);
  return run;
}

export function listed(run) {
  const last = run.rows[run.rows.length - 1];
  return {
    run: run.run,
    state: run.state,
    model: run.model,
    data: run.data,
    epochs: run.epochs,
    epochs_done: run.rows.length,
    accuracy: last ? last.test_accuracy : null,
    loss: last ? last.test_loss : null,
    seconds: last ? last.time_s : 0,
    parameters: run.parameters,
    modified: run.modified,
    size: run.size,
  };
}

export function reportOf(run) {
  const matrix = CLASSES.map(() => CLASSES.map(() => 0));
  for (const { truth, answer } of run.answers) ++matrix[truth][answer];
  const samples = run.answers.length,
    right = matrix.reduce((sum, row, i) => sum + row[i], 0);
  const per_class = CLASSES.map((name, i) => {
    const support = matrix[i].reduce((a, b) => a + b),
      said = matrix.reduce((a, r) => a + r[i], 0);
    const precision = matrix[i][i] / said,
      recall = matrix[i][i] / support;
    return {
      class: name,
      index: i,
      precision,
      recall,
      support,
      f1: (2 * precision * recall) / (precision + recall),
    };
  });
  return {
    model: run.model,
    data: run.data,
    samples,
    loss: 0.2765,
    accuracy: right / samples,
    error_rate: 1 - right / samples,
    majority_share: 0.115,
    warnings: [],
    per_class,
    macro_f1: per_class.reduce((sum, c) => sum + c.f1, 0) / 10,
    confusion_matrix: matrix,
  };
}

export function evaluationOf(run) {
  const report = reportOf(run),
    pairs = [];
  report.confusion_matrix.forEach((row, truth) =>
    row.forEach((count, answer) => {
      if (truth !== answer && count > 0) pairs.push({ truth, answer, count });
    }),
  );
  const mistakes = run.answers
    .map((a, index) => ({ index, ...a }))
    .filter((a) => a.truth !== a.answer)
    .sort((a, b) => b.probability - a.probability);
  const bins = Array.from({ length: 10 }, (_, b) => {
    const inside = run.answers.filter((a) => Math.min(Math.floor(a.probability * 10), 9) === b);
    const mean = (f) => (inside.length ? inside.reduce((s, a) => s + f(a), 0) / inside.length : 0);
    return {
      from: b / 10,
      to: (b + 1) / 10,
      count: inside.length,
      accuracy: mean((a) => Number(a.truth === a.answer)),
      confidence: mean((a) => a.probability),
    };
  });
  const ece = bins.reduce(
    (sum, b) => sum + (b.count / report.samples) * Math.abs(b.accuracy - b.confidence),
    0,
  );
  return {
    report,
    pairs: pairs.sort((a, b) => b.count - a.count).slice(0, 12),
    mistakes: mistakes.slice(0, 24),
    calibration: { ece, bins },
  };
}

export function cellOf(run, truth, answer, from, count) {
  const all = run.answers
    .map((a, index) => ({ index, ...a }))
    .filter((a) => a.truth === truth && a.answer === answer)
    .sort((a, b) => b.probability - a.probability);
  const items = all.slice(from, from + count);
  return {
    total: all.length,
    items: items.map(({ index, probability }) => ({ index, probability })),
    ...sheet(items.map((item) => picture(item.index))),
  };
}

export function comparisonOf(a, b) {
  const table = { both_right: 0, only_a: 0, only_b: 0, both_wrong: 0 };
  a.answers.forEach((first, i) => {
    const right = first.truth === first.answer;
    const other = b.answers[i].truth === b.answers[i].answer;
    ++table[right ? (other ? 'both_right' : 'only_a') : other ? 'only_b' : 'both_wrong'];
  });
  const n = table.only_a + table.only_b;
  const z = n > 0 ? Math.max(Math.abs(table.only_a - table.only_b) - 1, 0) / Math.sqrt(n) : 0;
  const p = Math.min(1, (2 * Math.exp(-0.717 * z - 0.416 * z * z)) / 2);
  const of = (run) => ({ run: run.run, accuracy: reportOf(run).accuracy });
  return {
    a: of(a),
    b: of(b),
    ...table,
    p,
    test: n < 25 ? 'exact' : 'chi2',
    verdict:
      p < 0.05
        ? {
            en: 'The difference is more than chance: such a table would come up less than once in 20 times if both were equally good.',
            ko: '우연이라고 보기 어려운 차이입니다. 두 모델이 똑같이 좋다면 이런 표는 스무 번에 한 번도 나오지 않습니다.',
          }
        : { en: 'The difference may well be chance.', ko: '우연히 생길 수 있는 차이입니다.' },
  };
}
