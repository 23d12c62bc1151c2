import type {
  ModelReading,
  PixelScale,
} from "../../core/models/formats/load_model.ts";
import { UsageError } from "../terminal/errors.ts";
import type { OptionTable, OptionValues } from "./option.ts";

/** Options of commands that take a model which may not say how it reads images. */
export const READING_OPTIONS = {
  pixels: {
    kind: "numbers",
    placeholder: "SCALE[,MEAN,STD]",
    usual: "as the model says, or 1: pixels divided by 255",
    help:
      "what white is to the model, 1 or 255, then what it is normalised by: for all channels, or all means, then all deviations",
  },
  bgr: {
    kind: "boolean",
    help: "the model reads blue first, then green and red",
  },
} as const satisfies OptionTable;

/** What a command is told of how a model reads images. */
export type ReadingValues = Partial<OptionValues<typeof READING_OPTIONS>>;

/** What `values` say of how a model reads images. Throws what {@linkcode readPixels} throws. */
export function readReading({ pixels, bgr }: ReadingValues): ModelReading {
  return { pixels: readPixels(pixels), bgr };
}

/**
 * What `--pixels` says: the model reads (pixel · SCALE − MEAN) / STD of pixels of 0 to 1.
 * Throws a `UsageError` where the numbers can't be that.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readPixels } from "./reading_options.ts";
 *
 * assertEquals(readPixels([1, 0.1307, 0.3081]), { scale: 1, mean: [0.1307], deviation: [0.3081] });
 * assertEquals(readPixels([255]), { scale: 255, mean: [0], deviation: [1] });
 * ```
 */
export function readPixels(
  numbers: readonly number[] | undefined,
): PixelScale | undefined {
  if (numbers === undefined) return undefined;
  const [scale, ...rest] = numbers;
  const channels = rest.length / 2;
  const mean = rest.slice(0, channels);
  const deviation = rest.slice(channels);
  if (
    Number.isInteger(channels) && scale !== 0 &&
    deviation.every((each) => each > 0)
  ) {
    return rest.length === 0
      ? { scale, mean: [0], deviation: [1] }
      : { scale, mean, deviation };
  }
  throw new UsageError(
    `Cannot use --pixels ${numbers.join()}: it must be a scale other than 0, then as many means as deviations above 0: 1,0.1307,0.3081`,
  );
}

/**
 * Throws where `values` say something of the model `name`, which says itself what it reads.
 */
export function refuseReading(
  name: string,
  { pixels, bgr }: ReadingValues,
): void {
  if (!pixels && !bgr) return;
  const [flag, reads] = pixels
    ? ["--pixels", "pixels divided by 255"]
    : ["--bgr", "red first"];
  throw new UsageError(
    `Cannot use ${flag} on ${name}: it says itself that it reads ${reads}; leave it out`,
  );
}
