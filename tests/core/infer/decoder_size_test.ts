import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { loadEncoded } from "../../../core/infer/load.ts";
import { bundleDecoder, measureDecoder } from "./decoder_size.ts";
import { smallDram, smallModel } from "./small_model.ts";

/** A module, as `deno info --json` tells of it. */
interface Module {
  specifier: string;
  dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
}

/** The modules that loading `entry` loads, by their paths in the repository. */
async function loadedBy(entry: string): Promise<string[]> {
  const root = new URL("../../../", import.meta.url);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", fileURLToPath(new URL(entry, root))],
  }).output();
  const { modules }: { modules: Module[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const bySpecifier = new Map(modules.map((each) => [each.specifier, each]));
  const found = new Set<string>();
  const visit = (specifier: string) => {
    if (found.has(specifier)) return;
    found.add(specifier);
    for (const each of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (each.code && !each.isDynamic) visit(each.code.specifier);
    }
  };
  visit(new URL(entry, root).href);
  return [...found].map((each) => each.replace(root.href, "")).toSorted();
}

Deno.test("decoder and direct path are at most 12.0 kB in a browser, gzipped; of every version, 16.6 kB", async () => {
  for (
    const [entry, most] of [["load_plain", 12_000], ["load", 16_600]] as const
  ) {
    const { bytes, gzipped } = await measureDecoder(entry);
    assert(
      gzipped > 2000 && gzipped <= most,
      `${entry}: ${bytes}, gzipped ${gzipped}`,
    );
  }
});

/** Posts the logits of the file and image that it is sent, by the bundle before it. */
const IN_WORKER = `
self.onmessage = ({ data: { bytes, image } }) =>
  self.postMessage(load(bytes).classify(image).logits);
`;

Deno.test("the bundle classifies in a worker without Deno", async () => {
  const bundle = new TextDecoder().decode(await bundleDecoder("load"));
  // Exported as `load` at the end: until then it has another name.
  const [, inside] = /export\s*\{[^}]*?\b(\w+) as load\b/.exec(bundle) ?? [];
  const parts = [bundle, `const load = ${inside};`, IN_WORKER];
  const url = URL.createObjectURL(
    new Blob([...parts, "delete globalThis.Deno;"], {
      type: "text/javascript",
    }),
  );
  const worker = new Worker(url, { type: "module" });
  const image = new Uint8Array(784).fill(200);
  const answer = Promise.withResolvers<Float32Array>();
  worker.onmessage = ({ data }) => answer.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    answer.reject(new Error(event.message));
  };
  worker.postMessage({ bytes: smallDram(), image });
  const { logits } = loadEncoded(smallModel()).classify(image);
  assertEquals(await answer.promise, logits);
  worker.terminate();
  URL.revokeObjectURL(url);
});

Deno.test("decoder and direct path load nothing of Deno, Node, npm or tfjs", async () => {
  const modules = await loadedBy("core/infer/mod.ts");
  assert(modules.includes("core/infer/load.ts"));
  const foreign = modules.filter((path) => !/^core\/.*\.ts$/.test(path));
  assertEquals(foreign, []);
  assert(!modules.includes("core/tf.ts"));
  for (const path of modules) {
    const text = await Deno.readTextFile(
      new URL(`../../../${path}`, import.meta.url),
    );
    const code = text.replace(/\/\*[^]*?\*\//g, "");
    assert(!/\bDeno\./.test(code), path);
  }
});

Deno.test("to evaluate a .dram file loads neither trainer nor framework", async () => {
  const folders = [
    "train",
    "distill",
    "sweep/sweep",
    "compress",
    "kernels",
    "tf",
  ];
  for (
    const entry of [
      "cli/main.ts",
      "cli/commands/evaluate.ts",
      "cli/commands/evaluate_dram.ts",
    ]
  ) {
    const modules = await loadedBy(entry);
    const found = modules.filter((path) =>
      folders.some((folder) => path.startsWith(`core/${folder}`)) ||
      path.includes("@tensorflow")
    );
    assertEquals(found, [], entry);
  }
});
