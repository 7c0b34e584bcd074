// Settings of runs that differ.

/** Not settings of the training, but of where it is kept. */
const PLACES = new Set(['name', 'project', 'exist_ok']);

function text(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A row for each setting that is not the same in all of them, in the order of the first. */
export function differing(configs: Record<string, unknown>[]): { key: string; values: string[] }[] {
  const keys = [...new Set(configs.flatMap((config) => Object.keys(config)))];
  return keys
    .filter((key) => !PLACES.has(key))
    .map((key) => ({ key, values: configs.map((config) => text(config[key])) }))
    .filter(({ values }) => new Set(values).size > 1);
}
