import { assertEquals, assertRejects } from "@std/assert";
import { fillFolder } from "../../../core/distill/fill_folder.ts";

/** A cache in a temporary folder, removed with the scope. */
async function makeCache(): Promise<AsyncDisposable & { cache: string }> {
  const parent = await Deno.makeTempDir();
  return {
    cache: `${parent}/cache`,
    [Symbol.asyncDispose]: () => Deno.remove(parent, { recursive: true }),
  };
}

function list(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

const write = (text: string) => (folder: string) =>
  Deno.writeTextFile(`${folder}/text`, text);

Deno.test("fillFolder gives the filled folder its name, in place of an older one", async () => {
  await using made = await makeCache();
  const { cache } = made;
  await fillFolder(cache, "features", write("old"));
  await Deno.writeTextFile(`${cache}/features/more`, "more");
  await fillFolder(cache, "features", write("new"));
  assertEquals(list(cache), ["features"]);
  assertEquals(list(`${cache}/features`), ["text"]);
  assertEquals(await Deno.readTextFile(`${cache}/features/text`), "new");
});

Deno.test("fillFolder, failing, leaves the older folder and nothing else", async () => {
  await using made = await makeCache();
  const { cache } = made;
  await fillFolder(cache, "features", write("old"));
  await assertRejects(
    () =>
      fillFolder(cache, "features", async (folder) => {
        await write("half")(folder);
        throw new Error("the disk is full");
      }),
    Error,
    "the disk is full",
  );
  assertEquals(list(cache), ["features"]);
  assertEquals(await Deno.readTextFile(`${cache}/features/text`), "old");
});

Deno.test("fillFolder leaves alone what another process is filling, and removes it once that is killed", async () => {
  await using made = await makeCache();
  const { cache } = made;
  const fixture = new URL("fill_fixture.ts", import.meta.url).pathname;
  const other = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fixture, cache],
    stdout: "piped",
  }).spawn();
  const reader = other.stdout.getReader();
  await reader.read(); // "filling"
  await fillFolder(cache, "others", write("whole"));
  assertEquals(list(cache).length, 3, "a folder, its lock, and the others");
  other.kill("SIGKILL");
  await other.status;
  await reader.cancel();
  assertEquals(list(cache).length, 3, "the dead leave their things");
  await fillFolder(cache, "features", write("whole"));
  assertEquals(list(cache), ["features", "others"]);
});
