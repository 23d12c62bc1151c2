import { assertEquals, assertRejects } from "@std/assert";
import { readRegularFile } from "../../../core/files/read_regular_file.ts";

Deno.test("a file is read whole, at its limit and below", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, Uint8Array.of(1, 2, 3));
  for (const limit of [3, 4]) {
    assertEquals(
      await readRegularFile(path, { limit }),
      Uint8Array.of(1, 2, 3),
    );
  }
});

Deno.test("a file over its limit is refused with both lengths", async () => {
  const path = await Deno.makeTempFile();
  await Deno.truncate(path, 5_000_000_000); // sparse: nothing is written
  await assertRejects(
    () => readRegularFile(path, { limit: 2000 }),
    RangeError,
    "at most 2,000 bytes: it has 5,000,000,000",
  );
});

Deno.test("a pipe is refused and not waited for, by a link too", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();
  await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
  await Deno.symlink(`${folder}/pipe`, `${folder}/link`);
  for (const name of ["pipe", "link"]) {
    await assertRejects(
      () => readRegularFile(`${folder}/${name}`, { limit: 9 }),
      TypeError,
      "it is a pipe",
    );
  }
});

Deno.test("a device and a folder are refused by name", {
  ignore: Deno.build.os === "windows",
}, async () => {
  for (
    const [path, what] of [["/dev/zero", "a device"], ["/dev", "a folder"]]
  ) {
    await assertRejects(
      () => readRegularFile(path, { limit: 9 }),
      TypeError,
      `it is ${what}`,
    );
  }
});

Deno.test("a file that isn't there keeps the file system's error", async () => {
  await assertRejects(
    () => readRegularFile("/no/such", { limit: 9 }),
    Deno.errors.NotFound,
  );
});
