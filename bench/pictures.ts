import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { encodePng } from "../core/data/formats/pictures/encode_png.ts";
import { READER_PACKAGES } from "../core/data/formats/reader_packages.ts";
import { loadMnist } from "../core/data/mnist.ts";
import { fetchPackage } from "../core/files/fetch_package.ts";
import { randomStream } from "../core/random/stream.ts";
import type { PictureForm } from "./task.ts";
import type { Item } from "./work.ts";

/** How many pictures are read at a time, and of how many pixels a side a JPEG is. */
const [PNGS, JPEGS, SIDE] = [3000, 200, 256];
/** JPEGs that differ; the others repeat them. */
const PHOTOS = 20;
/** Of JPEGs, in the unit of libjpeg. */
const QUALITY = 85;

/** What is used of jpeg-js: it writes the JPEGs, and is a peer at reading them. */
export interface JpegJs {
  encode(
    image: { width: number; height: number; data: Uint8Array },
    quality: number,
  ): { data: Uint8Array };
  decode(
    bytes: Uint8Array,
    options: { useTArray: true; formatAsRGBA: false },
  ): { width: number; height: number; data: Uint8Array };
}

/** Fetches jpeg-js where it isn't kept from before. */
export async function loadJpegJs(): Promise<JpegJs> {
  const script = new URL("index.js", await fetchPackage(READER_PACKAGES.inks));
  return createRequire(script)(fileURLToPath(script));
}

/**
 * Waves of all lengths in three colours, with grain, `[side, side, 4]`: what a photo is
 * to a decoder.
 */
function drawPhoto(seed: number, side: number): Uint8Array {
  const random = randomStream(seed, "bench photo");
  const waves = Array.from({ length: 12 }, (_, i) => ({
    across: (random.uniform() - 0.5) * 0.04 * 1.4 ** i,
    down: (random.uniform() - 0.5) * 0.04 * 1.4 ** i,
    height: 50 / (1 + i / 3),
    colour: [random.uniform(), random.uniform(), random.uniform()],
  }));
  const data = new Uint8Array(4 * side * side).fill(255);
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [at / 4 % side, Math.floor(at / 4 / side)];
    const grain = 20 * random.uniform() - 10;
    for (let c = 0; c < 3; c++) {
      const light = waves.reduce(
        (sum, { across, down, height, colour }) =>
          sum + height * colour[c] * Math.sin(across * x + down * y),
        128 + grain,
      );
      data[at + c] = Math.max(0, Math.min(255, light));
    }
  }
  return data;
}

/**
 * Writes `counts` pictures into `folder`: `png/even`, `png/odd`, grey digits of MNIST of
 * 28×28, and `jpeg/even`, `jpeg/odd`, of 256×256 in colours unless `side` is given.
 */
export async function writePictures(
  folder: string,
  counts: Record<PictureForm, number> = { png: PNGS, jpeg: JPEGS },
  side = SIDE,
): Promise<void> {
  const put = async (form: PictureForm, index: number, bytes: Uint8Array) => {
    const place = `${folder}/${form}/${index % 2 ? "odd" : "even"}`;
    await Deno.mkdir(place, { recursive: true });
    await Deno.writeFile(`${place}/${index}.${form}`, bytes);
  };
  const { train } = await loadMnist();
  for (let i = 0; i < counts.png; i++) {
    const pixels = Uint8Array.from(
      train.images.subarray(784 * i, 784 * (i + 1)),
    );
    await put("png", i, encodePng({ shape: [28, 28, 1], pixels }));
  }
  const { encode } = await loadJpegJs();
  const photos = Array.from(
    { length: Math.min(PHOTOS, counts.jpeg) },
    (_, seed) =>
      encode(
        { width: side, height: side, data: drawPhoto(seed, side) },
        QUALITY,
      ).data,
  );
  for (let i = 0; i < counts.jpeg; i++) {
    await put("jpeg", i, photos[i % photos.length]);
  }
}

/** Paths of the pictures in `folder`, as {@linkcode writePictures} has put them. */
export function listPictures(folder: string): string[] {
  return ["even", "odd"].flatMap((place) =>
    [...Deno.readDirSync(`${folder}/${place}`)]
      .map(({ name }) => `${folder}/${place}/${name}`)
  );
}

/**
 * Reading all pictures of `form` in `folder`: PNGs as they are, JPEGs brought to
 * 32×32×3.
 */
export function readingItem(form: PictureForm, folder: string): Item {
  const work = `read-${form}` as const;
  return {
    task: { work, folder: `${folder}/${form}` },
    subject: { work, batch: form === "png" ? PNGS : JPEGS },
  };
}
