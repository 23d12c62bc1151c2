import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Builder } from "fresh/dev";
import { rm } from "node:fs/promises";
import type { State } from "./app/define.ts";

const root = new URL("app", import.meta.url).pathname;

/** The names in a folder, in order. */
async function list(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

Deno.test("a build is a folder from which the app answers alone", async () => {
  const built = `${root}/_fresh`;
  try {
    await new Builder<State>({ root }).build();
    const before = await list(root);
    const { default: server } = await import(`${built}/server.js`);
    const ask = (path: string): Promise<Response> =>
      server.fetch(new Request(`http://localhost${path}`));
    const page = await ask("/");
    assertStringIncludes(await page.text(), "<title>Home</title>");
    const style = await ask("/style.css");
    assertEquals(
      [style.status, await style.text()].join(),
      "200,main {\n  color: green;\n}\n",
    );
    assertEquals(before.filter((name) => name.startsWith("_fresh")), [
      "_fresh",
    ]);
  } finally {
    await rm(built, { recursive: true, force: true });
  }
});

Deno.test("a build that fails says where, and leaves what was built before", async () => {
  const broken = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${broken}/_fresh`);
    await Deno.mkdir(`${broken}/static`);
    await Deno.mkdir(`${broken}/islands`);
    await Deno.writeTextFile(`${broken}/islands/Bad.tsx`, "export const = 1;");
    const builder = new Builder<State>({ root: broken });
    const error = await assertRejects(() => builder.build(), Error);
    assertStringIncludes(error.message, "Cannot bundle");
    assertStringIncludes(error.message, "Bad.tsx");
    assertEquals(await list(broken), ["_fresh", "islands", "static"]);
  } finally {
    await Deno.remove(broken, { recursive: true });
  }
});
