// What the server says of a network on an image.
import type { Likely } from '../base/types';
import type { Sheet } from '../base/TileSheet';

export interface Node {
  name: string;
  type: string;
  inputs: string[];
  output: number[];
  milliseconds: number;
  multiply_adds: number;
  parameters: number;
  /** Feature maps of two dimensions; 0: it gives none. */
  maps: number;
  sweeps: boolean;
  walks: boolean;
}

export interface NetworkInfo {
  answer: { top: Likely[]; label: string | null };
  milliseconds: number;
  multiply_adds: number;
  /** Sizes of the image as the model takes it. */
  input?: number[];
  nodes: Node[];
  class: { index: number; name: string };
}

/** Maps as a sheet, or a vector's values. */
export interface Maps extends Partial<Sheet> {
  layer: string;
  type: string;
  values?: number[];
  names?: string[] | null;
}

export interface MapValues { channel: number; rows: number; columns: number; values: number[] }

export interface Frame {
  layer: string;
  type: string;
  input: MapValues;
  output: MapValues;
  windows: { kernel: number[]; stride: number[]; dilation: number[]; padding_begin: number[];
    padding_end: number[] } | null;
  filter: { rows: number; columns: number; values: number[] } | null;
  input_channels: number;
  output_channels: number;
  formula: string | null;
}

/** What is looked at. */
export interface Look {
  model: string;
  image: string;
  class: string | undefined;
  gradients: boolean;
  /** Counts the moves of a model that learns: what was asked before is old. */
  turn: number;
}

/** The words of an address that looks. */
export const wordsOf = (look: Look): Record<string, string | number | undefined> => ({
  model: look.model, image: look.image, class: look.class, gradients: look.gradients ? 1 : undefined });
