import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  writeAllAtomically,
  writeAtomically,
} from "../../../core/files/write_atomically.ts";
import { mountSmallDisk, onSmallDisk } from "../../small_disk.ts";

const moduleUrl = new URL(
  "../../../core/files/write_atomically.ts",
  import.meta.url,
).href;

/** A fresh folder that is removed with the scope. */
async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("writeAtomically writes parts one after another and leaves nothing else", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/file`;
  await writeAtomically(path, ["grün", Uint8Array.of(33), "", "x"]);
  assertEquals(await Deno.readTextFile(path), "grün!x");
  await writeAtomically(path, "new");
  assertEquals(await Deno.readTextFile(path), "new");
  assertEquals(namesIn(folder.path), ["file"]);
});

Deno.test("writeAtomically rejects where the folder is missing", async () => {
  await using folder = await temporaryFolder();
  await assertRejects(
    () => writeAtomically(`${folder.path}/none/file`, "x"),
    Deno.errors.NotFound,
  );
});

Deno.test("writeAtomically leaves nothing beside a path that is a folder", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/taken/full`, { recursive: true });
  await assertRejects(() => writeAtomically(`${folder.path}/taken`, "x"));
  assertEquals(namesIn(folder.path), ["taken"]);
});

Deno.test("writeAllAtomically replaces all files, and leaves nothing else", async () => {
  await using folder = await temporaryFolder();
  const [a, b] = [`${folder.path}/a`, `${folder.path}/b`];
  await writeAllAtomically([[a, "old"]]);
  await writeAllAtomically([[a, "new"], [b, Uint8Array.of(33)]]);
  assertEquals(await Deno.readTextFile(a), "new");
  assertEquals(await Deno.readTextFile(b), "!");
  assertEquals(namesIn(folder.path).sort(), ["a", "b"]);
});

Deno.test("writeAllAtomically replaces nothing where one file can't be written", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a`;
  await writeAtomically(path, "old");
  await assertRejects(
    () => writeAllAtomically([[path, "new"], [`${folder.path}/none/b`, "x"]]),
    Deno.errors.NotFound,
  );
  assertEquals(await Deno.readTextFile(path), "old");
  assertEquals(namesIn(folder.path), ["a"]);
});

Deno.test("writeAtomically leaves the old file or the new one, whole, when killed", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/file`;
  // Each write is a run of one letter, long enough to be caught half-way.
  const length = 2_000_000;
  const program = `
    import { writeAtomically } from ${JSON.stringify(moduleUrl)};
    const letters = ["a", "b", "c"].map((letter) => letter.repeat(${length}));
    await writeAtomically(${JSON.stringify(path)}, letters[0]);
    console.log("ready");
    for (let i = 1;; i++) await writeAtomically(${
    JSON.stringify(path)
  }, letters[i % 3]);
  `;
  let interrupted = 0;
  for (let attempt = 0; attempt < 5; attempt++) {
    const writer = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-config", program],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = writer.stdout.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 3 + 11 * attempt));
    writer.kill("SIGKILL");
    await writer.status;
    await reader.cancel();
    const text = await Deno.readTextFile(path);
    assertEquals(text.length, length);
    assert(["a", "b", "c"].some((letter) => text === letter.repeat(length)));
    interrupted += namesIn(folder.path).filter((name) =>
      name !== "file"
    ).length;
    for (const name of namesIn(folder.path)) {
      if (name !== "file") await Deno.remove(`${folder.path}/${name}`);
    }
  }
  assert(interrupted > 0, "no write was interrupted: the test showed nothing");
});

Deno.test({
  ...onSmallDisk(
    "writeAtomically names the file on a full disk, leaves the old one whole, and nothing beside it",
  ),
  fn: async () => {
    await using disk = await mountSmallDisk(64);
    const path = `${disk.path}/file`;
    await writeAtomically(path, "old");
    await assertRejects(
      () => writeAtomically(path, new Uint8Array(100_000)),
      Error,
      `Cannot write ${path}: the disk is full; free some space and run again`,
    );
    assertEquals(await Deno.readTextFile(path), "old");
    assertEquals(namesIn(disk.path), ["file"]);
  },
});

Deno.test({
  ...onSmallDisk(
    "writeAllAtomically leaves every old file whole where the last new one doesn't fit",
  ),
  fn: async () => {
    await using disk = await mountSmallDisk(64);
    const [small, large] = [`${disk.path}/small`, `${disk.path}/large`];
    await writeAllAtomically([[small, "old"], [large, "old"]]);
    await assertRejects(
      () =>
        writeAllAtomically([[small, "new"], [large, new Uint8Array(100_000)]]),
      Error,
      `Cannot write ${large}: the disk is full`,
    );
    assertEquals(await Deno.readTextFile(small), "old");
    assertEquals(await Deno.readTextFile(large), "old");
    assertEquals(namesIn(disk.path).sort(), ["large", "small"]);
  },
});

Deno.test("a kill between two renames leaves no file beside others that the last doesn't vouch for", async () => {
  for (let survived = 0; survived < 3; survived++) {
    await using folder = await temporaryFolder();
    const write = (content: string, renames = Infinity) => `
      import { writeAllAtomically } from ${JSON.stringify(moduleUrl)};
      const rename = Deno.rename;
      let left = ${renames};
      Deno.rename = (from, to) => {
        if (left-- === 0) Deno.kill(Deno.pid, "SIGKILL");
        return rename(from, to);
      };
      await writeAllAtomically(["weights", "manifest", "model"].map((name) =>
        [${JSON.stringify(`${folder.path}/`)} + name, "${content}"]));
    `;
    const run = async (program: string) =>
      (await new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-config", program],
      }).output()).signal;
    assertEquals(await run(write("old")), null);
    assertEquals(await run(write("new", survived)), "SIGKILL");
    const names = namesIn(folder.path).filter((name) => !name.endsWith("tmp"));
    const texts = names.map((name) =>
      Deno.readTextFileSync(`${folder.path}/${name}`)
    );
    if (names.includes("model")) assertEquals(new Set(texts).size, 1);
    assertEquals(await run(write("new")), null);
    for (const name of names) {
      assertEquals(Deno.readTextFileSync(`${folder.path}/${name}`), "new");
    }
  }
});
