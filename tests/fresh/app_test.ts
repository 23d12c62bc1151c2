import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { buildApp } from "./serve_app.ts";

const ask = await buildApp();

Deno.test("middlewares run around what answers, and share state with it", async () => {
  const response = await ask("/plain");
  assertStringIncludes(await response.text(), '<body class="hello">');
  assertEquals(response.headers.get("x-stamp"), "/plain");
});

Deno.test("a route answers the methods that it has handlers for, a mere page every one", async () => {
  const statuses = async (path: string) => {
    const asked = ["GET", "HEAD", "POST"].map((method) =>
      ask(path, { method })
    );
    return (await Promise.all(asked)).map(({ status }) => status);
  };
  assertEquals(await statuses("/data"), [200, 200, 201]);
  assertEquals(await statuses("/plain"), [200, 200, 200]);
  assertEquals(await statuses("/models/a"), [200, 200, 200]);
});

Deno.test("a method that a route has no handler for is refused", async () => {
  const response = await ask("/data", { method: "PUT" });
  // Fresh says 404 of routes of the folder, which it loads when first asked for.
  assert([404, 405].includes(response.status));
  assertStringIncludes(await response.text(), `Failed: ${response.status}`);
});

Deno.test("HEAD has the headers of GET and no body", async () => {
  for (const path of ["/models/a", "/plain", "/style.css", "/nowhere"]) {
    const get = await ask(path);
    const head = await ask(path, { method: "HEAD" });
    assertEquals(head.status, get.status);
    const type = "content-type";
    assertEquals(head.headers.get(type), get.headers.get(type), path);
    assertEquals(await head.text(), "");
    await get.body?.cancel();
  }
});

Deno.test("the most specific route answers; parameters are decoded", async () => {
  const json = async (path: string) => (await ask(path)).json();
  assertEquals(await json("/models"), "all");
  assertEquals(await json("/models/best"), "best");
  assertEquals(await json("/models/a%20b"), { name: "a b", method: "GET" });
});

Deno.test("a page gets its handler's data, status and headers", async () => {
  const got = await ask("/data");
  assertStringIncludes(await got.text(), "<main>hello 1,2</main>");
  const made = await ask("/data", { method: "POST" });
  assertEquals([made.status, made.headers.get("x-made")], [201, "1"]);
  assertStringIncludes(await made.text(), "<main>hello 3</main>");
});

Deno.test("every page is a document within _app", async () => {
  const response = await ask("/plain");
  const type = response.headers.get("content-type")?.replace(" ", "");
  assertEquals(type?.toLowerCase(), "text/html;charset=utf-8");
  const html = await response.text();
  assert(/^<!doctype html><html lang="en">/i.test(html));
  assertStringIncludes(html, '<body class="hello"><p>/plain</p><main>no');
});

Deno.test("Head replaces what it names again and adds the rest", async () => {
  const html = await (await ask("/")).text();
  const head = html.slice(html.indexOf("<head>"), html.indexOf("</head>"));
  assertEquals(head.match(/<title>.*?<\/title>/g), ["<title>Home</title>"]);
  assertEquals(head.match(/content="of \w+"/g), ['content="of home"']);
  assertEquals(
    Array.from(head.matchAll(/href="([^"?]*)/g), ([, href]) => href).sort(),
    ["/home.css", "/style.css"],
  );
});

Deno.test("what is thrown becomes the page _error, with its status", async () => {
  for (
    const [path, status] of [
      ["/nowhere", 404],
      ["/models/a/b", 404],
      ["/fail?status=404", 404],
      ["/fail?status=403", 403],
    ] as const
  ) {
    const response = await ask(path);
    assertEquals(response.status, status);
    assertStringIncludes(await response.text(), `Failed: ${status}`);
  }
});

Deno.test("what a failure says stays on the server", async () => {
  const { error } = console;
  console.error = () => {};
  try {
    const response = await ask("/fail?status=0");
    assertEquals(response.status, 500);
    const html = await response.text();
    assertStringIncludes(html, "Failed: 500");
    assert(!html.includes("secret"));
  } finally {
    console.error = error;
  }
});

Deno.test("the policy lets in no inline script of a page that has none", async () => {
  const policy = (await ask("/plain")).headers.get("content-security-policy");
  const directives = policy?.split("; ") ?? [];
  assert(directives.includes("img-src 'self' data: blob:"), policy ?? "none");
  assert(directives.includes("frame-ancestors 'none'"));
  assert(!/(script|style)-src[^;]*'unsafe-inline'/.test(policy ?? ""));
});

Deno.test("an island's props can't end the script that they are in", async () => {
  const html = await (await ask("/")).text();
  assert(!html.includes("</script><b>"));
  assertStringIncludes(html, "<i>lala</i>");
  assertStringIncludes(html, "<b>HEY</b>");
});

Deno.test("a page without islands loads no script", async () => {
  const response = await ask("/plain");
  assertEquals(response.headers.get("link"), null);
  assert(!(await response.text()).includes("<script"));
});
