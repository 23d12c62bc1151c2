import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { epochBatches, gatherImages } from "../../../core/data/batches.ts";
import {
  type Dataset,
  type Examples,
  hashImages,
  holdExamples,
  readImages,
} from "../../../core/data/dataset.ts";
import {
  type LoadDataOptions,
  loadDataset,
} from "../../../core/data/formats/load_dataset.ts";
import { encodePng } from "../../../core/data/formats/pictures/encode_png.ts";
import {
  drawContactSheet,
  findDuplicates,
} from "../../../core/data/inspect_dataset.ts";
import { defaultSplit, splitDataset } from "../../../core/data/split.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { gzip, idxBytes } from "./formats/idx_bytes.ts";

/** No image at all fits. */
const room = { bytes: 0, folder: await Deno.makeTempDir() };
const random = randomStream(1, "stored images");

function draw(count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, () => random.below(256));
}

async function writeFolder(
  files: Record<string, Uint8Array>,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [path, bytes] of Object.entries(files)) {
    const at = `${folder}/${path}`;
    await Deno.mkdir(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(at, bytes);
  }
  return folder;
}

function grey(): Uint8Array<ArrayBuffer> {
  return encodePng({ shape: [4, 3, 1], pixels: draw(12) });
}

const IDX_FILES = {
  "train-images-idx3-ubyte": idxBytes([7, 4, 3], draw(84)),
  "train-labels-idx1-ubyte": idxBytes([7], [0, 1, 2, 0, 1, 2, 0]),
};
const PICTURES = Object.fromEntries(
  Array.from(
    { length: 9 },
    (_, i) => [`${i % 2 ? "odd" : "even"}/${i}.png`, grey()],
  ),
);

const PLACES: Record<string, [Record<string, Uint8Array>, LoadDataOptions?]> = {
  "an IDX file": [IDX_FILES],
  "a gzipped IDX file": [
    Object.fromEntries(
      await Promise.all(
        Object.entries(IDX_FILES).map(async ([name, bytes]) =>
          [`${name}.gz`, await gzip(bytes)] as const
        ),
      ),
    ),
  ],
  "an IDX file, turned and resized": [
    IDX_FILES,
    { transpose: true, image: [5, 5, 3] },
  ],
  "a folder of pictures": [PICTURES],
  "a folder of pictures of which the last has colours": [{
    ...PICTURES,
    "odd/z.png": encodePng({ shape: [4, 3, 3], pixels: draw(36) }),
  }],
  "a folder of pictures of which the tests alone have colours": [{
    ...Object.fromEntries(
      Object.entries(PICTURES).map(([name, file]) => [`train/${name}`, file]),
    ),
    "test/odd/1.png": encodePng({ shape: [4, 3, 3], pixels: draw(36) }),
  }],
  "CIFAR's files": [{
    "data_batch_1.bin": draw(3 * 3073).map((v, i) => i % 3073 ? v : i % 2),
    "data_batch_2.bin": draw(2 * 3073).map((v, i) => i % 3073 ? v : i % 2),
    "test_batch.bin": draw(3073).map((v, i) => i ? v : 1),
  }],
};

/** The same with its images in memory. */
function hold(dataset: Dataset): Dataset {
  const { train, test } = dataset;
  assert(!(train.images instanceof Uint8Array), "they must lie in a file");
  return { ...dataset, train: holdExamples(train), test: holdExamples(test) };
}

for (const [name, [files, options]] of Object.entries(PLACES)) {
  Deno.test(`${name}, read in parts, gives the same bits`, async () => {
    const folder = await writeFolder(files);
    const whole = await loadDataset(folder, { name: "mine", ...options });
    const parts = await loadDataset(folder, { name: "mine", ...options, room });
    assertEquals(hold(parts), whole);
    assertEquals(hashImages(parts.train), hashImages(whole.train));
    const split = defaultSplit(whole);
    const [held, stored] = [whole, parts].map((each) =>
      splitDataset(each, split)
    );
    const order = epochBatches({
      ...{ count: held.train.count, size: 2, seed: 1, epoch: 0 },
    });
    for (const batch of order) {
      assertEquals(
        gatherImages(stored.train, batch),
        gatherImages(held.train, batch),
      );
    }
  });
}

Deno.test("what is shown of data is the same of images in files", async () => {
  const folder = await writeFolder(PICTURES);
  const whole = await loadDataset(folder);
  const parts = await loadDataset(folder, { room });
  assertEquals(
    drawContactSheet(parts.train, 2),
    drawContactSheet(whole.train, 2),
  );
  assertEquals(
    findDuplicates(parts.train, parts.train),
    findDuplicates(whole.train, whole.train),
  );
});

Deno.test("forms that are read at once are refused before they are, with the way out", async () => {
  const csv = new TextEncoder().encode("0,1,2,3,4\n1,5,6,7,8\n");
  const folder = await writeFolder({ "train.csv": csv });
  assertEquals((await loadDataset(folder)).train.count, 1);
  for (const bytes of [9, 10]) {
    const read = loadDataset(folder, { room: { ...room, bytes } });
    if (bytes === 10) await read;
    else {
      await assertRejects(
        () => read,
        RangeError,
        "they take 10 bytes, and may have 9; allow more with --memory MIB",
      );
    }
  }
});

Deno.test("a file of images that becomes shorter is told of", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, Uint8Array.of(1, 2, 3, 4));
  const examples: Examples = {
    count: 2,
    shape: [1, 2, 1],
    images: {
      files: [{ path, offset: 0, count: 2 }],
      rows: Uint32Array.of(0, 1),
    },
    labels: Uint8Array.of(0, 1),
  };
  assertEquals(readImages(examples), Uint8Array.of(1, 2, 3, 4));
  assertEquals(holdExamples(examples, 3).images, Uint8Array.of(1, 2));
  await Deno.truncate(path, 3);
  assertThrows(() => readImages(examples), Error, "it ends after 3 bytes");
});

Deno.test("files of images go with the process that made them, and those of a killed one with the next", async () => {
  const cache = await Deno.makeTempDir();
  const left = `${cache}/images.${crypto.randomUUID()}.tmp`;
  await Deno.writeTextFile(left, "half");
  const folder = await writeFolder(PICTURES);
  const module = new URL(
    "../../../core/data/formats/load_dataset.ts",
    import.meta.url,
  );
  const room = { bytes: 0, folder: cache };
  const script = `
    const { loadDataset } = await import(${JSON.stringify(module.href)});
    await loadDataset(${JSON.stringify(folder)}, { room: ${
    JSON.stringify(room)
  } });
    const names = [...Deno.readDirSync(${JSON.stringify(cache)})];
    console.log(names.length);
    Deno.exit(0);`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout).trim(),
    "1",
    new TextDecoder().decode(stderr),
  );
  assertEquals([...Deno.readDirSync(cache)], []);
});

Deno.test("files of images go wherever the process has gone meanwhile, and are not missed where they have gone before", async () => {
  const cache = await Deno.makeTempDir();
  const folder = await writeFolder(PICTURES);
  const module = new URL(
    "../../../core/data/formats/load_dataset.ts",
    import.meta.url,
  );
  const run = async (meanwhile: string) => {
    const script = `
      const { loadDataset } = await import(${JSON.stringify(module.href)});
      Deno.chdir(${JSON.stringify(cache)});
      const room = { bytes: 0, folder: "images" };
      await loadDataset(${JSON.stringify(folder)}, { room });
      ${meanwhile};`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", script],
    }).output();
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
  };
  await run(`Deno.chdir("/")`);
  assertEquals([...Deno.readDirSync(`${cache}/images`)], []);
  await run(`Deno.removeSync("images", { recursive: true })`);
});

Deno.test("images in a thousand files leave few of them open", async () => {
  const folder = await Deno.makeTempDir();
  const count = 1000;
  const files = Array.from({ length: count }, (_, i) => {
    const path = `${folder}/${i}`;
    Deno.writeFileSync(path, Uint8Array.of(i % 256));
    return { path, offset: 0, count: 1 };
  });
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  const images = { files, rows };
  const read = readImages({ shape: [1, 1, 1], images });
  assertEquals(read, Uint8Array.from({ length: count }, (_, i) => i % 256));
  const open = Deno.build.os === "linux"
    ? [...Deno.readDirSync("/proc/self/fd")].length
    : 0;
  assert(open < 500, `${open} are open`);
  await Deno.remove(folder, { recursive: true });
});
