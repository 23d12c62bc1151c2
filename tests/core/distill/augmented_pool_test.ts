import { assert, assertEquals, assertRejects } from "@std/assert";
import { augmentImages } from "../../../core/data/augment_images.ts";
import { readImages } from "../../../core/data/dataset.ts";
import { DIGIT_AUGMENTATION } from "../../../core/data/augmentation.ts";
import { selectExamples } from "../../../core/data/dataset.ts";
import {
  openPool,
  type PoolOptions,
  type PoolSpec,
  readPoolCopy,
} from "../../../core/distill/augmented_pool.ts";
import { unpackPixels } from "../../../core/kernels/unpack_pixels/op.ts";
import { forward } from "../../../core/models/forward.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { makeBars, makeBarsTeacher } from "../bars.ts";

const { train } = makeBars();
const teacher = await makeBarsTeacher(); // on Wasm
const SPEC: PoolSpec = {
  augmentation: DIGIT_AUGMENTATION,
  copies: 3,
  seed: 5,
};
const SIZE = train.images.length;

/** Opens a pool, and tells how many images had to be made. */
async function open(cache: string, change: Partial<PoolSpec & PoolOptions>) {
  let made = 0;
  const notes: string[] = [];
  const pool = await openPool(teacher, train, { ...SPEC, ...change }, {
    cache,
    backend: "wasm",
    workers: 1,
    onProgress: (done) => made = done,
    onNote: (note) => notes.push(note),
    ...change,
  });
  const { examples } = pool;
  const images = readImages(examples);
  return { pool: { ...pool, examples: { ...examples, images } }, made, notes };
}

/** Paths of the copies that `cache` holds. */
async function copiesIn(cache: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(cache)) {
    if (!isDirectory) continue;
    for await (const file of Deno.readDir(`${cache}/${name}`)) {
      paths.push(`${cache}/${name}/${file.name}`);
    }
  }
  return paths.sort();
}

const cache = await Deno.makeTempDir();
const { pool, made } = await open(cache, {});

Deno.test("a pool holds the originals, then copies augmented by seed, copy and image", () => {
  const { examples, identity } = pool;
  assertEquals([made, examples.count], [3 * 96, 3 * 96]);
  assertEquals(examples.images.subarray(0, SIZE), train.images);
  for (const copy of [1, 2]) {
    assertEquals(
      examples.images.subarray(copy * SIZE, (copy + 1) * SIZE),
      augmentImages(
        train.images,
        train.shape,
        DIGIT_AUGMENTATION,
        (index) => randomStream(5, "augment", copy, index),
      ),
    );
    assertEquals(
      examples.labels.subarray(copy * 96, (copy + 1) * 96),
      train.labels,
    );
  }
  assert(identity?.endsWith("of 3"));
});

Deno.test("a pool has the teacher's logits of those very images", async () => {
  const { examples, teacherLogits = new Float32Array() } = pool;
  const x = unpackPixels(new Uint8Array(examples.images), [288, 8, 8, 1]);
  const weights = teacher.weights.map(toTensor);
  const logits = await forward(teacher.spec.layers, weights, x).data();
  assertEquals(teacherLogits.length, 288 * 3);
  teacherLogits.forEach((value, i) =>
    assert(Math.abs(value - logits[i]) < 1e-4)
  );
});

Deno.test("a pool is made once, lies in shared memory, and any number of workers makes the same", async () => {
  const again = await open(cache, {});
  assertEquals(again, { pool, made: 0, notes: [] });
  for (const view of [again.pool.examples.images, again.pool.teacherLogits]) {
    assert(view?.buffer instanceof SharedArrayBuffer);
  }
  const elsewhere = await open(await Deno.makeTempDir(), { workers: 2 });
  assertEquals(elsewhere.pool, pool);
});

Deno.test("more copies go on from fewer; a copy that is lost or cut short is made again", async () => {
  const more = await open(cache, { copies: 4 });
  assertEquals(more.made, 96);
  assertEquals(
    more.pool.examples.images.subarray(0, 3 * SIZE),
    pool.examples.images,
  );
  const [first, second] = await copiesIn(cache);
  await Deno.remove(first);
  await Deno.truncate(second, 100);
  // What a killed process was writing goes with it.
  const left = `${second}.${crypto.randomUUID()}.tmp`;
  await Deno.writeTextFile(left, "half");
  const again = await open(cache, {});
  assertEquals([again.pool, again.made], [pool, 2 * 96]);
  await assertRejects(() => Deno.stat(left), Deno.errors.NotFound);
  assertEquals(again.notes.length, 1, "what is lost needs no word");
});

Deno.test("a copy with any byte flipped is not read, and it is said why", async () => {
  const [path] = await copiesIn(cache);
  const whole = await Deno.readFile(path);
  const part = {
    images: new Uint8Array(new SharedArrayBuffer(SIZE)),
    logits: new Float32Array(new SharedArrayBuffer(96 * 3 * 4)),
  };
  const read = async (bytes: Uint8Array) => {
    await Deno.writeFile(path, bytes);
    const reasons: string[] = [];
    const done = await readPoolCopy(path, part, (why) => reasons.push(why));
    return [done, reasons.length];
  };
  assertEquals(await read(whole), [true, 0]);
  const { length } = whole;
  for (let place = 0; place < length; place += place > length - 9 ? 1 : 7) {
    const flipped = whole.slice();
    flipped[place] ^= 1 << place % 8;
    assertEquals(await read(flipped), [false, 1], `byte ${place}`);
    assert(part.images.every((_, i) => part.images[i] === train.images[i]));
  }
  // As it was written before there were seals.
  assertEquals(await read(whole.subarray(0, -4)), [false, 1]);
  const again = await open(cache, {});
  assertEquals([again.pool, again.made], [pool, 96]);
  const [note] = again.notes;
  assert(note.startsWith("augmented images are made anew: Cannot read"), note);
  assertEquals(await Deno.readFile(path), whole);
});

Deno.test("openPool refuses logits that aren't finite", async () => {
  const last = teacher.weights.length - 1;
  const weights = teacher.weights.map((weight, index) =>
    index === last
      ? { ...weight, values: weight.values.map(() => Infinity) }
      : weight
  );
  const options: PoolOptions = {
    cache: await Deno.makeTempDir(),
    backend: "wasm",
    workers: 1,
  };
  const broken = { ...teacher, weights };
  const error = await assertRejects(
    () => openPool(broken, train, { ...SPEC, copies: 1 }, options),
    Error,
    "its logits must be finite: current value is Infinity",
  );
  assertEquals(error.name, "RangeError");
});

Deno.test("another seed or augmentation is another pool", async () => {
  const elastic = { amplitude: 0, deviation: 0 };
  for (
    const change of [
      { seed: 6 },
      { augmentation: { ...DIGIT_AUGMENTATION, elastic } },
    ]
  ) {
    const other = await open(cache, { ...change, copies: 2 });
    assertEquals(other.made, 2 * 96);
    assert(other.pool.identity !== pool.identity);
  }
});

Deno.test("a stop leaves finished copies and nothing that would be taken for one", async () => {
  const folder = await Deno.makeTempDir();
  const controller = new AbortController();
  await assertRejects(
    () =>
      open(folder, {
        signal: controller.signal,
        onProgress: (done) => done > 96 && controller.abort(new Error("stop")),
      }),
    Error,
    "stop",
  );
  const left = await copiesIn(folder);
  const names = left.map((path) => path.replace(/.*\//, ""));
  assertEquals(names, ["copy-0", "copy-1"]);
  assertEquals(await open(folder, {}), { pool, made: 96, notes: [] });
});

Deno.test("openPool refuses a number of copies that is none", async () => {
  for (const copies of [0, 1.5, 1001]) {
    await assertRejects(
      () => open(cache, { copies }),
      RangeError,
      `\`copies\` must be an integer from 1 to 1000: current value is ${copies}`,
    );
  }
});

Deno.test("openPool says so where there isn't enough memory, and leaves no folder", async () => {
  const folder = await Deno.makeTempDir();
  const huge = { ...train, shape: [65536, 65536, 64] } as const;
  await assertRejects(
    () =>
      openPool(teacher, huge, SPEC, {
        ...{ cache: folder, backend: "wasm", workers: 1 },
      }),
    RangeError,
    "Cannot make a pool: it must fit into memory: it needs",
  );
  assertEquals([...Deno.readDirSync(folder)], []);
});

Deno.test("a copy that two workers share is the one that one makes alone", async () => {
  const indices = Array.from({ length: 1100 }, (_, i) => i % train.count);
  const many = selectExamples(train, indices);
  const make = async (workers: number) => {
    const own = await Deno.makeTempDir();
    const spec = { ...SPEC, copies: 1 };
    const options = { cache: own, backend: "wasm", workers } as const;
    let done = 0;
    const { examples, teacherLogits } = await openPool(teacher, many, spec, {
      ...options,
      onProgress: (count, total) => {
        done = count;
        assertEquals(total, 1100);
      },
    });
    assertEquals(done, 1100);
    return { images: examples.images, teacherLogits };
  };
  assertEquals(await make(2), await make(1));
});
