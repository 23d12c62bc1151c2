import { assertEquals, assertRejects } from "@std/assert";
import { readIdxFile, sha256Hex } from "../../../core/data/idx_file.ts";
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

Deno.test("readIdxFile refuses an empty file and reports a missing one", async () => {
  await assertRejects(
    () => readFileOf(new Uint8Array()),
    SyntaxError,
    "it ends after 0 bytes",
  );
  await assertRejects(() => readIdxFile("no/such/file"), Deno.errors.NotFound);
});
