import type { RuntimeTask } from "./serve_runtime.ts";

/** How images become what a model reads. */
export interface PixelLayout {
  /** As numbers: pixels of 0 to 1, scaled and normalised. */
  floats(images: Uint8Array): Float32Array<ArrayBuffer>;
  /** As they are, but for their order. */
  bytes(images: Uint8Array): Uint8Array<ArrayBuffer>;
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
  { channelsFirst }: { channelsFirst: boolean },
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
  /** Calls `put` with where each byte goes, where it lies, and its channel there. */
  const lay = (
    images: Uint8Array,
    put: (to: number, from: number, channel: number) => void,
  ) => {
    for (let channel = 0; channel < channels; channel++) {
      const source = bgr ? channels - 1 - channel : channel;
      const [begin, step] = channelsFirst
        ? [channel * places, 1]
        : [channel, channels];
      for (let first = 0; first < images.length; first += size) {
        let to = first + begin;
        for (let from = source; from < size; from += channels, to += step) {
          put(to, first + from, channel);
        }
      }
    }
  };
  return {
    floats(images) {
      const laid = new Float32Array(images.length);
      lay(
        images,
        (to, from, channel) => laid[to] = tables[channel][images[from]],
      );
      return laid;
    },
    bytes(images) {
      const laid = new Uint8Array(images.length);
      lay(images, (to, from) => laid[to] = images[from]);
      return laid;
    },
  };
}
