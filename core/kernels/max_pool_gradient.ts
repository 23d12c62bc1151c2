/** Where the windows of a pooling layer lie on its `[n, h, w, c]` input. */
export interface PoolGeometry {
  batchSize: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  effectiveFilterHeight: number;
  effectiveFilterWidth: number;
  padInfo: { top: number; left: number };
}

/**
 * ∂L/∂x of max-pooling: each output's gradient goes to the first largest input
 * of its window, and overlapping windows add up.
 *
 * x and dx `[n, h, w, c]`, dy `[n, h′, w′, c]`, row-major; `dx` is overwritten.
 */
export function maxPoolGradient(
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
  dx: Float32Array,
  geometry: PoolGeometry,
): void {
  const { batchSize, inHeight, inWidth, inChannels, padInfo } = geometry;
  const { outHeight, outWidth, strideHeight, strideWidth } = geometry;
  dx.fill(0);
  let output = 0;
  for (let n = 0; n < batchSize; n++) {
    const image = n * inHeight * inWidth * inChannels;
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const top = outRow * strideHeight - padInfo.top;
      const bottom = Math.min(inHeight, top + geometry.effectiveFilterHeight);
      const firstRow = firstInside(top, geometry.dilationHeight);
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * strideWidth - padInfo.left;
        const right = Math.min(inWidth, left + geometry.effectiveFilterWidth);
        const firstColumn = firstInside(left, geometry.dilationWidth);
        for (let channel = 0; channel < inChannels; channel++, output++) {
          let largest = -Infinity;
          let winner = -1;
          for (let r = firstRow; r < bottom; r += geometry.dilationHeight) {
            const row = image + r * inWidth * inChannels + channel;
            for (let c = firstColumn; c < right; c += geometry.dilationWidth) {
              const value = x[row + c * inChannels];
              if (value > largest) {
                largest = value;
                winner = row + c * inChannels;
              }
            }
          }
          if (winner >= 0) dx[winner] += dy[output];
        }
      }
    }
  }
}

/** The first index of a dilated window that isn't padding. */
function firstInside(start: number, dilation: number): number {
  while (start < 0) start += dilation;
  return start;
}
