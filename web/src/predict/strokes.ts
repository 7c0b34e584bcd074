// What is drawn on the pad: strokes, so that the last can be taken back.

export interface Stroke {
  size: number; // of the brush, as a share of the pad's side
  shade: number; // 0 black to 255 white
  points: { x: number; y: number }[]; // shares of the pad's side
}

/** Draws all strokes on black, which is what the clothes and digits of the data sets lie on. */
export function paint(context: CanvasRenderingContext2D, strokes: Stroke[]): void {
  const side = context.canvas.width;
  context.fillStyle = '#000000';
  context.fillRect(0, 0, side, side);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) {
    const [first, ...rest] = stroke.points;
    if (!first) continue;
    context.strokeStyle = `rgb(${stroke.shade} ${stroke.shade} ${stroke.shade})`;
    context.lineWidth = stroke.size * side;
    context.beginPath();
    context.moveTo(first.x * side, first.y * side);
    // A line to the same place is a dot, thanks to its round ends.
    if (rest.length === 0) context.lineTo(first.x * side, first.y * side);
    for (const point of rest) context.lineTo(point.x * side, point.y * side);
    context.stroke();
  }
}

export function bytesOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('canvas: expected a picture, got none'))),
      'image/png',
    ),
  );
}
