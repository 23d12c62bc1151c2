/** Pixels along each edge of what a model sees. */
const EDGE = 28;

/**
 * Paints an image `[28, 28]` of shares of ink over all of a square canvas of `side`
 * pixels: hard edges, on whole pixels, so that no seams show.
 */
export function paintPixels(
  context: CanvasRenderingContext2D,
  side: number,
  { pixels, ink }: { pixels: Float32Array; ink: string },
): void {
  const edges = Array.from(
    { length: EDGE + 1 },
    (_, i) => Math.round(i * side / EDGE),
  );
  context.fillStyle = ink;
  pixels.forEach((share, i) => {
    if (share === 0) return;
    const [row, column] = [Math.floor(i / EDGE), i % EDGE];
    const [x, y] = [edges[column], edges[row]];
    context.globalAlpha = share;
    context.fillRect(x, y, edges[column + 1] - x, edges[row + 1] - y);
  });
  context.globalAlpha = 1;
}
