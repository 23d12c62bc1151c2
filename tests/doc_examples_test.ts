/**
 * Runs every example of the sources' doc comments. `deno test --doc` does the same,
 * with a process's whole beginning for each; here they share one. Their types are
 * checked by `deno check --doc`.
 *
 * @module
 */
import { fromFileUrl, join, relative, toFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

const SOURCES = ["core", "cli", "site", "bench", "fresh", "web"];

/** Folders of what is made, not written. */
const MADE = /^(?:_fresh.*|static|screenshots)$/;

/** Sources in `folder` and below. */
function* sourcesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory && !MADE.test(name)) yield* sourcesIn(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

/** An example of a doc comment. */
interface Example {
  /** As "core/version.ts#8", by the line on which it begins. */
  name: string;
  /** A module, with addresses in place of relative imports. */
  code: string;
}

/** The examples in the comments of the source at `path`. */
function* readExamples(path: string): Generator<Example> {
  const text = Deno.readTextFileSync(path);
  for (
    const { 0: block, 1: lines, index } of text.matchAll(
      /^ *\* ```ts\n((?: *\*.*\n)*?) *\* ```$/gm,
    )
  ) {
    const line = text.slice(0, index).split("\n").length + 1;
    if (!block) continue;
    yield {
      name: `${relative(ROOT, path)}#${line}`,
      code: lines.replace(/^ *\* ?/gm, "").replace(
        /(\bfrom |\bimport\()"(\.[^"]+)"/g,
        (_, before, to) => `${before}"${new URL(to, toFileUrl(path))}"`,
      ),
    };
  }
}

const folder = await Deno.makeTempDir({ prefix: "retort-examples-" });
addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

const examples = [join(ROOT, "mod.ts")]
  .concat(SOURCES.flatMap((name) => [...sourcesIn(join(ROOT, name))]))
  .sort()
  .flatMap((path) => [...readExamples(path)]);

for (const [index, { name, code }] of examples.entries()) {
  Deno.test(`the example ${name} holds`, async () => {
    const file = join(folder, `${index}.ts`);
    await Deno.writeTextFile(file, code);
    await import(toFileUrl(file).href);
  });
}
