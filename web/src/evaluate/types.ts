// What the server says of how well a run answers.
import type { Text } from '../base/i18n';

export interface ClassRow {
  class: string;
  index: number;
  precision: number;
  recall: number;
  f1: number;
  support: number;
  average_precision?: number; // of several labels a picture, and so are these
  true_positives?: number;
  false_positives?: number;
  false_negatives?: number;
}

/** What `eval --json` prints. */
export interface Report {
  model: string;
  data: string;
  samples: number;
  loss: number;
  accuracy: number;
  error_rate: number;
  majority_share: number;
  warnings: string[];
  per_class: ClassRow[];
  macro_f1: number;
  confusion_matrix?: number[][]; // none of several labels a picture
  label_accuracy?: number;
  mean_average_precision?: number;
}

export interface Bin {
  from: number;
  to: number;
  count: number;
  accuracy: number;
  confidence: number;
}
export interface Mistake {
  index: number;
  truth: number;
  answer: number;
  probability: number;
}

export interface Evaluation {
  report: Report;
  pairs: { truth: number; answer: number; count: number }[];
  mistakes: Mistake[];
  calibration: { ece: number; bins: Bin[] } | null; // none of several labels a picture
}

/** Images of a cell: a sheet of equal tiles in reading order. */
export interface Cell {
  total: number;
  items: { index: number; probability: number }[];
  png: string;
  columns: number;
  rows: number;
  width: number;
  height: number;
}

export interface Comparison {
  a: { accuracy: number };
  b: { accuracy: number };
  both_right: number;
  only_a: number;
  only_b: number;
  both_wrong: number;
  p: number;
  test: 'exact' | 'chi2';
  verdict: Text;
}
