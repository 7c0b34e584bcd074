// Pictures for the mock server: Fashion-MNIST where the machine has it, drawn shapes elsewhere, and
// the little of PNG that it takes to send them.
import { existsSync, readFileSync } from 'node:fs';
import { deflateSync, gunzipSync } from 'node:zlib';

const FOLDER = '/usr/share/datasets/fashion-mnist/';
export const CLASSES = [
  'T-Shirt',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle Boot',
];
export const SIDE = 28;

/** Numbers in [0, 1) that are the same in every run. */
export function draws(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function drawn(count) {
  const random = draws(7);
  const labels = Array.from({ length: count }, (_, i) => (i * 7 + 9) % 10);
  const pixels = new Uint8Array(count * SIDE * SIDE);
  labels.forEach((label, n) => {
    const wide = 5 + label,
      high = 14 - label / 2;
    for (let y = 0; y < SIDE; ++y)
      for (let x = 0; x < SIDE; ++x)
        if (Math.abs(x - 14) < wide && Math.abs(y - 14) < high)
          pixels[n * 784 + y * SIDE + x] = 120 + 100 * random();
  });
  return { labels, pixels };
}

function loaded(count) {
  if (!existsSync(FOLDER + 't10k-images-idx3-ubyte.gz')) return drawn(count);
  const read = (name) => gunzipSync(readFileSync(FOLDER + name));
  return {
    labels: [...read('t10k-labels-idx1-ubyte.gz').subarray(8, 8 + count)],
    pixels: new Uint8Array(read('t10k-images-idx3-ubyte.gz').subarray(16, 16 + count * 784)),
  };
}

export const TEST = loaded(1000);

// zlib.crc32 came with node 20.15; Debian 12 has 18.
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Bytes of a PNG. `channels` is 1 (grey) or 4 (RGBA). */
export function png(width, height, pixels, channels = 1) {
  const chunk = (type, data) => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  head[9] = channels === 1 ? 0 : 6;
  const rows = Buffer.alloc(height * (width * channels + 1));
  for (let y = 0; y < height; ++y)
    Buffer.from(pixels.buffer, pixels.byteOffset + y * width * channels, width * channels).copy(
      rows,
      y * (width * channels + 1) + 1,
    );
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export const dataUrl = (bytes) => 'data:image/png;base64,' + bytes.toString('base64');

export const picture = (index) => TEST.pixels.subarray(index * 784, index * 784 + 784);

/** A sheet of equal tiles in reading order, as the server sends it. */
export function sheet(tiles, side = SIDE, columns = Math.min(8, Math.max(tiles.length, 1))) {
  const rows = Math.max(Math.ceil(tiles.length / columns), 1);
  const all = new Uint8Array(columns * rows * side * side);
  tiles.forEach((tile, n) => {
    const left = (n % columns) * side,
      top = Math.floor(n / columns) * side;
    for (let y = 0; y < side; ++y)
      all.set(tile.subarray(y * side, (y + 1) * side), (top + y) * columns * side + left);
  });
  return {
    columns,
    rows,
    width: side,
    height: side,
    png: dataUrl(png(columns * side, rows * side, all)),
  };
}

/** Filters that grow from noise into edges as `progress` goes from 0 to 1. */
export function filters(progress, count = 32) {
  const random = draws(3);
  const tiles = Array.from({ length: count }, (_, n) => {
    const angle = (n * Math.PI) / count,
      tile = new Uint8Array(9);
    for (let i = 0; i < 9; ++i) {
      const edge = Math.cos(angle) * ((i % 3) - 1) + Math.sin(angle) * (Math.floor(i / 3) - 1);
      tile[i] = 128 + 100 * (progress * edge + (1 - progress) * (random() * 2 - 1));
    }
    return tile;
  });
  return sheet(tiles, 3, 8);
}

/** A soft spot of heat with transparency, as /api/attention lays it over. */
export function heat(index, kind) {
  const rgba = new Uint8Array(SIDE * SIDE * 4),
    cx = 8 + (index % 12),
    cy = kind.length + 4;
  for (let y = 0; y < SIDE; ++y)
    for (let x = 0; x < SIDE; ++x) {
      const near = Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 40);
      rgba.set([213, 94, 0, 255 * near], (y * SIDE + x) * 4);
    }
  return dataUrl(png(SIDE, SIDE, rgba, 4));
}
