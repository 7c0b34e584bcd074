// What the form of a training holds, as text like its fields, and what is sent of it.

export type Defaults = Record<string, unknown>;

/** Fields by the keys of config.toml. */
export type Fields = Record<string, string>;

/** How a field is asked for, beside its words. */
export interface NumberField {
  key: string;
  whole: boolean;
  least: number;
  most?: number;
  basic?: boolean;
  own?: boolean; // only of a folder of pictures
}

export const NUMBERS: NumberField[] = [
  { key: 'epochs', whole: true, least: 1, basic: true },
  { key: 'batch_size', whole: true, least: 1, basic: true },
  { key: 'lr', whole: false, least: 0, basic: true },
  { key: 'limit_train', whole: true, least: 0, basic: true },
  { key: 'val_fraction', whole: false, least: 0, most: 0.9 },
  { key: 'weight_decay', whole: false, least: 0 },
  { key: 'label_smoothing', whole: false, least: 0, most: 0.9 },
  { key: 'limit_test', whole: true, least: 0 },
  { key: 'patience', whole: true, least: 0 },
  { key: 'seed', whole: true, least: 0 },
  { key: 'log_every', whole: true, least: 0 },
  { key: 'image_size', whole: true, least: 0, own: true },
];

export type Preset = 'quick' | 'chapter' | 'careful';

/** Fields that a preset sets; all others are as the defaults have them. */
export const PRESETS: Record<Preset, Fields> = {
  quick: { epochs: '2', limit_train: '6000', limit_test: '2000', log_every: '1' },
  chapter: {},
  careful: { epochs: '15', schedule: 'onecycle', augment: 'flip+crop', val_fraction: '0.1' },
};

export function fieldsOf(defaults: Defaults, preset: Preset): Fields {
  const fields: Fields = {};
  for (const key of ['data', 'optimizer', 'schedule', 'augment', ...NUMBERS.map((n) => n.key)]) {
    const value = defaults[key];
    fields[key] = value === null || value === undefined ? '' : String(value);
  }
  return { ...fields, ...PRESETS[preset] };
}

/** The settings that differ from the defaults, as config.toml has them. */
export function settingsOf(fields: Fields, defaults: Defaults): Record<string, unknown> {
  const settings: Record<string, unknown> = { data: fields.data };
  for (const key of ['optimizer', 'schedule', 'augment'])
    if (fields[key]) settings[key] = fields[key];
  for (const { key } of NUMBERS) {
    const text = (fields[key] ?? '').trim();
    if (text !== '' && String(defaults[key] ?? '') !== text) settings[key] = Number(text);
  }
  return settings;
}

export const wordsOf = (augment: string): string[] =>
  augment.split('+').filter((word) => word !== '' && word !== 'none');

/** The augmentation with a word more or less. */
export function toggled(augment: string, word: string): string {
  const words = wordsOf(augment);
  const rest = words.filter((other) => other.split(':')[0] !== word);
  return (rest.length < words.length ? rest : [...words, word]).join('+') || 'none';
}
