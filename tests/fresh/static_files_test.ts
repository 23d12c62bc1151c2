import { assert, assertEquals, assertMatch } from "@std/assert";
import { fc } from "../seeded_check.ts";
import { buildApp } from "./serve_app.ts";

const ask = await buildApp();

/** Addresses of scripts and styles that are tied to this build. */
async function findLockedAddresses(): Promise<string[]> {
  const response = await ask("/");
  const html = await response.text();
  const links = `${html} ${response.headers.get("link")}`;
  const style = /\/style\.css\?[^"]+/.exec(html)?.[0];
  const scripts = links.match(/\/_fresh\/js\/[^"<>;]+\.js/g) ?? [];
  return [style ?? "", ...new Set(scripts)];
}

Deno.test("a file is served with its type and length", async () => {
  for (
    const [path, type, text] of [
      ["/style.css", /^text\/css/, "main {\n  color: green;\n}\n"],
      ["/digits.bin", /^application\/octet-stream/, "0123456789"],
    ] as const
  ) {
    const response = await ask(path);
    assertEquals(response.status, 200);
    assertMatch(response.headers.get("content-type") ?? "", type);
    assertEquals(response.headers.get("content-length"), `${text.length}`);
    assertEquals(await response.text(), text);
  }
});

Deno.test("what a cache has already is not sent again", async () => {
  for (const path of ["/style.css", "/digits.bin"]) {
    const tag = (await ask(path)).headers.get("etag");
    if (tag === null) continue; // Fresh has none for a build in memory
    for (const sent of [tag, `W/${tag.replace("W/", "")}`, `"a", ${tag}`]) {
      if (sent.includes(",") && tag.startsWith("W/")) continue;
      const response = await ask(path, { headers: { "if-none-match": sent } });
      assertEquals([response.status, await response.text()], [304, ""]);
      assertEquals(response.headers.get("x-stamp"), path);
    }
    const other = await ask(path, { headers: { "if-none-match": '"other"' } });
    assertEquals(other.status, 200);
    await other.body?.cancel();
  }
});

Deno.test("a range gives that part, or the server gives the whole", async () => {
  const response = await ask("/digits.bin", {
    headers: { range: "bytes=2-4" },
  });
  const text = await response.text();
  if (response.status === 206) {
    assertEquals(text, "234");
    assertEquals(response.headers.get("content-range"), "bytes 2-4/10");
  } else {
    assertEquals([response.status, text], [200, "0123456789"]);
  }
});

Deno.test("addresses that name the build are kept for ever", async () => {
  const addresses = await findLockedAddresses();
  assert(addresses.length >= 3, addresses.join());
  for (const address of addresses) {
    const response = await ask(address);
    assertEquals(response.status, 200, address);
    assertMatch(response.headers.get("cache-control") ?? "", /immutable/);
    await response.body?.cancel();
  }
  const plain = await ask("/style.css");
  assertMatch(plain.headers.get("cache-control") ?? "", /no-cache/);
});

Deno.test("a file takes no other method", async () => {
  const response = await ask("/style.css", { method: "POST" });
  assertEquals(response.status, 405);
});

Deno.test("no address leads out of static/, however it is spelt", async () => {
  const up = fc.constantFrom("..", "%2e%2e", ".%2e", "%252e%252e", "..%00");
  const slash = fc.constantFrom("/", "%2f", "%5c", "\\", "//");
  const climb = fc.array(fc.tuple(up, slash), { minLength: 1, maxLength: 6 });
  const target = fc.constantFrom("main.ts", "routes/index.tsx", "etc/passwd");
  await fc.assert(
    fc.asyncProperty(climb, target, async (steps, file) => {
      const response = await ask(`/${steps.flat().join("")}${file}`);
      // Fresh, built in memory, says 500.
      assert(response.status >= 400, `${response.status}`);
      await response.body?.cancel();
    }),
    { numRuns: 60 },
  );
});
