// Numbers as people read them.

const grouped = new Intl.NumberFormat('en');

/** 60,000 */
export const number = (value: number): string => grouped.format(value);
/** 93.4 % */
export const percent = (value: number, digits = 1): string => `${(value * 100).toFixed(digits)} %`;

/** 1.4 MB */
export function bytes(value: number): string {
  if (value < 1e3) return `${value} B`;
  const [size, unit] = value < 1e6 ? [value / 1e3, 'kB'] : value < 1e9 ? [value / 1e6, 'MB']
    : [value / 1e9, 'GB'];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

/** 7 s, 1:05, 2:03:10 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : m > 0 ? `${m}:${two(s)}` : `${s} s`;
}

/** A moment in the reader's own form; numbers are seconds since 1970. */
export const date = (value: string | number): string =>
  new Date(typeof value === 'number' ? value * 1000 : value).toLocaleString([],
    { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });

/** 1,234 or 3.05 M or 1.2 G: how many multiply-adds. */
export function count(value: number): string {
  if (value < 1e5) return number(value);
  const [size, unit] = value < 1e6 ? [value / 1e3, 'k'] : value < 1e9 ? [value / 1e6, 'M']
    : [value / 1e9, 'G'];
  return `${size.toPrecision(3)} ${unit}`;
}

/** A value with few digits: 0.1234, 12.3, 1.2e-7. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0 || Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e6 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
