import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  readIdxFile,
  sha256Hex,
} from "../../../../core/data/formats/idx_file.ts";
import { gzip, idxBytes } from "./idx_bytes.ts";

const CONTENT = idxBytes(
  [40, 5],
  Array.from({ length: 200 }, (_, index) => index),
);

/** Reads a file of these bytes as IDX, and removes it. */
async function readFileOf(bytes: Uint8Array<ArrayBuffer>) {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, bytes);
  try {
    return await readIdxFile(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("sha256Hex gives the hash that FIPS 180 gives for abc", async () => {
  assertEquals(
    await sha256Hex(new TextEncoder().encode("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("readIdxFile reads a plain and a gzipped file alike, hash included", async () => {
  const plain = await readFileOf(CONTENT);
  assertEquals(await readFileOf(await gzip(CONTENT)), plain);
  assertEquals(plain.dimensions, [40, 5]);
  assertEquals(plain.values, CONTENT.slice(12));
  assertEquals(plain.sha256, await sha256Hex(CONTENT));
});

Deno.test("readIdxFile refuses a gzipped file that is cut off anywhere", async () => {
  const zipped = await gzip(CONTENT);
  for (const length of [2, 9, 12, 50, zipped.length - 8, zipped.length - 1]) {
    await assertRejects(
      () => readFileOf(zipped.slice(0, length)),
      SyntaxError,
      "Cannot read",
    );
  }
});

Deno.test("readIdxFile refuses gzip whose checksum or data are wrong", async () => {
  const zipped = await gzip(CONTENT);
  for (const at of [12, 40, zipped.length - 6]) {
    const corrupt = zipped.slice();
    corrupt[at] ^= 0xff;
    await assertRejects(() => readFileOf(corrupt), SyntaxError, "Cannot read");
  }
});

Deno.test("readIdxFile refuses bytes behind the gzipped file", async () => {
  const zipped = await gzip(CONTENT);
  const longer = new Uint8Array(zipped.length + 3);
  longer.set(zipped);
  await assertRejects(() => readFileOf(longer), SyntaxError, "Cannot read");
});

Deno.test("readIdxFile refuses a gzipped file that unpacks to more than it declares", async () => {
  const bomb = new Uint8Array(10_000_000);
  bomb.set(idxBytes([2, 2], []));
  await assertRejects(
    async () => readFileOf(await gzip(bomb)),
    SyntaxError,
    "must end after 4 values",
  );
});

/** A gzipped IDX file of `size` zeros, made a piece at a time. */
async function zerosZipped(size: number): Promise<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(2 ** 20);
  const stream = ReadableStream.from(function* () {
    yield idxBytes([size], []);
    for (let left = size; left > 0; left -= piece.length) {
      yield piece.subarray(0, Math.min(left, piece.length));
    }
  }());
  const zipped = stream.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(zipped).arrayBuffer());
}

Deno.test("readIdxFile refuses gzip that unpacks to a hundred times its length, before it unpacks it", async () => {
  const bomb = await zerosZipped(2 ** 27); // 130 kB
  const before = Deno.memoryUsage().external;
  await assertRejects(
    () => readFileOf(bomb),
    SyntaxError,
    "may unpack to at most 67,108,864 bytes: it says 134,217,736",
  );
  // One that says less than it holds is stopped at its header.
  new DataView(bomb.buffer).setUint32(bomb.length - 4, 9, true);
  await assertRejects(
    () => readFileOf(bomb),
    SyntaxError,
    "must declare 1 to 67108864 values",
  );
  const grown = Deno.memoryUsage().external - before;
  assert(grown < 2 ** 24, `${grown} bytes`);
  const { values } = await readFileOf(await zerosZipped(2 ** 20));
  assertEquals(values.length, 2 ** 20); // 1000 times its length, and small
});

Deno.test("readIdxFile refuses gzip of another length than it says", async () => {
  const zipped = await gzip(CONTENT);
  new DataView(zipped.buffer).setUint32(zipped.length - 4, 213, true);
  await assertRejects(() => readFileOf(zipped), SyntaxError, "Cannot read");
});

Deno.test("readIdxFile reads no more values than its reader asks for", async () => {
  const folder = await Deno.makeTempDir();
  for (
    const [name, bytes] of [["a", CONTENT], ["b", await gzip(CONTENT)]] as const
  ) {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, bytes);
    await assertRejects(() => readIdxFile(path, { limit: 150 }), Error, path);
    assertEquals((await readIdxFile(path, { limit: 200 })).values.length, 200);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("readIdxFile refuses a pipe and a folder", async () => {
  const folder = await Deno.makeTempDir();
  const pipe = `${folder}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  await assertRejects(() => readIdxFile(pipe), TypeError, "it is a pipe");
  await assertRejects(() => readIdxFile(folder), TypeError, "it is a folder");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("readIdxFile refuses an empty file and reports a missing one", async () => {
  await assertRejects(
    () => readFileOf(new Uint8Array()),
    SyntaxError,
    "it ends after 0 bytes",
  );
  await assertRejects(() => readIdxFile("no/such/file"), Deno.errors.NotFound);
});
