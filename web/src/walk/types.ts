// Walks as the server tells them: explain::to_page. A new operation needs nothing here.
import type { Text } from '../base/i18n';

/** Numbers that JSON does not have are "nan", "inf" and "-inf". */
export type Num = number | string;

export interface Grid {
  title: Text;
  look: 'numbers' | 'shades';
  slices: number;
  rows: number;
  columns: number;
  values: Num[];
  padding_rows: number;
  padding_columns: number;
  grows: boolean;
}

export interface Mark {
  role: 'read' | 'weigh' | 'chosen' | 'write';
  grid: number;
  row: number;
  column: number;
  rows: number;
  columns: number;
  row_step: number;
  column_step: number;
  slice: number;
  slices: number;
}

export interface Stop { title: Text; lines: string[]; note: Text; marks: Mark[] }

export interface Board {
  kind: 'board';
  title: Text;
  grids: Grid[];
  signs: string[];
  stops: Stop[];
  only: number | null;
}
export interface Note { kind: 'note'; look: 'paragraph' | 'formula' | 'code'; text: Text }
export interface TableBlock { kind: 'table'; title: Text; headings: Text[]; rows: Text[][] }
export interface Chart {
  kind: 'chart';
  title: Text;
  x_label: Text;
  y_label: Text;
  series: { name: Text; look: 'bars' | 'line'; x: number[]; y: number[] }[];
}
export interface SheetBlock {
  kind: 'sheet';
  title: Text;
  columns: number;
  pictures: { caption: Text; width: number; height: number; png: string }[];
}
export interface Diagram {
  kind: 'diagram';
  title: Text;
  boxes: { label: Text; detail: Text }[];
  arrows: { from: number; to: number; label: Text }[];
}
export type Block = Board | Note | TableBlock | Chart | SheetBlock | Diagram;
export interface Walk { title: Text; blocks: Block[]; document: unknown }
