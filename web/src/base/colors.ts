// Colours for numbers: those of the pictures that the server draws (io/colors.h).

export type Rgb = [number, number, number];

const BLUES = [[247, 251, 255], [107, 174, 214], [8, 48, 107]] as const;
const BELOW = [0, 95, 170] as const, ABOVE = [200, 75, 0] as const;

/** Pale (0) to deep blue (1). */
export function heat(share: number): Rgb {
  const at = Math.min(1, Math.max(0, share || 0)) * 2;
  const low = at < 1 ? 0 : 1, weight = at - low;
  return [0, 1, 2].map((c) =>
    Math.round(BLUES[low]![c]! + (BLUES[low + 1]![c]! - BLUES[low]![c]!) * weight)) as Rgb;
}

/** Blue below zero, white at it, orange above. */
export function signed(share: number): Rgb {
  const size = Math.min(1, Math.abs(share || 0)), end = share < 0 ? BELOW : ABOVE;
  return [0, 1, 2].map((c) => Math.round(255 + size * (end[c]! - 255))) as Rgb;
}
