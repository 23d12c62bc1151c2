import {
  type ImageShape,
  numberClasses,
  pixelCount,
} from "../../core/data/dataset.ts";
import { seePicture } from "../../core/data/drawing/see_picture.ts";
import { checkClassNames } from "../../core/data/formats/compose_dataset.ts";
import {
  resizeImage,
  toGrey,
} from "../../core/data/formats/pictures/convert_images.ts";
import { decodePicture } from "../../core/data/formats/pictures/decode_picture.ts";
import {
  MOST_PICTURE_BYTES,
  type Picture,
} from "../../core/data/formats/pictures/picture.ts";
import { readRegularFile } from "../../core/files/read_regular_file.ts";
import { formOf } from "../../core/models/formats/teacher.ts";
import type { ReadingValues } from "../options/reading_options.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import type { Io } from "../command.ts";
import { checkPath } from "../options/check_paths.ts";
import { readClassNames, type ScoredValues } from "../options/data_options.ts";
import { flagOf } from "../options/option.ts";
import { UsageError } from "../terminal/errors.ts";
import { readLogits } from "./read_logits.ts";

/** Grey of a pixel in a terminal, from black on. */
const SHADES = " .:-=+*#%@";
/** Most pixels beside each other that a terminal is shown, two characters each. */
const MOST_COLUMNS = 36;
/** Classes that are told, the most likely first. */
const TOLD = 3;

async function readPicture(path: string): Promise<Picture> {
  try {
    await checkPath(path, { reads: "file" });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot use --image ${path}: it must be a picture's file, or a size, as 28x28x1: there is no such file`,
    );
  }
  const bytes = await readRegularFile(path, { limit: MOST_PICTURE_BYTES });
  try {
    return await decodePicture(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`Cannot read ${path}: ${error.message}`, {
      cause: error,
    });
  }
}

/** Lines of characters that show an image, brighter where it is. */
function drawShades(pixels: Uint8Array, shape: ImageShape): string[] {
  const [height, width, channels] = shape;
  const grey = channels === 3 ? toGrey(pixels) : pixels;
  const scale = Math.min(1, MOST_COLUMNS / Math.max(height, width));
  const [tall, wide] = [height, width]
    .map((side) => Math.max(1, Math.round(side * scale)));
  const shown = resizeImage(grey, [height, width, 1], [tall, wide]);
  return Array.from({ length: tall }, (_, y) => {
    const line = [...shown.subarray(y * wide, (y + 1) * wide)].map((value) =>
      SHADES[Math.round(value / 255 * (SHADES.length - 1))].repeat(2)
    ).join("");
    return line.trimEnd();
  });
}

/** softmax of `logits`. */
function toProbabilities(logits: Float32Array): number[] {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(logits, (z) => Math.exp(z - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** Says what a model takes the picture in the file `image` for, and shows what it sees of it. */
export async function evaluatePicture(
  { file, image, backend, classes, pixels: scale, bgr, ...values }:
    & ScoredValues
    & ReadingValues
    & { image: string },
  io: Io,
): Promise<void> {
  const ofData = (["data", "labelOffset", "transpose", "skipBroken"] as const)
    .find((name) => values[name] !== undefined && values[name] !== false);
  if (ofData) {
    throw new UsageError(
      `Cannot use ${
        flagOf(ofData)
      } with a picture: it is of a dataset's images; give --image a size for those, as 28x28x1`,
    );
  }
  const picture = await readPicture(image);
  await using asked = await readLogits(file, {
    backend,
    io,
    pixels: scale,
    bgr,
  });
  const { model } = asked;
  const { input, classes: count } = formOf(model);
  const labels = "labels" in model ? model.labels : undefined;
  const classNames = classes === undefined
    ? labels ?? numberClasses(count)
    : await readClassNames(classes);
  if (classes !== undefined) checkClassNames(classNames);
  if (classNames.length !== count) {
    throw new UsageError(
      `Cannot use --classes on ${file}: it must name each of its ${count} classes: it names ${classNames.length}`,
    );
  }
  const seen = seePicture(picture, { input, classNames });
  if (!seen) {
    throw new Error(
      `Cannot read ${image}: it must show a character: no ink can be told from the paper; take the picture nearer, in more light`,
    );
  }
  const { pixels, handwriting } = seen;
  const logits = await asked.logitsOf({
    count: 1,
    shape: input,
    images: pixels,
    labels: new Uint8Array(1),
  }, () => {});
  const probabilities = toProbabilities(logits);
  const answers = classNames.map((name, label) => ({
    class: name,
    probability: probabilities[label],
  })).toSorted((a, b) => b.probability - a.probability);

  const [height, width, channels] = picture.shape;
  for (const line of drawShades(pixels, input)) io.print(line);
  io.print(
    `${cleanText(image)}, ${width} × ${height} in ${
      channels === 3 ? "colours" : "greys"
    }, ${
      handwriting
        ? "taken for handwriting: ink made light, cropped and centred"
        : "resized"
    } to ${input.join("×")}`,
  );
  io.print(
    `${cleanText(file)}: ${
      answers.slice(0, TOLD).map(({ class: name, probability }) =>
        `${cleanText(name)} ${probability.toFixed(4)}`
      ).join(", ")
    }`,
  );
  io.printJson({
    file,
    image,
    handwriting,
    seen: {
      shape: input,
      pixels: pixels.subarray(0, pixelCount(input)).toBase64(),
    },
    answer: answers[0].class,
    probabilities: answers,
  });
}
