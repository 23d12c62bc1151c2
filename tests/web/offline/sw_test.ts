import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Resource, WorkerHost } from "./worker_host.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";

function html(body: string): Resource {
  return { body, type: "text/html; charset=UTF-8" };
}

function script(body: string): Resource {
  return { body, type: "text/javascript", cacheControl: IMMUTABLE };
}

const MODELS = {
  models: [
    {
      name: "digits-99",
      file: "/models/digits-99.cf359ea2.dram",
      frontier: true,
    },
    {
      name: "teacher",
      file: "/models/teacher.0a0a0a0a.dram",
      frontier: false,
    },
  ],
};

/** A site as small as can be, of the parts that a worker tells apart. */
function makeSite(): Record<string, Resource> {
  return {
    "/": html(
      `<link href="/styles.css?__frsh_c=b1"><script src='/_fresh/js/b1/a.js'></script>
       <a href="/api/study">data</a><img src="https://elsewhere.example/x.png">`,
    ),
    "/tradeoff": html("tradeoff"),
    "/inside": html("inside"),
    "/inside?model=digits-95": html("inside digits-95"),
    "/styles.css?__frsh_c=b1": {
      body: "body { background: url(/icon.svg) }",
      type: "text/css",
      cacheControl: IMMUTABLE,
    },
    "/icon.svg": { body: "icon", type: "image/svg+xml" },
    "/_fresh/js/b1/a.js": script(
      'import"./b.js";const c=()=>import("./c.js");const gone="./gone.js"',
    ),
    "/_fresh/js/b1/b.js": script('import"./a.js"'),
    "/_fresh/js/b1/c.js": script("lazy"),
    "/data/models.json": { body: JSON.stringify(MODELS) },
    "/data/samples.json": { body: '{ "file": "/samples/digits.0e.bin" }' },
    "/samples/digits.0e.bin": { body: "samples", cacheControl: IMMUTABLE },
    "/models/digits-99.cf359ea2.dram": { body: "99", cacheControl: IMMUTABLE },
    "/models/teacher.0a0a0a0a.dram": { body: "T", cacheControl: IMMUTABLE },
    "/wasm/tfjs-backend-wasm-simd.wasm": { body: "simd" },
    "/big.json": { body: "big" },
  };
}

/** The worker of `build`, installed on the site with these changes. */
async function installBuild(
  build: string,
  changes: Record<string, Resource | undefined> = {},
  stores?: WorkerHost["stores"],
): Promise<WorkerHost> {
  const site = Object.entries({ ...makeSite(), ...changes })
    .flatMap(([path, resource]) => resource ? [[path, resource]] : []);
  const host = await WorkerHost.start(Object.fromEntries(site), {
    build,
    stores,
  });
  await host.install();
  return host;
}

Deno.test("installed, it keeps the pages, all that they name, samples and the slider's models", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  assertEquals(host.kept, [
    "/",
    "/_fresh/js/b1/a.js",
    "/_fresh/js/b1/b.js",
    "/_fresh/js/b1/c.js",
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
  assertEquals(await host.ask("/tradeoff"), "tradeoff");
  assertEquals(await host.ask("/_fresh/js/b1/c.js"), "lazy");
  assertEquals(await host.ask("/models/digits-99.cf359ea2.dram"), "99");
  assertEquals(await host.ask("/inside?model=digits-95"), "inside");
  await assertRejects(
    () => host.ask("/models/teacher.0a0a0a0a.dram"),
    TypeError,
  );
});

Deno.test("what is used online is there offline", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  for (
    const path of [
      "/big.json",
      "/models/teacher.0a0a0a0a.dram",
      "/inside?model=digits-95",
    ]
  ) {
    await host.ask(path);
  }
  host.isOnline = false;
  assertEquals(await host.ask("/big.json"), "big");
  assertEquals(await host.ask("/models/teacher.0a0a0a0a.dram"), "T");
  assertEquals(await host.ask("/inside?model=digits-95"), "inside digits-95");
});

Deno.test("what a page loaded before the worker answered is kept when it says so", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  assert(
    await host.tell([
      "/big.json",
      "https://elsewhere.example/x.png",
      "blob:https://retort.example/1",
    ]),
  );
  assert(host.kept.includes("/big.json"));
  const asked = host.asked.length;
  assert(await host.tell(["/big.json"]), "it is kept already");
  assertEquals(host.asked.length, asked);
  host.isOnline = false;
  await assertRejects(() => host.tell(["/data/other.json"]), TypeError);
});

Deno.test("what never changes is asked for once; all else at each request, while online", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  host.asked.length = 0;
  await host.ask("/_fresh/js/b1/a.js");
  await host.ask("/models/digits-99.cf359ea2.dram");
  assertEquals(host.asked, []);
  site["/"] = html("new");
  assertEquals(await host.ask("/"), "new");
  host.isOnline = false;
  assertEquals(await host.ask("/"), "new");
});

Deno.test("an error of the server is passed on, and not kept", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  delete site["/tradeoff"];
  assertEquals(await host.ask("/tradeoff"), 404);
  assertEquals(await host.ask("/nowhere"), 404);
  host.isOnline = false;
  assertEquals(await host.ask("/tradeoff"), "tradeoff");
  await assertRejects(() => host.ask("/nowhere"), TypeError);
});

Deno.test("other methods and other origins are left alone", async () => {
  const host = await WorkerHost.start(makeSite());
  await host.install();
  assertEquals(await host.ask("/", { method: "POST" }), undefined);
  assertEquals(await host.ask("https://elsewhere.example/"), undefined);
});

Deno.test("a new build's worker keeps its own and the build before, and no older one", async () => {
  const { stores } = await installBuild("b1", { "/": html("first") });
  await installBuild("b2", { "/": html("second") }, stores);
  const third = await installBuild("b3", { "/": html("third") }, stores);
  assertEquals(
    [...stores.keys()],
    ["retort ?__frsh_c=b2", "retort ?__frsh_c=b3"],
  );
  third.isOnline = false;
  assertEquals(await third.ask("/"), "third");
});

Deno.test("a page of the build before still gets its parts, which the server has no longer", async () => {
  const { stores } = await installBuild("b1");
  const changed = {
    "/": html("<script src='/_fresh/js/b2/a.js'></script>"),
    "/_fresh/js/b1/c.js": undefined,
    "/_fresh/js/b2/a.js": script("new"),
  };
  const next = await installBuild("b2", changed, stores);
  assertEquals(await next.ask("/_fresh/js/b1/c.js"), "lazy");
  assertEquals(await next.ask("/_fresh/js/b2/a.js"), "new");
  // What may change is never taken from an earlier build.
  next.isOnline = false;
  await assertRejects(() => next.ask("/big.json"), TypeError);
});

Deno.test("where a page can't be had, the worker isn't installed", async () => {
  const host = await WorkerHost.start(makeSite());
  host.isOnline = false;
  await assertRejects(() => host.install(), TypeError);
});
