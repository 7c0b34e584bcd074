// Walks of the mock server, in the form of explain::to_page: a value of a layer taken apart, topics of
// the chapter with numbers of one's own, and the chapter with a few figures.
const four = (value) => String(Number(value.toPrecision(4)));
const both = (en, ko) => ({ en, ko });
const grid = (title, rows, columns, values, more = {}) => ({ title, look: 'numbers', slices: 1, rows, columns,
  values, padding_rows: 0, padding_columns: 0, grows: false, ...more });
const mark = (role, of, row, column, rows = 1, columns = rows, more = {}) => ({ role, grid: of, row, column,
  rows, columns, row_step: 1, column_step: 1, slice: 0, slices: 1, ...more });
const note = (text, look = 'paragraph') => ({ kind: 'note', look, text });

/** One value of a layer: of a convolution its window, filter and products, of others what it is. */
export function layerPage({ name, type, of, values, inputs, output, signs }, channel, at, filters, from) {
  const [row, column] = at ?? [0, 0], side = output[1] ?? 0;
  const value = at ? of(name)[(channel * side + row) * side + column] : of(name)[channel];
  const place = at ? both(`${name} (${type}): channel ${channel}, row ${row}, column ${column}`,
    `${name} (${type}): 채널 ${channel}, ${row}행 ${column}열`)
    : both(`${name} (${type}): value ${channel}`, `${name} (${type}): ${channel}번 값`);
  if (signs)
    return { title: place, document: { gradient: value }, blocks: [note(both(
      `The gradient that arrived here is ${four(value)}.`, `여기까지 돌아온 기울기는 ${four(value)}입니다.`))] };
  if (type !== 'Conv2d')
    return { title: place, document: { value }, blocks: [note(both('The value at this place.', '이 자리의 값입니다.')),
      note(four(value), 'formula')] };
  const x = values[inputs[0]], boards = [];
  let sum = 0;
  for (let i = 0; i < from; ++i) {
    const weights = filters.slice((channel * from + i) * 9).slice(0, 9);
    const window = weights.map((_, k) => {
      const [r, c] = [row + Math.floor(k / 3) - 1, column + (k % 3) - 1];
      return r >= 0 && r < side && c >= 0 && c < side ? x[(i * side + r) * side + c] : 0;
    });
    const products = window.map((one, k) => one * weights[k]), part = products.reduce((a, b) => a + b, 0);
    sum += part;
    boards.push({ kind: 'board', title: '', signs: ['', 'x', '='], only: null, grids: [
      grid(both(`input channel ${i}`, `입력 채널 ${i}`), side, side, [...x.subarray(i * side * side).subarray(0, side * side)],
        { look: 'shades' }),
      grid(both('window', '창'), 3, 3, window), grid(both('filter', '필터'), 3, 3, weights),
      grid(both('products', '곱'), 3, 3, products)],
    stops: [{ title: both(`Channel ${i}`, `채널 ${i}`), note: '', marks: [mark('read', 0, row - 1, column - 1, 3)],
      lines: [`${window.map((one, k) => `(${four(one)}x${four(weights[k])})`).join('+')} = ${four(part)}`] }] });
  }
  return { title: place, document: { sum }, blocks: [note(both('Each value under the window times the filter\'s value.',
    '창 아래의 값마다 필터의 값을 곱합니다.')), ...boards, note(`sum = ${four(sum)}`, 'formula')] };
}

const flags = (args) => (name, usual) => (args.includes(name) ? args[args.indexOf(name) + 1] : usual);
const rowsOf = (text) => text.split(';').map((row) => row.trim().split(/\s+/).map(Number));

function convPage(args) {
  const flag = flags(args), colour = flag('--example') === 'color', slices = colour ? 3 : 1;
  const image = rowsOf(flag('--image', '1 0 0 0 0 1; 0 1 0 0 1 0; 0 0 1 1 0 0; 1 0 0 0 1 0; 0 1 0 0 1 0; 0 0 1 0 1 0'));
  const kernel = rowsOf(flag('--kernel', '1 0 1; 0 1 0; 1 0 1')), pad = Number(flag('--padding', '0'));
  if (image.flat().some(Number.isNaN) || kernel.flat().some(Number.isNaN))
    return { status: 400, json: { error: 'explain conv: --image expected numbers, got a word' } };
  const stride = Number(flag('--stride', '1')), k = kernel.length, side = image.length + 2 * pad;
  const wide = image[0].length + 2 * pad;
  const padded = Array.from({ length: side * wide }, (_, i) => image[Math.floor(i / wide) - pad]?.[i % wide - pad] ?? 0);
  const out = Math.floor((side - k) / stride) + 1, outs = Math.floor((wide - k) / stride) + 1;
  const values = [], stops = [];
  for (let r = 0; r < out; ++r)
    for (let c = 0; c < outs; ++c) {
      const terms = kernel.flatMap((line, i) => line.map((weight, j) =>
        [padded[(r * stride + i) * wide + c * stride + j], weight]));
      const value = slices * terms.reduce((sum, [a, b]) => sum + a * b, 0);
      values.push(value);
      stops.push({ title: both(`Step ${stops.length + 1}: row ${r}, column ${c}`, `${stops.length + 1}단계: ${r}행 ${c}열`),
        lines: [`${terms.map(([a, b]) => `(${a}x${b})`).join('+')} = ${value}`], note: '',
        marks: [mark('read', 0, r * stride, c * stride, k, k, { slices }), mark('weigh', 1, 0, 0, k, k, { slices }),
          mark('write', 2, r, c)] });
    }
  const times = (list) => Array.from({ length: slices }, () => list).flat();
  const step = flag('--step');
  return { status: 200, json: { title: both('Convolution', '합성곱'), document: {}, blocks: [
    note(both('The kernel moves over the image.', '커널이 이미지 위를 움직입니다.')),
    note(`(${image.length} - ${k} + 2x${pad}) / ${stride} + 1 = ${out}`, 'formula'),
    { kind: 'board', title: '', signs: ['x', '='], only: step ? Number(step) - 1 : null, stops, grids: [
      grid(both('Image', '이미지'), side, wide, times(padded), { padding_rows: pad, padding_columns: pad, slices }),
      grid(both('Kernel', '커널'), k, k, times(kernel.flat()), { slices }),
      grid(both('Feature map', '특성 맵'), out, outs, values, { grows: true })] }] } };
}

function softmaxPage(args) {
  const scores = flags(args)('--scores', '2 1 0.1').split(' ').map(Number);
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const y = powers.map((power) => power / powers.reduce((a, b) => a + b, 0));
  return { status: 200, json: { title: both('Softmax', '소프트맥스'), document: {}, blocks: [
    note('p_i = e^(x_i) / (e^(x_0) + ...)', 'formula'),
    { kind: 'table', title: '', headings: [both('Class', '클래스'), both('Score', '점수'), both('Probability', '확률')],
      rows: scores.map((score, i) => [String(i), four(score), four(y[i])]) },
    { kind: 'chart', title: both('Probabilities', '확률'), x_label: both('Class', '클래스'),
      y_label: both('Probability', '확률'), series: [{ name: both('Probability', '확률'), look: 'bars',
        x: y.map((_, i) => i), y }] }] } };
}

const DIAGRAM = { status: 200, json: { title: both('Layers', '층'), document: {}, blocks: [
  { kind: 'diagram', title: both('A small network', '작은 신경망'), boxes: ['Input', 'Convolution', 'Sum'].map(
    (label) => ({ label, detail: '28x28' })), arrows: [{ from: 0, to: 1, label: '' }, { from: 1, to: 2, label: '' },
    { from: 0, to: 2, label: both('skips', '건너뜀') }] }] } };

/** GET /api/explain */
export function explain(args) {
  const topic = { conv: convPage, softmax: softmaxPage, layers: () => DIAGRAM }[args[0]];
  return topic ? topic(args) : { status: 400, json: { error: `explain: topic expected one of three, got "${args[0]}"` } };
}

/** GET /api/tour */
export const tour = (lang) => {
  const t = (en, ko) => (lang === 'ko' ? ko : en);
  return { sections: [
    { kind: 'heading', level: 1, text: t('The chapter', '그림으로 따라가는 합성곱 신경망') },
    { kind: 'text', html: `<p>${t('What a network computes.', '신경망이 무엇을 계산하는지 담았습니다.')}</p>` },
    ...[['5-2', ['layers'], t('Kinds of layer', '층의 종류')],
      ['5-5', ['conv', '--step', '2'], t('The kernel one column further', '커널이 한 열 옮겨 갔다')],
      ['5-11', ['conv', '--example', 'color'], t('A colour image', '컬러 이미지')],
      ['5-18', ['softmax'], t('Scores become probabilities', '점수가 확률이 된다')]].flatMap(([number, args, caption]) => [
      { kind: 'heading', level: 3, text: t(`Figure ${number}: ${caption}`, `그림 ${number}: ${caption}`) },
      { kind: 'figure', number, args, caption }]),
    { kind: 'heading', level: 3, text: t('Figure 5-24: Fashion-MNIST', '그림 5-24: Fashion-MNIST') },
    { kind: 'command', args: [], line: 'fovea data grid --rows 4 --columns 5 --output 5-24.svg' },
  ] };
};
