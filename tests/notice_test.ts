import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "../fresh/dev/bundle.ts";
import { listFiles } from "../fresh/dev/list_files.ts";
import { listModules } from "../fresh/dev/list_modules.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const notice = await Deno.readTextFile(`${root}/NOTICE`);

/** `NAME VERSION` of each package of which the scripts in `folder` hold a part. */
async function packagesIn(folder: string): Promise<string[]> {
  const found = new Set<string>();
  for (const file of await listFiles(folder)) {
    const text = await Deno.readTextFile(`${folder}/${file}`);
    // Where a bundle isn't minified, each module stands behind its path.
    const paths = text.matchAll(
      /^\s*\/\/ \S*node_modules\/\.deno\/[^/\n]*?@(\d[^/_\n]*)[^/\n]*\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm,
    );
    for (const [, version, name] of paths) found.add(`${name} ${version}`);
  }
  return [...found].sort();
}

/** `NAME VERSION` of each line of a part of the notice that names both. */
function packagesOf(heading: string): string[] {
  const part = notice.split(/^== /m).find((each) => each.startsWith(heading));
  const lines = (part ?? "").matchAll(/^ {2}(\S+ \d+\.\d+\.\d+) {2}/gm);
  return [...lines].map(([, named]) => named).sort();
}

/** Bundles as `build` does, but not minified, so that its parts can be told. */
async function bundlePlainly(
  platform: "browser" | "deno",
  modules: string[],
): Promise<string> {
  const folder = await Deno.makeTempDir();
  const options = [`--platform=${platform}`, "--code-splitting"];
  await bundle(root, ...options, `--outdir=${folder}`, ...modules);
  return folder;
}

Deno.test("NOTICE names the packages that pages' scripts hold, and no others", async () => {
  const islands = Object.values(await listModules(`${root}/web/islands`));
  const folder = await bundlePlainly("browser", [
    `${root}/fresh/client.ts`,
    ...islands,
  ]);
  assertEquals(packagesOf("In the pages' scripts"), await packagesIn(folder));
});

Deno.test("NOTICE names the packages that the server's script holds, and no others", async () => {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  const main = pathToFileURL(`${root}/web/main.ts`);
  await Deno.writeTextFile(
    entry,
    `import { app } from "${main}";\nexport default { fetch: app.handler() };\n`,
  );
  const folder = await bundlePlainly("deno", [entry]);
  assertEquals(packagesOf("In the server's script"), await packagesIn(folder));
});

Deno.test("the built site holds the notice: copy NOTICE to web/static/NOTICE.txt where it doesn't", async () => {
  const served = await Deno.readTextFile(`${root}/web/static/NOTICE.txt`);
  assertEquals(served, notice);
});

Deno.test("NOTICE has each licence that it names, and MNIST's", () => {
  const named = notice.matchAll(/ {2}(MIT|Apache-2\.0|BSD-[23]-Clause) {2}/g);
  assertEquals(
    [...new Set([...named].map(([, licence]) => licence))].sort(),
    ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT"],
  );
  for (
    const text of [
      "Permission is hereby granted, free of charge",
      "Redistributions in binary form must reproduce",
      "Neither the name Facebook",
      "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION",
      "Attribution-Share Alike 3.0",
    ]
  ) assertStringIncludes(notice, text);
});
