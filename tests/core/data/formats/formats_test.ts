import { assert, assertEquals, assertRejects } from "@std/assert";
import { DATA_FORMATS } from "../../../../core/data/formats/formats.ts";
import { loadDataset } from "../../../../core/data/formats/load_dataset.ts";

/** What `deno info --json` says of a module, as far as it is read here. */
interface Graph {
  roots: string[];
  modules: {
    specifier: string;
    dependencies?: {
      specifier: string;
      code?: { specifier?: string };
      isDynamic?: boolean;
    }[];
  }[];
}

Deno.test("no package is loaded before a file of its form is read", async () => {
  const entry = new URL(
    "../../../../core/data/formats/load_dataset.ts",
    import.meta.url,
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry.href],
  }).output();
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const modules = new Map(
    graph.modules.map((each) => [each.specifier, each.dependencies ?? []]),
  );
  const [seen, dynamic] = [new Set(graph.roots), new Set<string>()];
  for (const specifier of seen) {
    for (const each of modules.get(specifier) ?? []) {
      if (each.isDynamic) dynamic.add(each.specifier);
      else if (each.code) seen.add(each.code.specifier ?? each.specifier);
    }
  }
  assertEquals([...seen].filter((each) => each.startsWith("npm:")), []);
  assert(seen.size > 10, "the graph is followed");
  assert(dynamic.has("npm:jpeg-js@0.4.4"), [...dynamic].join());
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
