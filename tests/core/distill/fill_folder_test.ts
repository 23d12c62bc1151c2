import { assertEquals, assertRejects } from "@std/assert";
import { existsSync } from "node:fs";
import {
  fillFolder,
  type FillOptions,
} from "../../../core/distill/extract_features.ts";

/** A cache in a temporary folder, removed with the scope. */
async function makeCache(): Promise<AsyncDisposable & { cache: string }> {
  const parent = await Deno.makeTempDir();
  return {
    cache: `${parent}/cache`,
    [Symbol.asyncDispose]: () => Deno.remove(parent, { recursive: true }),
  };
}

/** What `folder` holds beside locks. */
function list(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => !name.endsWith(".lock")).sort();
}

/** Fills a folder with one file of `text`, and takes it for whole by that text. */
const withText = (text: string): FillOptions => ({
  write: (folder) => Deno.writeTextFile(`${folder}/text`, text),
  isWhole: async (folder) =>
    existsSync(`${folder}/text`) &&
    await Deno.readTextFile(`${folder}/text`) === text,
});

/** A process that is filling `features` for some milliseconds. */
async function startFilling(cache: string, milliseconds: number) {
  const fixture = new URL("fill_fixture.ts", import.meta.url).pathname;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fixture, cache, `${milliseconds}`],
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read(); // "filling"
  await reader.cancel();
  return process;
}

Deno.test("fillFolder gives the filled folder its name, in place of a damaged one", async () => {
  await using made = await makeCache();
  const { cache } = made;
  await fillFolder(cache, "features", withText("old"));
  await Deno.writeTextFile(`${cache}/features/more`, "more");
  await fillFolder(cache, "features", withText("new"));
  assertEquals(list(cache), ["features"]);
  assertEquals(list(`${cache}/features`), ["text"]);
  assertEquals(await Deno.readTextFile(`${cache}/features/text`), "new");
});

Deno.test("fillFolder, failing, leaves the older folder and nothing else", async () => {
  await using made = await makeCache();
  const { cache } = made;
  await fillFolder(cache, "features", withText("old"));
  await assertRejects(
    () =>
      fillFolder(cache, "features", {
        async write(folder) {
          await withText("half").write(folder);
          throw new Error("the disk is full");
        },
        isWhole: () => Promise.resolve(false),
      }),
    Error,
    "the disk is full",
  );
  assertEquals(list(cache), ["features"]);
  assertEquals(await Deno.readTextFile(`${cache}/features/text`), "old");
});

Deno.test("fillFolder leaves a folder that is whole as it is", async () => {
  await using made = await makeCache();
  const { cache } = made;
  await fillFolder(cache, "features", withText("text"));
  const refuse = () => Promise.reject(new Error("It was written again"));
  const { isWhole } = withText("text");
  await fillFolder(cache, "features", { isWhole, write: refuse });
  assertEquals(list(cache), ["features"]);
});

Deno.test("fillFolder leaves alone what another process is filling, and removes it once that is killed", async () => {
  await using made = await makeCache();
  const { cache } = made;
  const other = await startFilling(cache, 60_000);
  await fillFolder(cache, "others", withText("whole"));
  assertEquals(list(cache), ["features.new", "others"]);
  assertEquals(list(`${cache}/features.new`), ["half"]);
  other.kill("SIGKILL");
  await other.status;
  assertEquals(list(cache), ["features.new", "others"], "the dead leave it");
  await fillFolder(cache, "others", withText("whole"));
  assertEquals(list(cache), ["others"]);
});

Deno.test("fillFolder waits for another process that is filling the same name, and keeps what it wrote", async () => {
  await using made = await makeCache();
  const { cache } = made;
  const other = await startFilling(cache, 500);
  await fillFolder(cache, "features", {
    isWhole: withText("the other's").isWhole,
    write: () => Promise.reject(new Error("It was written twice")),
  });
  assertEquals(list(`${cache}/features`), ["half", "text"]);
  assertEquals((await other.status).code, 0);
});

Deno.test("fillFolder lets one of many calls at once write, and the others find it whole", async () => {
  await using made = await makeCache();
  const { cache } = made;
  const { isWhole, write } = withText("text");
  let written = 0;
  await Promise.all(
    Array.from({ length: 4 }, () =>
      fillFolder(cache, "features", {
        isWhole,
        write: (folder) => {
          written++;
          return write(folder);
        },
      })),
  );
  assertEquals([written, list(cache)], [1, ["features"]]);
});

Deno.test("fillFolder stops waiting when aborted", async () => {
  await using made = await makeCache();
  const { cache } = made;
  const other = await startFilling(cache, 60_000);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const error = await assertRejects(() =>
    fillFolder(cache, "features", { ...withText("text"), signal })
  );
  assertEquals(error, reason);
  assertEquals(list(cache), ["features.new"]);
  other.kill("SIGKILL");
  await other.status;
});
