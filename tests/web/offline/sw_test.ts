import { assert, assertEquals, assertRejects } from "@std/assert";
import { ask, html, installBuild, makeSite, script } from "./small_site.ts";
import { WorkerHost } from "./worker_host.ts";

Deno.test("installed, it keeps the pages, all that they name, samples and the slider's models", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  assertEquals(host.kept, [
    "/",
    "/_fresh/js/b1/a.js",
    "/_fresh/js/b1/b.js",
    "/_fresh/js/b1/c.js",
    "/data/models.json",
    "/data/samples.json",
    "/icon.svg",
    "/inside",
    "/models/digits-99.cf359ea2.dram",
    "/samples/digits.0e.bin",
    "/styles.css?__frsh_c=b1",
    "/tradeoff",
    "/wasm/tfjs-backend-wasm-simd.wasm",
  ]);
  assert(host.asked.every((path) => path.startsWith("/")));
});

Deno.test("offline, everything that was kept is there, and nothing else", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  host.isOnline = false;
  assertEquals(await ask(host, "/tradeoff"), "tradeoff");
  assertEquals(await ask(host, "/_fresh/js/b1/c.js"), "lazy");
  assertEquals(await ask(host, "/models/digits-99.cf359ea2.dram"), "99");
  assertEquals(await ask(host, "/inside?model=digits-95"), "inside");
  await assertRejects(
    () => ask(host, "/models/teacher.0a0a0a0a.dram"),
    TypeError,
  );
});

Deno.test("what is used online is there offline", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  for (
    const path of [
      "/api/study",
      "/models/teacher.0a0a0a0a.dram",
      "/inside?model=digits-95",
    ]
  ) {
    await ask(host, path);
  }
  host.isOnline = false;
  assertEquals(await ask(host, "/api/study"), "study");
  assertEquals(await ask(host, "/models/teacher.0a0a0a0a.dram"), "T");
  assertEquals(await ask(host, "/inside?model=digits-95"), "inside digits-95");
});

Deno.test("what a page loaded before the worker answered is kept when it says so", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  assert(
    await host.tell([
      "/api/study",
      "/big.json",
      "https://elsewhere.example/x.png",
      "blob:https://retort.example/1",
    ]),
  );
  assert(host.kept.includes("/api/study"));
  assert(!host.kept.includes("/big.json"), "no page of the site names it");
  const asked = host.asked.length;
  assert(await host.tell(["/api/study"]), "it is kept already");
  assertEquals(host.asked.length, asked);
  host.isOnline = false;
  await assertRejects(() => host.tell(["/api/models"]), TypeError);
});

Deno.test("what never changes is asked for once; all else at each request, while online", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  host.asked.length = 0;
  await ask(host, "/_fresh/js/b1/a.js");
  await ask(host, "/models/digits-99.cf359ea2.dram");
  assertEquals(host.asked, []);
  site["/"] = html("new");
  assertEquals(await ask(host, "/"), "new");
  host.isOnline = false;
  assertEquals(await ask(host, "/"), "new");
});

Deno.test("an error of the server is passed on, and not kept", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  delete site["/tradeoff"];
  assertEquals(await ask(host, "/tradeoff"), 404);
  assertEquals(await ask(host, "/nowhere"), 404);
  host.isOnline = false;
  assertEquals(await ask(host, "/tradeoff"), "tradeoff");
  await assertRejects(() => ask(host, "/nowhere"), TypeError);
});

Deno.test("other methods and other origins are left alone", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  assertEquals(await host.ask("/", { method: "POST" }), undefined);
  assertEquals(await ask(host, "https://elsewhere.example/"), undefined);
});

Deno.test("a new build's worker keeps its own and the build before, and no older one", async () => {
  const { stores } = await installBuild("b1", { "/": html("first") });
  await installBuild("b2", { "/": html("second", "b2") }, stores);
  const third = await installBuild("b3", { "/": html("third", "b3") }, stores);
  assertEquals(
    [...stores.keys()],
    ["retort ?__frsh_c=b2", "retort ?__frsh_c=b3"],
  );
  third.isOnline = false;
  assertEquals(await ask(third, "/"), "third");
});

Deno.test("a page of the build before still gets its parts, which the server has no longer", async () => {
  const { stores } = await installBuild("b1");
  const changed = {
    "/": html("<script src='/_fresh/js/b2/a.js'></script>", "b2"),
    "/_fresh/js/b1/c.js": undefined,
    "/_fresh/js/b2/a.js": script("new"),
  };
  const next = await installBuild("b2", changed, stores);
  assertEquals(await ask(next, "/_fresh/js/b1/c.js"), "lazy");
  assertEquals(await ask(next, "/_fresh/js/b2/a.js"), "new");
  // What may change is never taken from an earlier build.
  next.isOnline = false;
  await assertRejects(() => ask(next, "/api/study"), TypeError);
});

Deno.test("where a page can't be had, the worker isn't installed", async () => {
  const host = await WorkerHost.start(makeSite());
  host.isOnline = false;
  await assertRejects(() => host.install(), TypeError);
});
