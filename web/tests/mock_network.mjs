// The mock server's little network, computed for real on the test images: a convolution, a ReLU, a
// pooling, a residual branch of one more convolution, and ten scores. Its answers have the form of
// /api/network, /api/maps, /api/frame and /api/layer.
import { CLASSES, SIDE, TEST, draws, picture, png, dataUrl } from './mock_pictures.mjs';
import { layerPage } from './mock_walks.mjs';

const CHANNELS = 4, HALF = SIDE / 2;
const random = draws(17);
const weights = (count, size) => Array.from({ length: count }, () => (random() * 2 - 1) * size);
const FILTERS = {
  conv1: weights(CHANNELS * 9, 0.6),
  'block.conv': weights(CHANNELS * CHANNELS * 9, 0.25),
};
const SCORES = Array.from({ length: 10 }, () => weights(CHANNELS * HALF * HALF, 0.08));

const NODES = [
  ['conv1', 'Conv2d', ['input'], [CHANNELS, SIDE, SIDE]],
  ['relu1', 'ReLU', ['conv1'], [CHANNELS, SIDE, SIDE]],
  ['pool1', 'MaxPool2d', ['relu1'], [CHANNELS, HALF, HALF]],
  ['block.conv', 'Conv2d', ['pool1'], [CHANNELS, HALF, HALF]],
  ['block.add', 'Add', ['block.conv', 'pool1'], [CHANNELS, HALF, HALF]],
  ['flatten', 'Flatten', ['block.add'], [CHANNELS * HALF * HALF]],
  ['fc', 'Linear', ['flatten'], [10]],
];

/** 3x3 with a border of zeros; `from` channels of side `side`. */
function conv(x, filters, from, side) {
  return Float32Array.from({ length: CHANNELS * side * side }, (_, at) => {
    const o = Math.floor(at / (side * side)), r = Math.floor(at / side) % side, c = at % side;
    let sum = 0;
    for (let i = 0; i < from; ++i)
      for (let k = 0; k < 9; ++k) {
        const [row, column] = [r + Math.floor(k / 3) - 1, c + (k % 3) - 1];
        if (row >= 0 && row < side && column >= 0 && column < side)
          sum += x[(i * side + row) * side + column] * filters[(o * from + i) * 9 + k];
      }
    return sum;
  });
}

const pool = (x) => Float32Array.from({ length: CHANNELS * HALF * HALF }, (_, at) => {
  const i = Math.floor(at / (HALF * HALF)), r = Math.floor(at / HALF) % HALF, c = at % HALF;
  return Math.max(...[0, 1, SIDE, SIDE + 1].map((step) => x[i * SIDE * SIDE + 2 * r * SIDE + 2 * c + step]));
});

/** The values of every layer for an image; `moved` is how far a training has come. */
function run(image, moved = 0) {
  const input = Float32Array.from(picture(image), (byte) => byte / 255);
  const of = { input };
  of.conv1 = conv(input, FILTERS.conv1.map((w, i) => w + 0.05 * moved * Math.sin(i)), 1, SIDE);
  of.relu1 = of.conv1.map((value) => Math.max(0, value));
  of.pool1 = pool(of.relu1);
  of['block.conv'] = conv(of.pool1, FILTERS['block.conv'], CHANNELS, HALF);
  of['block.add'] = of['block.conv'].map((value, i) => value + of.pool1[i]);
  of.flatten = of['block.add'];
  of.fc = Float32Array.from(SCORES, (row) => row.reduce((sum, weight, i) => sum + weight * of.flatten[i], 0));
  return of;
}

/** In place of real gradients: numbers of both signs, most of them zero. */
const gradients = (values) => values.map((value, i) => (i % 7 === 0 ? 0 : Math.sin(i) * value * 0.01));

function tiles(values, from, count, side, signs) {
  const columns = Math.min(8, count), rows = Math.ceil(count / columns);
  const pixels = new Uint8Array(columns * rows * side * side * 4).fill(255);
  for (let n = 0; n < count; ++n) {
    const map = values.subarray((from + n) * side * side, (from + n + 1) * side * side);
    const least = Math.min(...map), most = Math.max(...map), size = Math.max(-least, most) || 1;
    map.forEach((value, i) => {
      const grey = 255 * (value - least) / (most - least || 1), share = 255 * Math.abs(value) / size;
      const x = (n % columns) * side + i % side, y = Math.floor(n / columns) * side + Math.floor(i / side);
      pixels.set(!signs ? [grey, grey, grey] : value < 0 ? [255 - share, 255 - share / 2, 255]
        : [255, 255 - share / 2, 255 - share], (y * columns * side + x) * 4);
    });
  }
  return { columns, rows, width: side, height: side, count,
    png: dataUrl(png(columns * side, rows * side, pixels, 4)) };
}

const bad = (text) => ({ status: 400, json: { error: text } });
const ok = (json) => ({ status: 200, json });
const imageOf = (query) => Number((query.get('image') ?? '').split(':')[1] ?? 0) % 1000;

function networkOf(query, moved) {
  const image = imageOf(query), scores = [...run(image, moved).fc];
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((a, b) => a + b, 0);
  const top = scores.map((score, index) => ({ index, name: CLASSES[index], score, probability: powers[index] / sum }))
    .sort((a, b) => b.probability - a.probability);
  const uploaded = query.get('image').startsWith('upload');
  return ok({ answer: { top, label: uploaded ? null : CLASSES[TEST.labels[image]] }, milliseconds: 0.42,
    multiply_adds: 63504, input: [1, SIDE, SIDE], class: top[Number(query.get('class') ?? 0)],
    nodes: NODES.map(([name, type, inputs, output], i) => ({ name, type, inputs, output,
      milliseconds: [0.12, 0.02, 0.03, 0.18, 0.01, 0.002, 0.06][i],
      multiply_adds: { conv1: 28224, 'block.conv': 28224, fc: 7840 }[name] ?? 0,
      parameters: { conv1: 40, 'block.conv': 148, fc: 7850 }[name] ?? 0,
      maps: output.length === 3 ? CHANNELS : 0, sweeps: output.length === 3, walks: true })) });
}

/** The answers by address; `moved` says how far the training has come, for model=training. */
export function mockNetwork(moved = () => 0) {
  const asked = (query) => {
    const node = NODES.find(([name]) => name === query.get('layer'));
    const values = run(imageOf(query), query.get('model') === 'training' ? moved() : 0);
    const signs = query.get('gradients') === '1';
    const of = (name) => (signs ? gradients(values[name]) : values[name]);
    return node && { name: node[0], type: node[1], inputs: node[2], output: node[3], of, values, signs };
  };
  const routes = {
    '/api/network': (query) => networkOf(query, query.get('model') === 'training' ? moved() : 0),
    '/api/maps'(query) {
      const at = asked(query);
      if (!at) return bad(`maps: layer expected one of the network's, got "${query.get('layer')}"`);
      const { name, type, output } = at;
      if (output.length === 1)
        return ok({ layer: name, type, values: [...at.of(name)], names: name === 'fc' ? CLASSES : null });
      const from = Number(query.get('from') ?? 0);
      const count = Math.min(CHANNELS - from, Number(query.get('count') ?? 64));
      return ok({ layer: name, type, ...tiles(at.of(name), from, count, output[1], at.signs) });
    },
    '/api/frame'(query) {
      const at = asked(query), channel = Number(query.get('channel'));
      if (!at || !(channel < CHANNELS)) return bad('frame: channel expected in [0, 4)');
      const input = at.inputs[0], side = at.output[1], before = input === 'input' || at.type === 'MaxPool2d'
        ? SIDE : side;
      const from = input === 'input' ? 0 : channel, cut = (values, n, size) =>
        [...values.subarray(n * size * size, (n + 1) * size * size)];
      const windows = { Conv2d: { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding_begin: [1, 1],
        padding_end: [1, 1] }, MaxPool2d: { kernel: [2, 2], stride: [2, 2], dilation: [1, 1],
        padding_begin: [0, 0], padding_end: [0, 0] } }[at.type] ?? null;
      const inputs = input === 'input' ? 1 : CHANNELS;
      return ok({ layer: at.name, type: at.type, windows, input_channels: inputs, output_channels: CHANNELS,
        input: { channel: from, rows: before, columns: before, values: cut(at.of(input), from, before) },
        output: { channel, rows: side, columns: side, values: cut(at.of(at.name), channel, side) },
        filter: at.type === 'Conv2d' ? { rows: 3, columns: 3,
          values: FILTERS[at.name].slice((channel * inputs + from) * 9).slice(0, 9) } : null,
        formula: at.type === 'Conv2d' ? `(${before} - 3 + 2x1) / 1 + 1 = ${side}`
          : at.type === 'MaxPool2d' ? '(28 - 2) / 2 + 1 = 14' : null });
    },
    '/api/layer'(query) {
      const at = asked(query);
      if (!at) return bad(`layer: expected one of the network's, got "${query.get('layer')}"`);
      return ok(layerPage(at, Number(query.get('channel')), query.get('at')?.split(',').map(Number) ?? null,
        FILTERS[at.name], at.inputs[0] === 'input' ? 1 : CHANNELS));
    },
  };
  return (method, path, query) => (method === 'GET' ? routes[path]?.(query) : undefined);
}
