import { assert, assertEquals } from "@std/assert";
import { serveSite } from "../browser/serve_site.ts";
import { download } from "./download.ts";
import { followFiles } from "./follow_files.ts";
import { sumWeights, weighPage } from "./page_weight.ts";

Deno.test("files are followed by links, islands and static imports, not by calls", async () => {
  const text = (type: string, text: string) => ({ type, text });
  const site: Record<string, { type: string; text: string }> = {
    "/": text(
      "text/html",
      `<link rel="stylesheet" href="/a.css?v=1"><a href="/next">…</a>
       <script type="application/json">[{"module":"/_fresh/js/island.js","props":{"script":"/worker.js"}}]</script>
       <script type="module" src="/_fresh/js/boot.js"></script>`,
    ),
    "/a.css?v=1": text("text/css", `@import url("./b.css");`),
    "/b.css": text("text/css", ""),
    "/_fresh/js/boot.js": text(
      "text/javascript",
      `import{h}from"./chunk.js";h()`,
    ),
    "/_fresh/js/island.js": text(
      "text/javascript",
      `import"./chunk.js";const f=()=>import("./later.js");export{f as default}`,
    ),
    "/_fresh/js/chunk.js": text("text/javascript", `export{h}from"./boot.js"`),
  };
  const origin = "http://localhost";
  const read = (url: string) => Promise.resolve(site[url.replace(origin, "")]);
  const { files, called } = await followFiles([`${origin}/`], [], read);
  assertEquals(
    files.map((url) => url.replace(origin, "")).toSorted(),
    Object.keys(site).toSorted(),
  );
  assertEquals(called, [`${origin}/_fresh/js/later.js`]);
  const known = await followFiles(
    [`${origin}/_fresh/js/boot.js`],
    [`${origin}/_fresh/js/chunk.js`],
    read,
  );
  assertEquals(known.files, [`${origin}/_fresh/js/boot.js`]);
});

Deno.test("no script of the front page, or behind it, has syntax that few browsers can parse", async () => {
  const site = await serveSite();
  try {
    const { first, webgpu, wasm } = await weighPage(site.origin);
    const scripts = [...first, ...webgpu, ...wasm]
      .filter(({ path }) => path.endsWith(".js"));
    assert(scripts.length > 5);
    for (const { path } of scripts) {
      const { body } = await download(`${site.origin}${path}`, "identity");
      const code = new TextDecoder().decode(body);
      assertEquals(
        code.match(/[{};]\s*(?:await )?using [\w$]+\s*=/g),
        null,
        path,
      );
    }
  } finally {
    await site.stop();
  }
});

Deno.test("the front page is light until its first prediction, and tfjs behind it is cut to size", async () => {
  const site = await serveSite();
  try {
    const { first, webgpu, wasm } = await weighPage(site.origin);
    const scripts = first.filter(({ path }) => path.endsWith(".js"));
    assert(scripts.length > 0);
    const light = sumWeights(first);
    assert(light.brotli <= 38_950, JSON.stringify(light));
    assert(light.gzip <= 43_350, JSON.stringify(light));
    const gpu = sumWeights(webgpu);
    assert(gpu.gzip <= 77_800, JSON.stringify(gpu));
    const binary = wasm.filter(({ path }) => path.endsWith(".wasm"));
    assertEquals(binary.length, 1);
    const code = sumWeights(wasm).gzip - sumWeights(binary).gzip;
    assert(code <= 71_200, `${code}`);
  } finally {
    await site.stop();
  }
});
