// How fast pictures are read from a folder into a dataset, on one core: `deno task
// reading [--json]`. Each takes turns with a peer: PNGs of 28×28 with
// nothing but reading and unpacking the same files; JPEGs of 256×256, resized to
// 32×32×3, with jpeg-js in libjpeg-turbo's place. Times are of the processor, so that
// neighbours count little.
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { interleave } from "../../bench/interleave.ts";
import { loadDataset } from "../../core/data/formats/load_dataset.ts";
import { resizeImage } from "../../core/data/formats/pictures/convert_images.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import { READER_PACKAGES } from "../../core/data/formats/reader_packages.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { fetchPackage } from "../../core/files/fetch_package.ts";
import { randomStream } from "../../core/random/stream.ts";
import { formatTextTable } from "../../core/text/text_table.ts";

const [PNGS, JPEGS, SIDE] = [3000, 200, 256];

interface JpegJs {
  encode(
    image: { width: number; height: number; data: Uint8Array },
    quality: number,
  ): { data: Uint8Array };
  decode(
    bytes: Uint8Array,
    options: { useTArray: true; formatAsRGBA: false },
  ): { width: number; height: number; data: Uint8Array };
}

const script = new URL("index.js", await fetchPackage(READER_PACKAGES.inks));
const jpegJs: JpegJs = createRequire(script)(fileURLToPath(script));

/** Waves of all lengths in three colours, with grain: what a photo is to a decoder. */
function drawPhoto(seed: number): Uint8Array {
  const random = randomStream(seed, "bench photo");
  const waves = Array.from({ length: 12 }, (_, i) => ({
    across: (random.uniform() - 0.5) * 0.04 * 1.4 ** i,
    down: (random.uniform() - 0.5) * 0.04 * 1.4 ** i,
    height: 50 / (1 + i / 3),
    colour: [random.uniform(), random.uniform(), random.uniform()],
  }));
  const data = new Uint8Array(4 * SIDE * SIDE).fill(255);
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [at / 4 % SIDE, Math.floor(at / 4 / SIDE)];
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

const folder = await Deno.makeTempDir();
const names: Record<"png" | "jpeg", string[]> = { png: [], jpeg: [] };
function put(kind: "png" | "jpeg", index: number, bytes: Uint8Array): void {
  const place = `${folder}/${kind}/${index % 2 ? "odd" : "even"}`;
  Deno.mkdirSync(place, { recursive: true });
  names[kind].push(`${place}/${index}.${kind}`);
  Deno.writeFileSync(`${place}/${index}.${kind}`, bytes);
}
const { train } = await loadMnist();
for (let i = 0; i < PNGS; i++) {
  const pixels = new Uint8Array(train.images.subarray(784 * i, 784 * (i + 1)));
  put("png", i, encodePng({ shape: [28, 28, 1], pixels }));
}
for (let i = 0; i < JPEGS; i++) {
  const image = { width: SIDE, height: SIDE, data: drawPhoto(i % 20) };
  put("jpeg", i, jpegJs.encode(image, 85).data);
}

/** The processor's time that `work` takes, on all threads, in ms. */
async function timeCpu(work: () => Promise<unknown> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const CONTESTANTS = [
  {
    name: "PNG 28×28: a dataset of the folder",
    count: PNGS,
    work: () => loadDataset(`${folder}/png`),
  },
  {
    name: "PNG 28×28: files read and unpacked alone",
    count: PNGS,
    work() {
      for (const name of names.png) {
        const bytes = Deno.readFileSync(name);
        const length = new DataView(bytes.buffer).getUint32(33);
        inflateSync(bytes.subarray(41, 41 + length));
      }
    },
  },
  {
    name: "JPEG 256×256 to 32×32×3: a dataset of the folder",
    count: JPEGS,
    work: () => loadDataset(`${folder}/jpeg`, { image: [32, 32, 3] }),
  },
  {
    name: "JPEG 256×256 to 32×32×3: jpeg-js, then our resizing",
    count: JPEGS,
    work() {
      for (const name of names.jpeg) {
        const { data } = jpegJs.decode(Deno.readFileSync(name), {
          useTArray: true,
          formatAsRGBA: false,
        });
        resizeImage(data, [SIDE, SIDE, 3], [32, 32]);
      }
    },
  },
];

const outcomes = await interleave(
  CONTESTANTS.map(({ work }) => ({ run: () => timeCpu(work) })),
  { least: 5, most: 5, budget: 0 },
);
const medians = outcomes.map((outcome) => {
  if ("error" in outcome) throw outcome.error;
  return outcome.milliseconds.toSorted((a, b) => a - b)[2];
});
await Deno.remove(folder, { recursive: true });
const rows = CONTESTANTS.map(({ name, count }, i) => ({
  work: name,
  images_per_second: Math.round(1000 * count / medians[i]),
  ratio: i % 2 === 0 ? medians[i + 1] / medians[i] : null,
}));
console.log(
  Deno.args.includes("--json") ? JSON.stringify(rows) : formatTextTable(
    [
      { heading: "work", align: "left" },
      { heading: "images/s of a core", align: "right" },
      { heading: "times the peer's", align: "right" },
    ],
    rows.map(({ work, images_per_second, ratio }) => [
      work,
      images_per_second.toLocaleString("en"),
      ratio?.toPrecision(3) ?? "",
    ]),
  ),
);
