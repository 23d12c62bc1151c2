import {
  fillFrame,
  type Frame,
  frameBytes,
  type HeapImages,
  isBare,
} from "../framed_images.ts";
import type { GemmKernels } from "../gemm_kernels.ts";
import type { HeapFunctions } from "../heap.ts";
import { INPUTS, OUTPUTS, TAPS } from "./matrices.ts";

/** Products of a tile, and so planes: a plane holds one of every tile. */
export const PLANES = INPUTS * INPUTS;

/**
 * Tiles at once, about: more would leave the second-level cache, fewer make short
 * products. The best of 18, 36, 54 and 72 with 32 and 64 channels and 1 MiB.
 */
const TILES = 72;

/** Bytes between planes: else all might share a few lines of a cache. */
const PLANE_GAP = 64;

/** A row of tiles of an image. */
interface TileRow {
  image: number;
  row: number;
}

/** Tiles of 4×4 outputs, of all images one after another. */
export interface Tiling {
  /** Tiles of an image, down and across. */
  down: number;
  across: number;
  /** Rows of tiles, as many at once as the cache holds. */
  groups: TileRow[][];
  /** Tiles of the largest group. */
  most: number;
}

/** The tiles of `count` images' outputs, `[height, width]` each. */
export function tileOutputs(
  count: number,
  [height, width]: readonly number[],
): Tiling {
  const [down, across] = [height, width].map((size) =>
    Math.ceil(size / OUTPUTS)
  );
  const size = Math.max(1, Math.floor(TILES / across));
  const groups: TileRow[][] = [];
  for (let index = 0; index < count * down; index++) {
    if (index % size === 0) groups.push([]);
    const [image, row] = [Math.floor(index / down), index % down];
    groups[groups.length - 1].push({ image, row });
  }
  return { down, across, groups, most: across * (groups[0]?.length ?? 0) };
}

/** `frame`, as large as the tiles of a convolution reach. */
export function frameOfTiles(frame: Frame, { down, across }: Tiling): Frame {
  return {
    ...frame,
    rows: down * OUTPUTS + TAPS - 1,
    columns: across * OUTPUTS + TAPS - 1,
  };
}

/** `[36, tiles, channels]` on the heap. */
export interface Planes {
  offset: number;
  channels: number;
  /** Bytes from a plane to the next. */
  size: number;
}

/** Bytes of a plane of `tiles`, with the gap after it. */
export function planeSize(tiles: number, channels: number): number {
  return 4 * tiles * channels + PLANE_GAP;
}

/** Framed images, to be read tile by tile. */
export interface TiledImages {
  images: HeapImages;
  frame: Frame;
  /** Where an image that isn't its own frame is put, of `bufferBytes`. */
  buffer: number;
  /** Makes the planes of a tile. */
  transform: HeapFunctions[string];
}

/** Bytes that images in `frame` need for a buffer. */
export function bufferBytes(images: HeapImages, frame: Frame): number {
  return isBare(images, frame) ? 0 : frameBytes(images, frame);
}

/**
 * A function that transforms the tiles of a group into planes. Groups come in
 * order: the buffer holds one image at a time.
 */
export function tileReader(
  kernels: GemmKernels,
  { images, frame, buffer, transform }: TiledImages,
  { across }: Tiling,
): (group: TileRow[], planes: Planes) => void {
  const size = frameBytes(images, frame);
  const bare = isBare(images, frame);
  if (!bare) kernels.zero(buffer, size);
  const pixel = 4 * images.channels;
  const rowBytes = frame.columns * pixel;
  let held = -1;
  return (group, planes) => {
    let to = planes.offset;
    for (const { image, row } of group) {
      if (!bare && held !== image) {
        fillFrame(kernels, images, image, frame, buffer);
        held = image;
      }
      let from = bare ? images.offset + image * size : buffer;
      from += row * OUTPUTS * rowBytes;
      for (let column = 0; column < across; column++) {
        transform(
          from,
          rowBytes,
          pixel,
          to,
          INPUTS * planes.size,
          planes.size,
          images.channels / 4,
        );
        from += OUTPUTS * pixel;
        to += pixel;
      }
    }
  };
}

/** A function that transforms a group's planes into tiles of `[…, height, width, channels]`. */
export function tileWriter(
  kernels: GemmKernels,
  transform: HeapFunctions[string],
  { offset, height, width, scratch }: {
    offset: number;
    height: number;
    width: number;
    /** Room for a tile that the image holds a part of only. */
    scratch: number;
  },
  { across }: Tiling,
): (group: TileRow[], planes: Planes) => void {
  return (group, { offset: first, size, channels }) => {
    const pixel = 4 * channels;
    let from = first;
    for (const { image, row } of group) {
      const y = row * OUTPUTS;
      const rows = Math.min(OUTPUTS, height - y);
      for (let column = 0; column < across; column++) {
        const x = column * OUTPUTS;
        const columns = Math.min(OUTPUTS, width - x);
        const whole = rows + columns === 2 * OUTPUTS;
        const to = offset + ((image * height + y) * width + x) * pixel;
        transform(
          from,
          INPUTS * size,
          size,
          whole ? to : scratch,
          (whole ? width : OUTPUTS) * pixel,
          pixel,
          channels / 4,
        );
        if (!whole) {
          const [apart, target] = [OUTPUTS * pixel, width * pixel];
          kernels.place(
            scratch,
            to,
            rows,
            columns,
            pixel,
            apart,
            target,
            pixel,
          );
        }
        from += pixel;
      }
    }
  };
}
