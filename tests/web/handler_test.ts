import { assert, assertEquals, assertMatch } from "@std/assert";
import { fc } from "../seeded_check.ts";
import { askSite } from "./ask_site.ts";
import { DATA, FILES, HASHED, MODELS, PAGES } from "./site_paths.ts";

const ALL = [...PAGES, ...DATA, ...FILES, ...HASHED];

/** What a response says, without its body. */
async function summarise(response: Response) {
  await response.body?.cancel();
  const { status, headers } = response;
  return {
    status,
    type: headers.get("content-type")?.replace(" ", "").toLowerCase(),
    tag: headers.get("etag"),
    caching: headers.get("cache-control") ?? "",
    headers,
  };
}

Deno.test("every page, every file and all data are there, with their types", async () => {
  const types: Record<string, RegExp> = {
    "/healthz": /^text\/plain/,
    "/api/models": /^application\/json/,
    "/api/study": /^application\/json/,
    "/api/study.csv": /^text\/csv/,
    "/styles.css": /^text\/css/,
    "/sw.js": /^text\/javascript/,
    "/manifest.webmanifest": /^application\/manifest\+json/,
  };
  for (const path of ALL) {
    const { status, type } = await summarise(await askSite(path));
    assertEquals(status, 200, path);
    const usual = PAGES.some((page) => page === path)
      ? /^text\/html;charset=utf-8$/
      : /^(application\/octet-stream|text\/plain)$/; // Fresh says the latter
    assertMatch(type ?? "", types[path] ?? usual, path);
  }
});

Deno.test("a page shows the model that the address names, and knows no other", async () => {
  for (const page of ["/", "/inside"]) {
    for (const name of MODELS) {
      const { status } = await summarise(
        await askSite(`${page}?model=${name}`),
      );
      assertEquals(status, 200, `${page} ${name}`);
    }
    const response = await askSite(`${page}?model=%3Cscript%3Ealert(1)`);
    assert(response.status < 500);
    assert(!(await response.text()).includes("<script>alert"));
  }
});

Deno.test("what isn't there is a page of the site that says so", async () => {
  for (const path of ["/nowhere", "/models/", "/api", "/inside/x", "/.git"]) {
    const response = await askSite(path);
    assertEquals(response.status, 404, path);
    assertMatch(await response.text(), /no such page/, path);
  }
});

Deno.test("the site can be read, nothing else", async () => {
  for (const path of ["/", "/healthz", "/styles.css", "/nowhere"]) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const { status, headers } = await summarise(
        await askSite(path, { method }),
      );
      assertEquals(status, 405, `${method} ${path}`);
      assertEquals(headers.get("allow"), "GET, HEAD");
    }
  }
});

Deno.test("HEAD is GET without the body", async () => {
  for (const path of [...ALL, "/nowhere"]) {
    const get = await summarise(await askSite(path));
    const response = await askSite(path, { method: "HEAD" });
    assertEquals(response.body, null, path);
    const head = await summarise(response);
    assertEquals(
      [head.status, head.type, head.caching],
      [get.status, get.type, get.caching],
      path,
    );
  }
});

Deno.test("what a browser has already is not sent again", async () => {
  let tagged = 0;
  for (const path of ALL) {
    const { tag } = await summarise(await askSite(path));
    if (tag === null) continue;
    tagged++;
    const headers = { "if-none-match": tag };
    const response = await askSite(path, { headers });
    assertEquals([response.status, response.body], [304, null], path);
    const stale = { "if-none-match": '"something else"' };
    const fresh = await summarise(await askSite(path, { headers: stale }));
    assertEquals(fresh.status, 200, path);
  }
  assert(tagged >= 3, `only ${tagged} of ${ALL.length} have a tag`);
});

Deno.test("a range of a model gives those bytes, or the server gives them all", async () => {
  const [path] = HASHED;
  const whole = await (await askSite(path)).bytes();
  for (
    const [range, from, to] of [
      ["bytes=0-3", 0, 4],
      ["bytes=5-", 5, whole.length],
      ["bytes=-7", whole.length - 7, whole.length],
    ] as const
  ) {
    const response = await askSite(path, { headers: { range } });
    const bytes = await response.bytes();
    if (response.status === 200) assertEquals(bytes, whole);
    else {
      assertEquals(response.status, 206);
      assertEquals(bytes, whole.slice(from, to));
    }
  }
});

Deno.test("a range that no file has, or that makes no sense, does no harm", async () => {
  for (const range of ["bytes=99999999-", "bytes=3-1", "bytes=", "lines=1-2"]) {
    const { status } = await summarise(
      await askSite(HASHED[0], { headers: { range } }),
    );
    assert([200, 400, 416].includes(status), `${range}: ${status}`);
  }
});

Deno.test("no address leads out of static/, however it is spelt", async () => {
  const up = fc.constantFrom("..", "%2e%2e", ".%2e", "%252e%252e", "..%00");
  const slash = fc.constantFrom("/", "%2f", "%5c", "\\", "//");
  const climb = fc.array(fc.tuple(up, slash), { minLength: 1, maxLength: 8 });
  const start = fc.constantFrom("/", "/styles/", "/models/", "/_fresh/js/");
  const target = fc.constantFrom("main.ts", "deno.json", "etc/passwd", ".git");
  const { error } = console;
  console.error = () => {}; // Fresh, built in memory, fails with 500.
  try {
    await fc.assert(
      fc.asyncProperty(start, climb, target, async (folder, steps, file) => {
        const path = `${folder}${steps.flat().join("")}${file}`;
        const { status } = await summarise(await askSite(path));
        assert(status >= 400, `${path}: ${status}`);
      }),
      { numRuns: 100 },
    );
  } finally {
    console.error = error;
  }
});

Deno.test("an address of any length or spelling is answered", async () => {
  const long = async (length: number) => {
    const path = `/?model=${"a".repeat(length - 8 - 16)}`;
    return (await summarise(await askSite(path))).status;
  };
  assertEquals(await long(8193), 414);
  assertEquals(await long(1_000_000), 414);
  assert(await long(8192) < 500);
  await fc.assert(
    fc.asyncProperty(fc.webPath(), fc.string(), async (path, query) => {
      const address = `/${path}?${encodeURIComponent(query)}`;
      const { status } = await summarise(await askSite(address));
      assert(status < 500, `${address}: ${status}`);
    }),
    { numRuns: 50 },
  );
  const { status } = await summarise(await askSite("/%E0%A4%A"));
  assert(status === 400 || status === 404, `${status}`);
});

Deno.test("files named by their hash are kept for ever; pages and data are asked for again", async () => {
  for (const path of HASHED) {
    const { caching } = await summarise(await askSite(path));
    assertMatch(caching, /max-age=31536000.*immutable/, path);
  }
  for (const path of [...PAGES, ...DATA, ...FILES, "/models/no.dram"]) {
    const { caching } = await summarise(await askSite(path));
    assert(!/immutable|max-age=[1-9]/.test(caching), `${path}: ${caching}`);
  }
});
