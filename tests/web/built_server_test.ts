import { assert, assertEquals } from "@std/assert";
import { buildSite } from "./browser/build_site.ts";
import { spawnServer } from "./load/spawn_server.ts";
import { DATA, FILES, HASHED, PAGES } from "./site_paths.ts";

const folder = await buildSite();

Deno.test("the built server answers with leave to listen and to read its own folder alone, in 128 MB", async () => {
  // A script that Deno hasn't run yet is analysed once, in some 30 MB more.
  await (await spawnServer(folder, "listen.js"))[Symbol.asyncDispose]();
  await using server = await spawnServer(folder, "listen.js");
  for (let round = 0; round < 5; round++) {
    for (const path of [...PAGES, ...DATA, ...FILES, ...HASHED]) {
      const response = await fetch(`${server.origin}${path}`);
      assertEquals(response.status, 200, path);
      await response.body?.cancel();
    }
  }
  const memory = await server.readMemory();
  assert(memory < 128 * 2 ** 20, `${memory} bytes`);
});

Deno.test("the built server imports nothing but what is beside it and Deno's own", async () => {
  const outside: string[] = [];
  const entry = await Deno.readTextFile(`${folder}/server.js`);
  const [, build] = /"\.\/(build-\w+)\/server\.js"/.exec(entry) ?? [];
  const scripts = [...Deno.readDirSync(`${folder}/${build}`)]
    .filter(({ name }) => name.endsWith(".js"));
  assert(scripts.length > 1, `only ${scripts.length} scripts`);
  for (const { name } of scripts) {
    const code = await Deno.readTextFile(`${folder}/${build}/${name}`);
    const imports = code.matchAll(
      /^(?:import|export)\b[^"'`;]*?["']([^"'\n]+)["'];$|^\} from "([^"]+)";$/gm,
    );
    for (const [, plain, listed] of imports) {
      const specifier = plain ?? listed;
      if (!/^(\.\/|node:)/.test(specifier)) {
        outside.push(`${name}: ${specifier}`);
      }
    }
  }
  assertEquals(outside, []);
});

Deno.test("pages, data and scripts come compressed to whoever takes it so", async () => {
  await using server = await spawnServer(
    folder,
    "serve",
    `${folder}/server.js`,
  );
  const encodingOf = async (path: string, accepted: string) => {
    const headers = { "accept-encoding": accepted };
    const response = await fetch(`${server.origin}${path}`, { headers });
    await response.body?.cancel();
    return response.headers.get("content-encoding");
  };
  for (const path of ["/", "/api/study"]) {
    assertEquals(await encodingOf(path, "gzip, br"), "gzip", path);
  }
  assertEquals(await encodingOf("/styles.css", "gzip, br"), "br");
  assertEquals(await encodingOf("/styles.css", "gzip"), "gzip");
  assertEquals(await encodingOf(HASHED[0], "gzip, br"), null);
});
