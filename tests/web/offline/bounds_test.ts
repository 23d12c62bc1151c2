import { assert, assertEquals } from "@std/assert";
import { ask, html, installBuild, makeSite } from "./small_site.ts";
import { WorkerHost } from "./worker_host.ts";

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
