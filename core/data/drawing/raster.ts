/** An image of ink, row-major: 0 is paper, 1 is ink. */
export interface Raster {
  /** `[height, width]` */
  pixels: Float32Array<ArrayBuffer>;
  width: number;
  height: number;
}
