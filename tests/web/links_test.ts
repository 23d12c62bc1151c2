import { assert, assertEquals, assertMatch } from "@std/assert";
import { askSite } from "./ask_site.ts";
import { PAGES } from "./site_paths.ts";

/** What a page names of this site: in its HTML, and to be loaded early. */
interface Named {
  html: string;
  addresses: string[];
  scripts: string[];
}

async function readPage(path: string): Promise<Named> {
  const response = await askSite(path);
  const html = await response.text();
  const attributes = html.matchAll(/\s(?:href|src)="(\/[^"]*)"/g);
  const addresses = Array.from(
    attributes,
    ([, address]) => address.replaceAll("&amp;", "&").replace(/#.*/, ""),
  );
  const early = response.headers.get("link") ?? "";
  const scripts = Array.from(early.matchAll(/<([^>]+)>/g), ([, each]) => each);
  return { html, addresses: [...new Set(addresses)], scripts };
}

Deno.test("every address that a page names is there", async () => {
  for (const page of PAGES) {
    const { addresses, scripts } = await readPage(page);
    assert(addresses.length > 5, page);
    for (const address of [...addresses, ...scripts]) {
      const response = await askSite(address);
      await response.body?.cancel();
      assertEquals(response.status, 200, `${page} names ${address}`);
    }
  }
});

Deno.test("what a page names with the build's id is kept for ever", async () => {
  const { addresses, scripts } = await readPage("/");
  const locked = addresses.filter((address) => address.includes("__frsh_c="));
  assert(locked.length > 0 && scripts.length > 0);
  for (const address of [...locked, ...scripts]) {
    const response = await askSite(address);
    await response.body?.cancel();
    const caching = response.headers.get("cache-control") ?? "";
    assertMatch(caching, /max-age=31536000.*immutable/, address);
  }
});

Deno.test("the scripts of a page's islands are named before its HTML", async () => {
  const { scripts } = await readPage("/");
  assert(
    scripts.some((script) => /\/Draw\w*\.js$/i.test(script)),
    `${scripts}`,
  );
  for (const script of scripts) {
    const response = await askSite(script);
    const type = response.headers.get("content-type") ?? "";
    assertMatch(type, /^text\/javascript/, script);
    assert((await response.text()).length > 0);
  }
});

Deno.test("pages are whole without scripts: islands are in the HTML", async () => {
  const { html } = await readPage("/");
  assertMatch(html, /<canvas[^>]*data-testid="canvas"/);
  assertMatch(html, /data-testid="slider"/);
  for (const page of PAGES) {
    const { html } = await readPage(page);
    assertMatch(html, /^<!doctype html><html lang="en">/i);
    assertEquals(html.match(/<h1[ >]/g)?.length, 1, page);
    const head = html.slice(0, html.indexOf("</head>"));
    assertEquals(head.match(/<title>[^<]+<\/title>/g)?.length, 1, page);
    assertEquals(html.match(/<main[ >]/g)?.length, 1, page);
  }
});
