import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Resource, WorkerHost } from "./worker_host.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";

/** A page; it names its build, as each does. */
function html(body: string, build = "b1"): Resource {
  return {
    body: `${body}<i>?__frsh_c=${build}</i>`,
    type: "text/html; charset=UTF-8",
  };
}

/** What a page gets at `path`, without the build that it names. */
async function ask(
  host: WorkerHost,
  path: string,
): Promise<string | number | undefined> {
  const answer = await host.ask(path);
  return typeof answer === "string" ? answer.replace(/<i>.*$/, "") : answer;
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
      name: "digits-95",
      file: "/models/digits-95.77462403.dram",
      frontier: false,
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
    "/api/study": { body: "study" },
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

Deno.test("what is kept is what the site has, whatever is asked for", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  const before = host.kept;
  for (let i = 0; i < 50; i++) {
    // A server may well answer these; each is another address to a browser.
    for (
      const path of [
        `/?x=${i}`,
        `/?model=made-up-${i}`,
        `/inside?model=digits-99&x=${i}`,
        `/models/digits-99.cf359ea2.dram?${i}`,
        `/_fresh/js/b1/a.js?${i}`,
        `/styles.css?__frsh_c=made-up-${i}`,
        `/nowhere-${i}`,
      ]
    ) {
      site[path] = { body: "as asked", type: "text/plain" };
      assertEquals(await ask(host, path), "as asked");
      await host.tell([path]);
    }
  }
  assertEquals(host.kept, before);
  // Without a network they are what they are without the query.
  host.isOnline = false;
  assertEquals(await ask(host, "/tradeoff?x=1"), "tradeoff");
});

Deno.test("what a page loaded while the worker is installed is kept, of what the site has", async () => {
  const host = await WorkerHost.start(makeSite());
  const installing = host.install();
  const teacher = "/models/teacher.0a0a0a0a.dram";
  const told = host.tell([teacher, "/big.json"]);
  assertEquals([await installing, await told], [undefined, true]);
  assert(host.kept.includes(teacher) && !host.kept.includes("/big.json"));
});

Deno.test("pages of models that there are, are kept, and all of them only once", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  const before = host.kept.length;
  for (const path of ["/?model=teacher", "/inside?model=digits-99"]) {
    site[path] = html(path);
    await ask(host, path);
    await ask(host, `${path}#fragment`);
  }
  assertEquals(host.kept.length, before + 2);
  assert(host.kept.every((path) => !path.includes("#")));
});

Deno.test("a network that is slow, in the head or in the body, gives way to a copy where there is one", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  for (const stuck of ["head", "body"] as const) {
    site["/tradeoff"] = { ...html("later"), stuck };
    assertEquals(await ask(host, "/tradeoff"), "tradeoff", stuck);
  }
  site["/tradeoff"] = html("in time");
  assertEquals(await ask(host, "/tradeoff"), "in time");
});

Deno.test("a page of a later build is shown, and not kept among the files of this one", async () => {
  const site = makeSite();
  const host = await WorkerHost.start(site);
  await host.install();
  site["/tradeoff"] = html("of b2", "b2");
  assertEquals(await ask(host, "/tradeoff"), "of b2");
  host.isOnline = false;
  assertEquals(await ask(host, "/tradeoff"), "tradeoff");
});

Deno.test("an installation that fails leaves nothing behind", async () => {
  const { stores } = await installBuild("b1");
  for (const missing of ["/data/samples.json", "/inside"]) {
    const failed = await installBuild("b2", { [missing]: undefined }, stores)
      .catch(String);
    assertEquals(failed, `Error: Cannot keep the site: there is no ${missing}`);
    assertEquals([...stores.keys()], ["retort ?__frsh_c=b1"]);
  }
});
