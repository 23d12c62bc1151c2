import samples from "../../static/data/samples.json" with { type: "json" };

/** Pixels of one image. */
const SIZE = 28 * 28;

/** One of the test images. */
export interface Sample {
  /** Its pixels, `[28, 28]`, 255 being ink. */
  image: Uint8Array<ArrayBuffer>;
  /** Its place among the test images, from 0. */
  index: number;
}

/** Gives the next of the site's test images of a class, round and round. */
export type NextSample = (label: number) => Sample;

/**
 * Fetches the site's test images by `get`, once for all. Throws an `Error` where
 * they can't be fetched.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadSamples } from "./samples.ts";
 *
 * const next = await loadSamples(() => Promise.resolve(new Response(new Uint8Array(200 * 784))));
 * assertEquals([next(7).index, next(0).index], [0, 3]); // the test set begins with 7, 2, 1, 0
 * ```
 */
export async function loadSamples(
  get: (path: string) => Promise<Response>,
): Promise<NextSample> {
  const response = await get(samples.file);
  const pixels = new Uint8Array(await response.arrayBuffer());
  if (!response.ok || pixels.length !== samples.classes.length * SIZE) {
    throw new Error(
      `Cannot load ${samples.file}: it must have ${
        samples.classes.length * SIZE
      } bytes: the server answers ${response.status} and ${pixels.length} bytes`,
    );
  }
  const shown = new Map<number, number>();
  return (label) => {
    const places = [...samples.classes.keys()]
      .filter((place) => samples.classes[place] === label);
    const turn = shown.get(label) ?? 0;
    shown.set(label, turn + 1);
    const place = places[turn % places.length];
    return {
      image: pixels.slice(place * SIZE, (place + 1) * SIZE),
      index: samples.indices[place],
    };
  };
}
