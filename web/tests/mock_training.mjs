// The mock server's answers about training, runs, evaluation, prediction and data, with a training
// that goes on for real as far as the page can tell: steps, epochs and filters come as events.
//
//     const training = mockTraining({ publish: (name, value) => ..., stepMs: 40 });
//     const answer = training.answer('GET', '/api/runs', new URLSearchParams(), bodyBytes);
//     // undefined: not one of its addresses; else { status, json } or { status, type, bytes }
import {
  CLASSES,
  TEST,
  dataUrl,
  draws,
  heat,
  picture,
  png,
  sheet,
  SIDE,
} from './mock_pictures.mjs';
import { STEPS, makeTraining } from './mock_live.mjs';
import {
  DEFAULTS,
  cellOf,
  comparisonOf,
  evaluationOf,
  listed,
  makeRun,
  reportOf,
} from './mock_runs.mjs';

const ok = (json, status = 200) => ({ status, json });
const error = (status, text) => ({ status, json: { error: text } });

function firstRuns() {
  return [
    makeRun('exp', 'done', 'fashion-cnn', 5, 5),
    makeRun('exp2', 'done', 'fashion-dnn', 5, 5, { lr: 0.002 }),
    makeRun('exp3', 'died', 'fashion-cnn', 8, 3, { batch_size: 64, augment: 'flip+crop' }),
    makeRun('exp4', 'stopped', 'fashion-dnn', 6, 2, { optimizer: 'sgd', momentum: 0.9 }),
    { ...makeRun('exp5', 'broken', 'fashion-cnn', 5, 0), parameters: null },
  ];
}

export const OPTIONS = {
  optimizer: ['adam', 'adamw', 'sgd'],
  schedule: ['none', 'step', 'cosine', 'onecycle'],
  augment: [
    'none',
    'flip',
    'vflip',
    'crop',
    'rotate',
    'affine',
    'perspective',
    'cutout',
    'resizedcrop',
    'jitter',
    'grayscale',
    'blur',
    'randaugment',
    'trivialaugment',
    'erase',
    'mixup',
    'cutmix',
  ],
  defaults: DEFAULTS,
};

export const DATA = [
  { name: 'fashion-mnist', title: 'Fashion-MNIST', present: true, reason: '' },
  {
    name: 'mnist',
    title: 'MNIST',
    present: false,
    reason: 'fovea data download mnist',
  },
  { name: '/home/me/photos', title: 'photos', present: true, reason: '' },
];

export const MODELS = [
  ['run:exp', 'exp', 'run', 'fashion-cnn', true],
  ['run:exp2', 'exp2', 'run', 'fashion-dnn', true],
  ['zoo:fashion-cnn', 'fashion-cnn', 'zoo', 'fashion-cnn', false],
].map(([id, title, kind, model, trained]) => ({
  id,
  title,
  kind,
  model,
  data: 'fashion-mnist',
  classes: CLASSES,
  input: [1, SIDE, SIDE],
  trained,
}));

function sheetOf(query) {
  const from = Number(query.get('from') ?? 0),
    count = Number(query.get('count') ?? 40);
  const wanted = query.get('class');
  const all = TEST.labels
    .map((label, index) => ({ index, label, class: CLASSES[label] }))
    .filter((item) => wanted === null || item.label === Number(wanted));
  const items = all.slice(from, from + count);
  return ok({ items, ...sheet(items.map((item) => picture(item.index))) });
}

function dataOf(name) {
  const own = name.startsWith('/');
  const classes = CLASSES.map((label, i) =>
    own
      ? { name: label, train: 40 + 60 * i, test: 10 + i }
      : { name: label, train: 6000, test: 1000 },
  );
  const sum = (key) => classes.reduce((total, c) => total + c[key], 0);
  return ok({
    name,
    title: own ? 'photos' : 'Fashion-MNIST',
    classes,
    image: [1, SIDE, SIDE],
    uneven: own
      ? {
          en: 'The largest class has 14 times the pictures of the smallest.',
          ko: '가장 큰 클래스의 사진이 가장 작은 클래스의 14배입니다.',
        }
      : null,
    unreadable: own ? [{ name: 'train/Bag/0007.png', message: 'png: the file ends early' }] : [],
    train: sum('train'),
    test: sum('test'),
    source: own ? name : 'https://github.com/zalandoresearch/fashion-mnist',
    licence: own ? '' : 'MIT',
  });
}

function guess(seed, sure) {
  const random = draws(seed),
    scores = CLASSES.map(() => random() * 3);
  scores[seed % 10] += sure;
  const total = scores.reduce((sum, s) => sum + Math.exp(s), 0);
  return scores
    .map((score, index) => ({
      index,
      name: CLASSES[index],
      score,
      probability: Math.exp(score) / total,
    }))
    .sort((a, b) => b.probability - a.probability);
}

export function mockTraining({ publish, stepMs = 40 }) {
  const runs = firstRuns(),
    training = makeTraining(runs, publish, stepMs);
  const asked = new Map(); // a first question is answered by 202, as by a server that must compute
  let uploads = 0;
  const named = (name) => runs.find((run) => run.run === name);
  const soon = (key) => {
    const times = (asked.get(key) ?? 0) + 1;
    asked.set(key, times);
    return times < 3 ? ok({ done: times * 400, total: 1000 }, 202) : null;
  };
  const pixelsOf = (image) =>
    image?.startsWith('upload') ? picture(3) : picture(Number(image?.split(':')[1] ?? 0) % 1000);
  const withRun = (name, act) => {
    const run = named(name);
    if (!run) return error(404, 'runs: expected a run, got "' + name + '"');
    return run.state === 'running'
      ? error(409, 'runs: expected a run that is over, got "' + name + '"')
      : act(run);
  };
  const routes = {
    'GET /api/runs': () => ok(runs.map(listed)),
    'GET /api/run': (q) => {
      const run = named(q.get('run'));
      if (!run) return error(404, 'run: expected a run, got "' + q.get('run') + '"');
      return ok({
        config: run.config,
        environment: { version: '0.7.0', cpu: 'mock', threads: 2 },
        epochs: run.rows,
        steps: run.steps,
        report: run.answers ? reportOf(run) : null,
        checkpoints: run.checkpoints,
        state: run.state,
      });
    },
    'POST /api/training': (q, body) =>
      training.start(
        JSON.parse(body).runs.map((config, i) => {
          const made = makeRun(
            config.name || 'exp',
            'waiting',
            config.model,
            config.epochs ?? 5,
            0,
            config,
          );
          while (named(made.run)) made.run = 'exp' + (runs.length + 1 + i);
          return { ...made, data: config.data };
        }),
      ),
    'POST /api/runs/resume': (q, body) =>
      withRun(JSON.parse(body).run, (run) =>
        training.busy() ? error(409, 'training: expected none to run') : training.go(run),
      ),
    'POST /api/runs/rewind': (q, body) =>
      withRun(JSON.parse(body).run, (run) => {
        const { step } = JSON.parse(body),
          keep = Math.round(step / STEPS);
        run.rows.length = keep;
        run.checkpoints = run.checkpoints.filter((c) => c.step <= step);
        run.state = 'stopped';
        run.answers = undefined;
        run.steps = {
          step: run.steps.step.filter((s) => s <= step),
          loss: run.steps.loss.slice(0, keep * 6),
        };
        publish('runs', {});
        return ok({});
      }),
    'POST /api/runs/rename': (q, body) =>
      withRun(JSON.parse(body).run, (run) => {
        const { name } = JSON.parse(body);
        if (named(name)) return error(409, 'runs: name expected a new one, got "' + name + '"');
        run.run = name;
        publish('runs', {});
        return ok({ run: name });
      }),
    'POST /api/runs/delete': (q, body) =>
      withRun(JSON.parse(body).run, (run) => {
        runs.splice(runs.indexOf(run), 1);
        publish('runs', {});
        return ok({});
      }),
    'GET /api/training/filters': () => {
      const sheet = training.filters();
      return sheet ? ok(sheet) : error(404, 'filters: expected a training, got none');
    },
    'GET /api/evaluation': (q) =>
      withRun(q.get('run'), (run) =>
        !run.answers
          ? error(409, 'evaluation: expected a finished run, got "' + run.run + '"')
          : (soon('e' + run.run) ?? ok(evaluationOf(run))),
      ),
    'GET /api/evaluation/cell': (q) =>
      withRun(q.get('run'), (run) =>
        ok(
          cellOf(
            run,
            Number(q.get('truth')),
            Number(q.get('answer')),
            Number(q.get('from')),
            Number(q.get('count')),
          ),
        ),
      ),
    'GET /api/comparison': (q) =>
      soon('c' + q.get('a') + q.get('b')) ?? ok(comparisonOf(named(q.get('a')), named(q.get('b')))),
    'POST /api/upload': () => ok({ image: 'upload:' + ++uploads, width: SIDE, height: SIDE }),
    'GET /api/predict': (q) =>
      ok({
        top: guess(
          q.get('image').startsWith('upload')
            ? uploads
            : TEST.labels[Number(q.get('image').split(':')[1])],
          q.get('model') === 'run:exp' ? 6 : 4,
        ),
        prepared: dataUrl(png(SIDE, SIDE, pixelsOf(q.get('image')))),
      }),
    'GET /api/attention': (q) =>
      ok({
        title: q.get('kind'),
        blocks: [],
        document: {},
        overlay: heat(Number(q.get('class') ?? 0), q.get('kind')),
      }),
    'GET /api/data': (q) => dataOf(q.get('name')),
    'GET /api/sheet': (q) => sheetOf(q),
    'GET /api/picture': (q) => ({
      status: 200,
      type: 'image/png',
      bytes: png(SIDE, SIDE, picture(Number(q.get('index')) % 1000)),
    }),
  };
  for (const what of ['pause', 'go', 'batch', 'stop'])
    routes['POST /api/training/' + what] = () => training.act(what);
  return {
    runs,
    status: training.status,
    close: training.close,
    /** The run's process dies in the middle, as the page sees it afterwards. */
    die() {
      const run = runs.find((r) => r.state === 'running');
      training.act('stop');
      run.state = 'died';
      publish('runs', {});
    },
    answer: (method, path, query, body) => routes[`${method} ${path}`]?.(query, body),
  };
}
