import { assert, assertEquals, assertRejects } from "@std/assert";
import { COMPACT_CONFIGURATION } from "../../../core/compress/compact/compact_configuration.ts";
import { trainCompact } from "../../../core/compress/compact/train_compact.ts";
import { DIGIT_AUGMENTATION } from "../../../core/data/augmentation.ts";
import {
  type Examples,
  hashImages,
  readImages,
} from "../../../core/data/dataset.ts";
import {
  openPool,
  type PoolOptions,
} from "../../../core/distill/augmented_pool.ts";
import { readStoredCopy } from "../../../core/distill/stored_pool.ts";
import { extractFeatures } from "../../../core/distill/extract_features.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { trainTeacher } from "../../../core/train/train_teacher.ts";
import { BARS_TRAINING, makeBars, makeBarsTeacher } from "../bars.ts";

const bars = makeBars();
const teacher = await makeBarsTeacher(); // on Wasm
const folder = await Deno.makeTempDir();

/** `examples` with their images in a file. */
async function store(examples: Examples<Uint8Array>): Promise<Examples> {
  const path = `${folder}/${crypto.randomUUID()}`;
  await Deno.writeFile(path, examples.images);
  const { count } = examples;
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  return { ...examples, images: { files: [{ path, offset: 0, count }], rows } };
}

const stored = {
  ...bars,
  train: await store(bars.train),
  validation: await store(bars.validation),
  test: await store(bars.test),
};

/** Opens a pool of three copies of images that lie in a file. */
async function open(cache: string, change: Partial<PoolOptions> = {}) {
  let made = 0;
  const notes: string[] = [];
  const pool = await openPool(
    teacher,
    stored.train,
    { augmentation: DIGIT_AUGMENTATION, copies: 3, seed: 5 },
    {
      ...{ cache, backend: "wasm", workers: 1 },
      onProgress: (done) => made = done,
      onNote: (note) => notes.push(note),
      ...change,
    },
  );
  return { pool, made, notes };
}

/** Bytes of the pool's images; its logits, float32s for 3 classes, have less. */
const POOL_BYTES = 3 * 96 * 64;
const held = await open(await Deno.makeTempDir());
const cache = await Deno.makeTempDir();
const parts = await open(cache, { memory: POOL_BYTES - 1 });

Deno.test("a pool that doesn't fit stays in its files, with the bits of one that does", async () => {
  assert(held.pool.examples.images instanceof Uint8Array);
  assert(!(parts.pool.examples.images instanceof Uint8Array));
  assertEquals(
    readImages(parts.pool.examples),
    Uint8Array.from(readImages(held.pool.examples)),
  );
  const { teacherLogits, identity, examples: { labels, count } } = parts.pool;
  assertEquals(
    [teacherLogits, identity, labels, count],
    [
      held.pool.teacherLogits,
      held.pool.identity,
      held.pool.examples.labels,
      count,
    ],
  );
  // Either reads the files that the other has made.
  for (const memory of [POOL_BYTES - 1, Infinity]) {
    const { made, notes, pool } = await open(cache, { memory });
    assertEquals([made, notes], [0, []]);
    assertEquals(hashImages(pool.examples), hashImages(parts.pool.examples));
    assertEquals(pool.teacherLogits, teacherLogits);
  }
});

Deno.test("a copy that is cut short, or of which a byte has changed, is made again in its file", async () => {
  const memory = POOL_BYTES - 1;
  const [name] = [...Deno.readDirSync(cache)].filter((each) =>
    each.isDirectory
  );
  const path = `${cache}/${name.name}/copy-1`;
  const whole = await Deno.readFile(path);
  const part = {
    logits: new Float32Array(new SharedArrayBuffer(96 * 3 * 4)),
    imageBytes: 96 * 64,
  };
  const read = async (bytes: Uint8Array) => {
    await Deno.writeFile(path, bytes);
    const reasons: string[] = [];
    const done = await readStoredCopy(path, part, (why) => reasons.push(why));
    return [done, reasons.length];
  };
  assertEquals(await read(whole), [true, 0]);
  for (const place of [0, 96 * 12 + 5, whole.length - 1]) {
    const flipped = whole.slice();
    flipped[place] ^= 1;
    assertEquals(await read(flipped), [false, 1], `byte ${place}`);
  }
  assertEquals(await read(whole.subarray(0, -1)), [false, 1]);
  const { made, notes, pool } = await open(cache, { memory });
  assertEquals([made, notes.length], [96, 1]);
  assertEquals(await Deno.readFile(path), whole);
  assertEquals(hashImages(pool.examples), hashImages(held.pool.examples));
});

Deno.test("logits that don't fit are refused before anything is made", async () => {
  const cache = await Deno.makeTempDir();
  const bytes = 3 * 96 * 3 * 4;
  await assertRejects(
    () => open(cache, { memory: bytes - 1 }),
    RangeError,
    "they take 3,456 bytes, and may have 3,455; ask for fewer copies, or allow more",
  );
  assertEquals([...Deno.readDirSync(cache)], []);
});

Deno.test("a teacher, features and a compact model of images in files are those of images in memory", async () => {
  const configuration = { ...BARS_TRAINING, epochs: 1, seed: 1, shift: 1 };
  const spec = parseLayers("conv3x4,mean", { input: [8, 8, 1], classes: 3 });
  const outcomes = [];
  for (const [dataset, { pool }] of [[bars, held], [stored, parts]] as const) {
    const { weights } = await trainTeacher(dataset, configuration);
    const features = await extractFeatures(teacher, dataset, {
      ...{ cache: await Deno.makeTempDir(), backend: "wasm", workers: 1 },
    });
    const { train, test } = features.parts;
    const { encoded, validation } = await trainCompact({
      ...{ spec, labels: [...dataset.classNames], pool },
      validation: { examples: dataset.validation },
      configuration: {
        ...COMPACT_CONFIGURATION,
        ...{ epochs: { float: 1, quantised: 1 }, examplesPerEpoch: 96 },
        ...{ batchSize: 16, loss: { kind: "cross-entropy" } },
      },
    });
    outcomes.push({
      ...{ weights, encoded, validation },
      features: await Deno.readFile(train.path),
      logits: test.logits,
    });
  }
  assertEquals(outcomes[1], outcomes[0]);
});
