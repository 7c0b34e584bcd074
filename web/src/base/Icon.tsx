// Small signs on buttons; what a button does is said by its words.

const PATHS = {
  play: 'M4 2.6v10.8L13 8z',
  pause: 'M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z',
  back: 'M10.5 2.5 5 8l5.5 5.5',
  on: 'M5.5 2.5 11 8l-5.5 5.5',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  sun: 'M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3'
    + 'M11 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0',
  moon: 'M13.6 9.8A6 6 0 0 1 6.2 2.4 6 6 0 1 0 13.6 9.8z',
} as const;

const FILLED: readonly string[] = ['play', 'pause'];

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class={FILLED.includes(name) ? 'icon filled' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} /></svg>
  );
}
