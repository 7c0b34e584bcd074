// What the server says of a data set.
import type { Text } from '../base/i18n';

export interface DataInfo {
  name: string;
  title: string;
  classes: { name: string; train: number; test: number }[];
  image: number[];
  uneven: Text | null;
  /** Null where there are too many pictures to try them all. */
  unreadable: { name: string; message: string }[] | null;
  train: number;
  test: number;
  source: string;
  licence: string;
}

export interface SampleSheet {
  columns: number;
  rows: number;
  width: number;
  height: number;
  items: { index: number; label: number; class: string }[];
  png: string;
}
