// What can be changed in a figure: for each topic of `fovea explain` the flags that a form offers.
import { both, type Text } from '../base/i18n';
import type { Board, Walk } from '../walk/types';

export interface FieldOf {
  flag: string;
  name: Text;
  /** A choice of these; without them something is typed. */
  choices?: string[];
  /** What stands there as long as nobody says otherwise; or the grid of the figure that says it. */
  usual: string | number;
  wide?: boolean;
}

const image: FieldOf = { flag: '--image', name: both('Image: rows with ; between them', '이미지 (행은 ;로 구분)'),
  usual: 0, wide: true };
const stride: FieldOf = { flag: '--stride', name: both('Stride', '스트라이드'), usual: '1' };
const padding: FieldOf = { flag: '--padding', name: both('Padding', '패딩'), usual: '0' };
const dilation: FieldOf = { flag: '--dilation', name: both('Dilation', '팽창'), usual: '1' };
const size: FieldOf = { flag: '--kernel-size', name: both('Kernel size', '커널 크기'), usual: '2' };
const scores: FieldOf = { flag: '--scores', name: both('Scores', '점수'), usual: '2 1 0.1', wide: true };

export const FIELDS: Record<string, FieldOf[]> = {
  conv: [image, { flag: '--kernel', name: both('Kernel', '커널'), usual: 1, wide: true }, stride, padding,
    dilation],
  pool: [image, { flag: '--kind', name: both('Kind', '종류'), choices: ['max', 'average', 'min', 'all'],
    usual: 'all' }, size, { ...stride, usual: '2' }, padding],
  size: [{ flag: '--input', name: both('Input size', '입력 크기'), usual: '6,6' }, { ...size, usual: '3' },
    stride, padding, dilation],
  linear: [{ flag: '--input', name: both('Input', '입력'), usual: 0, wide: true },
    { flag: '--weight', name: both('Weights: a row for each output', '가중치 (출력마다 한 행)'), usual: 2, wide: true }],
  softmax: [scores],
  'cross-entropy': [scores, { flag: '--target', name: both('True class', '정답 클래스'), usual: '1' }],
  relu: [{ flag: '--x', name: both('Numbers', '수'), usual: '-2 -1 -0.5 0 0.5 1 2', wide: true }],
  batchnorm: [{ flag: '--values', name: both('Values', '값'), usual: '2 4 4 4 5 5 7 9', wide: true },
    { flag: '--weight', name: both('Scale', '스케일'), usual: '0.5' },
    { flag: '--bias', name: both('Shift', '시프트'), usual: '2' }],
  dropout: [{ flag: '--p', name: both('Probability', '확률'), usual: '0.5' },
    { flag: '--seed', name: both('Seed', '시드'), usual: '0' }],
  sizes: [{ flag: '--input-shape', name: both('Input shape', '입력 형태'), usual: '1x28x28' }],
};

/** The words of a figure with other values for some flags. A figure of one step shows the whole way
    once its numbers are one's own; one of the chapter's examples keeps what nobody has changed of it. */
export function changed(args: string[], values: Record<string, string>, own: Walk | null): string[] {
  const typedIn = (flag: string) => (values[flag] ?? '').trim() !== '';
  const leaves = args.includes('--example') && (typedIn('--image') || typedIn('--kernel'));
  const example = leaves && own ? { '--image': typed(own, 0), '--kernel': typed(own, 1) } : {};
  const set = Object.entries({ ...example, ...values }).filter(([, value]) => value.trim() !== '');
  if (set.length === 0) return args;
  const dropped = new Set(['--step', ...set.map(([flag]) => flag), ...(leaves ? ['--example'] : [])]);
  const kept: string[] = [];
  for (let i = 0; i < args.length; ++i) {
    if (dropped.has(args[i]!)) ++i;
    else kept.push(args[i]!);
  }
  return [...kept, ...set.flatMap(([flag, value]) => [flag, value.trim()])];
}

/** What a figure's own words say of a flag. */
function toldOf(args: string[], flag: string): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args[at + 1];
}

/** A grid of the walk as a flag takes it: rows with ; and slices with | between them. */
function typed(walk: Walk, grid: number): string {
  const board = walk.blocks.find((block): block is Board => block.kind === 'board');
  const of = board?.grids[grid];
  if (!of || of.padding_rows > 0 || of.padding_columns > 0) return '';
  const row = (at: number) => of.values.slice(at * of.columns, (at + 1) * of.columns).join(' ');
  const slice = (at: number) => Array.from({ length: of.rows }, (_, r) => row(at * of.rows + r)).join('; ');
  return Array.from({ length: of.slices }, (_, s) => slice(s)).join(' | ');
}

/** What a field says as long as nobody has typed in it. */
export function usualOf(field: FieldOf, args: string[], walk: Walk | null): string {
  const told = toldOf(args, field.flag);
  if (told !== undefined) return told;
  return typeof field.usual === 'string' ? field.usual : walk ? typed(walk, field.usual) : '';
}
