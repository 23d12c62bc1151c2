import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { keepPages } from "../../web/keep_pages.ts";
import { fc } from "../seeded_check.ts";

/** Every address that these tests ask for, and some that they want kept. */
const known = {
  has: (address: string) => !address.startsWith("/unknown"),
};
const keeping = keepPages(known);

/** What the middleware asks of a request's context. */
type Context = Parameters<typeof keeping>[0];

/** Asks for an address; `render` is what comes next. */
async function ask(
  address: string,
  render: () => Response,
  headers: Record<string, string> = {},
): Promise<Response> {
  const url = new URL(address, "http://localhost");
  const req = new Request(url, { headers });
  const next = () => Promise.resolve(render());
  return await keeping({ url, req, next } as Context);
}

const asHtml = { headers: { "content-type": "text/html; charset=utf-8" } };

Deno.test("a page is rendered once an address", async () => {
  let rendered = 0;
  const render = () => new Response(`<p>${++rendered}</p>`, asHtml);
  const texts = [];
  for (const address of ["/once", "/once", "/once?a=1", "/once"]) {
    texts.push(await (await ask(address, render)).text());
  }
  assertEquals(texts, ["<p>1</p>", "<p>1</p>", "<p>2</p>", "<p>1</p>"]);
});

Deno.test("a page with a nonce, an error and what is no page are asked for each time", async () => {
  for (
    const [name, render] of [
      ["nonce", () => new Response("<script nonce='a'></script>", asHtml)],
      ["error", () => new Response("no", { ...asHtml, status: 404 })],
      ["json", () => Response.json("data")],
    ] as const
  ) {
    let asked = 0;
    for (let time = 0; time < 3; time++) {
      const response = await ask(`/${name}`, () => (asked++, render()));
      assertEquals(response.headers.get("etag"), null);
      assertEquals(await response.text(), await render().text());
    }
    assertEquals(asked, 3, name);
  }
});

Deno.test("every page comes back as it was rendered, compressed or not", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      const address = `/text/${count++}`;
      const render = () => new Response(text, asHtml);
      const expected = await render().text();
      assertEquals(await (await ask(address, render)).text(), expected);
      const accepting = { "accept-encoding": "br, gzip;q=0.5" };
      const response = await ask(address, render, accepting);
      assertEquals(response.headers.get("content-encoding"), "gzip");
      assertEquals(response.headers.get("vary"), "accept-encoding");
      const gunzipped = response.body!
        .pipeThrough(new DecompressionStream("gzip"));
      assertEquals(await new Response(gunzipped).text(), expected);
    }),
    { numRuns: 30 },
  );
});

Deno.test("who refuses gzip gets none", async () => {
  const render = () => new Response("<p>", asHtml);
  for (
    const accepted of ["", "br", "gzip;q=0", "gzip; q=0.0, br", "identity"]
  ) {
    const headers = { "accept-encoding": accepted };
    const response = await ask("/refused", render, headers);
    assertEquals(response.headers.get("content-encoding"), null, accepted);
    await response.body?.cancel();
  }
});

Deno.test("a browser that has the page gets 304, with the headers of the page", async () => {
  const render = () => new Response("<p>tagged", asHtml);
  const tag = (await ask("/tagged", render)).headers.get("etag") ?? "";
  assertMatch(tag, /^"\w+"$/);
  for (const known of [tag, `W/${tag}`, `"a", ${tag}`, "*"]) {
    const headers = { "if-none-match": known };
    const response = await ask("/tagged", render, headers);
    assertEquals([response.status, response.body], [304, null], known);
    assertEquals(response.headers.get("etag"), tag);
  }
  const other = await ask("/other", () => new Response("<p>other", asHtml));
  assertNotEquals(other.headers.get("etag"), tag);
});

Deno.test("addresses that the site doesn't have are rendered each time, and drive nothing out", async () => {
  const rendered: string[] = [];
  const askFor = async (address: string) => {
    const render = () => {
      rendered.push(address);
      return new Response(`<p>${address}`, asHtml);
    };
    const response = await ask(address, render);
    assertEquals(await response.text(), `<p>${address}`);
  };
  await askFor("/kept");
  const unknown = Array.from({ length: 100 }, (_, i) => `/unknown?model=${i}`);
  for (const address of [...unknown, ...unknown]) await askFor(address);
  await askFor("/kept");
  assertEquals(rendered, ["/kept", ...unknown, ...unknown]);
});
