/**
 * Writes pictures of shapes in colour as data: as a folder of PNGs by class, or, of
 * 32×32, as CIFAR-10's binary files.
 *
 * ```sh
 * deno run -A tests/colour/write_shapes.ts shapes-64 --side 64 --train 4000 --test 1000
 * deno run -A tests/colour/write_shapes.ts cifar-shapes --form cifar
 * ```
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Examples } from "../../core/data/dataset.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import { drawShapes, SHAPE_CLASSES } from "./draw_shapes.ts";

/** What is written of shapes, and how. */
export interface ShapesOptions {
  /** Rows and columns of a picture. */
  side: number;
  train: number;
  test: number;
  seed?: number;
}

/** Writes them to `folder` as PNGs in `train/CLASS` and `test/CLASS`. */
export async function writeShapeFolder(
  folder: string,
  { side, train, test, seed = 1 }: ShapesOptions,
): Promise<void> {
  for (const [part, count] of [["train", train], ["test", test]] as const) {
    if (count === 0) continue;
    const drawn = drawShapes({
      count,
      side,
      seed: seed + Number(part === "test"),
    });
    const size = side * side * 3;
    for (const name of SHAPE_CLASSES) {
      await Deno.mkdir(`${folder}/${part}/${name}`, { recursive: true });
    }
    for (let image = 0; image < count; image++) {
      const pixels = drawn.images.slice(image * size, (image + 1) * size);
      await Deno.writeFile(
        `${folder}/${part}/${SHAPE_CLASSES[drawn.labels[image]]}/${image}.png`,
        encodePng({ shape: [side, side, 3], pixels: Uint8Array.from(pixels) }),
      );
    }
  }
}

/** Examples of 32×32×3 as CIFAR-10's records: the class, then red, green and blue. */
function toRecords(
  { count, images, labels }: Examples<Uint8Array>,
): Uint8Array {
  const area = 32 * 32;
  const records = new Uint8Array(count * (1 + 3 * area));
  for (let image = 0; image < count; image++) {
    const start = image * (1 + 3 * area);
    records[start] = labels[image];
    for (let i = 0; i < 3 * area; i++) {
      records[start + 1 + i % 3 * area + Math.floor(i / 3)] =
        images[image * 3 * area + i];
    }
  }
  return records;
}

/** Writes them to `folder` as CIFAR-10 is published: five batches, one to test, the names. */
export async function writeCifarShapes(
  folder: string,
  { train, test, seed = 1 }: Omit<ShapesOptions, "side">,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const write = async (name: string, count: number, seed: number) =>
    await Deno.writeFile(
      `${folder}/${name}.bin`,
      toRecords(drawShapes({ count, side: 32, seed })),
    );
  for (let batch = 1; batch <= 5; batch++) {
    await write(`data_batch_${batch}`, Math.ceil(train / 5), seed + batch);
  }
  await write("test_batch", test, seed);
  await Deno.writeTextFile(
    `${folder}/batches.meta.txt`,
    SHAPE_CLASSES.map((name) => `${name}\n`).join(""),
  );
}

if (import.meta.main) {
  const { _: [folder], form, ...given } = parseArgs(Deno.args, {
    string: ["form", "side", "train", "test", "seed"],
    default: {
      form: "png",
      side: "32",
      train: "4000",
      test: "1000",
      seed: "1",
    },
  });
  const options = {
    side: Number(given.side),
    train: Number(given.train),
    test: Number(given.test),
    seed: Number(given.seed),
  };
  if (form === "cifar") await writeCifarShapes(`${folder}`, options);
  else await writeShapeFolder(`${folder}`, options);
}
