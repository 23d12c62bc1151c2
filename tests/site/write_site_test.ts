import { assertEquals, assertRejects } from "@std/assert";
import type { SiteFile } from "../../site/make_site.ts";
import { writeSite } from "../../site/write_site.ts";

const SITE: SiteFile[] = [
  ["models/a.0123abcd.dram", Uint8Array.of(1, 2)],
  ["samples/digits.0123abcd.bin", Uint8Array.of(3)],
  ["data/models.json", "{}\n"],
];

/** Every file below `folder`, sorted. */
function namesBelow(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${below}`)].flatMap(
    ({ name, isDirectory }) =>
      isDirectory ? namesBelow(folder, `${below}${name}/`) : `${below}${name}`,
  ).sort();
}

Deno.test("a site is written as it is given, into a folder that needs not be there", async () => {
  const out = `${await Deno.makeTempDir()}/deep/static`;
  assertEquals(await writeSite(out, SITE), []);
  assertEquals(namesBelow(out), SITE.map(([path]) => path).sort());
  assertEquals(
    await Deno.readFile(`${out}/models/a.0123abcd.dram`),
    SITE[0][1],
  );
});

Deno.test("what an earlier site has left is removed, and nothing else", async () => {
  const out = await Deno.makeTempDir();
  await writeSite(out, SITE);
  const own = ["styles.css", "models/notes.txt", "samples/digits.bin"];
  for (const path of own) await Deno.writeTextFile(`${out}/${path}`, path);
  const removed = await writeSite(out, [
    ["models/b.89abcdef.dram", Uint8Array.of(4)],
    ["data/models.json", "[]\n"],
  ]);
  assertEquals(removed, [
    "models/a.0123abcd.dram",
    "samples/digits.0123abcd.bin",
  ]);
  const left = ["data/models.json", "models/b.89abcdef.dram", ...own];
  assertEquals(namesBelow(out), left.sort());
});

Deno.test("where a file can't be written the old site stays as it was", async () => {
  const out = await Deno.makeTempDir();
  await writeSite(out, SITE);
  const unwritable = `data/${"x".repeat(300)}.json`;
  await assertRejects(() =>
    writeSite(out, [["data/models.json", "new"], [unwritable, "new"]])
  );
  assertEquals(namesBelow(out), SITE.map(([path]) => path).sort());
  assertEquals(await Deno.readTextFile(`${out}/data/models.json`), "{}\n");
});
