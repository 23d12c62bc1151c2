import type { RuntimeTask } from "./serve_runtime.ts";

/** How images become what a model reads: an array that the next are laid in too. */
export interface PixelLayout {
  /** As numbers: pixels of 0 to 1, scaled and normalised. */
  floats(images: Uint8Array): Float32Array<ArrayBuffer>;
  /** As they are, but for their order. */
  bytes(images: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** What a model declares: numbers, or names of what may be any. */
export type Extents = readonly (number | string)[];

/** How a model reads images. */
export interface ImageLayout {
  /** Extents of one image, in the model's order. */
  shape: number[];
  channelsFirst: boolean;
  /** How many it takes at once; null where it may be any. */
  batch: number | null;
}

/** Pixels that a model may take at once. */
const MOST_PIXELS = 2 ** 28;

/** How a model reads images, by what it declares: in which order, and how many at once. */
export function readLayout(
  [batch, ...declared]: Extents,
  [height, width, channels]: RuntimeTask["input"],
): ImageLayout {
  const fits = (shape: number[]) =>
    shape.length === declared.length &&
    declared.every((extent, axis) =>
      typeof extent === "string" || extent === shape[axis]
    );
  const first = [channels, height, width];
  const last = [
    [height, width, channels],
    ...(channels === 1 ? [[height, width]] : []),
    [height * width * channels],
  ];
  const shape = [first, ...last].find(fits);
  if (!shape) {
    throw new Error(
      `its input must be an image of ${height}×${width}×${channels}: it is ${
        declared.join("×")
      }`,
    );
  }
  const fixed = typeof batch === "number" ? batch : null;
  if ((fixed ?? 1) * height * width * channels > MOST_PIXELS) {
    throw new Error(
      `it must take at most ${MOST_PIXELS} pixels at once: it takes ${fixed} images`,
    );
  }
  return {
    shape,
    channelsFirst: shape === first,
    batch: fixed,
  };
}

/**
 * What `ask` says of `images`, so many at a time as the model takes: what isn't there then
 * is black. Throws an `Error` unless it gives each image its numbers.
 */
export async function answerInBatches(
  images: Uint8Array<ArrayBuffer>,
  { input, classes }: Pick<RuntimeTask, "input" | "classes">,
  { batch }: Pick<ImageLayout, "batch">,
  ask: (images: Uint8Array, count: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const size = input.reduce((a, b) => a * b);
  const count = images.length / size;
  if (batch === null || batch === count) return await ask(images, count);
  const answers = new Float32Array(count * classes);
  for (let first = 0; first < count; first += batch) {
    const part = new Uint8Array(batch * size);
    part.set(images.subarray(first * size, (first + batch) * size));
    const wanted = Math.min(batch, count - first) * classes;
    const answer = await ask(part, batch);
    if (answer.length !== batch * classes) {
      throw new Error(
        `it must give ${classes} numbers an image: it gives ${answer.length} of ${batch} images`,
      );
    }
    answers.set(answer.subarray(0, wanted), first * classes);
  }
  return answers;
}

/** Values of a byte. */
const LEVELS = 256;

/**
 * How images `[n, h, w, c]` become what a model reads: in the order of its axes and of its
 * channels, and, as floats, (pixel · scale − mean) / deviation of pixels from 0 to 1, which
 * is looked up by byte and channel.
 */
export function layPixels(
  { input: [height, width, channels], pixels, bgr }: RuntimeTask,
  { channelsFirst }: Pick<ImageLayout, "channelsFirst">,
): PixelLayout {
  const places = height * width;
  const size = places * channels;
  const of = (values: number[] | undefined, channel: number, usual: number) =>
    values?.[values.length === 1 ? 0 : channel] ?? usual;
  const tables = Array.from(
    { length: channels },
    (_, channel) =>
      Float32Array.from(
        { length: LEVELS },
        (_, byte) =>
          (byte / 255 * (pixels?.scale ?? 1) - of(pixels?.mean, channel, 0)) /
          of(pixels?.deviation, channel, 1),
      ),
  );
  const same = Uint8Array.from({ length: LEVELS }, (_, byte) => byte);
  /** Puts what `tables` have of each channel's bytes where the model reads it. */
  const lay = <Pixels extends Float32Array | Uint8Array>(
    images: Uint8Array,
    tables: readonly Pixels[],
    laid: Pixels,
  ) => {
    for (let channel = 0; channel < channels; channel++) {
      const table = tables[channel];
      const source = bgr ? channels - 1 - channel : channel;
      const [begin, step] = channelsFirst
        ? [channel * places, 1]
        : [channel, channels];
      for (let first = 0; first < images.length; first += size) {
        let to = first + begin;
        for (let from = source; from < size; from += channels, to += step) {
          laid[to] = table[images[first + from]];
        }
      }
    }
    return laid;
  };
  let floats = new Float32Array(0);
  let bytes = new Uint8Array(0);
  return {
    floats(images) {
      if (floats.length !== images.length) {
        floats = new Float32Array(images.length);
      }
      return lay(images, tables, floats);
    },
    bytes(images) {
      if (bytes.length !== images.length) {
        bytes = new Uint8Array(images.length);
      }
      return lay(images, Array(channels).fill(same), bytes);
    },
  };
}
