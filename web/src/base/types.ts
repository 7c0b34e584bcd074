// What several tabs get from the server.

export interface Model {
  id: string;
  title: string;
  kind: 'run' | 'file' | 'zoo' | 'training';
  model: string;
  data: string;
  classes: string[];
  input: number[];
  trained: boolean;
}

export interface Likely { index: number; name: string; probability: number; score?: number }
