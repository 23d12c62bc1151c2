import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { Builder } from "fresh/dev";
import { cp } from "node:fs/promises";
import { ClaimedError, claimFolder } from "../../core/files/claim_folder.ts";
import { randomStream } from "../../core/random/stream.ts";
import { killIfRunning } from "../kill_if_running.ts";
import { spawnServer } from "../web/load/spawn_server.ts";

const HERE = fromFileUrl(new URL(".", import.meta.url));
const FIXTURE = join(HERE, "build_fixture.ts");
const PARTS = ["main.ts", "define.ts", "routes", "islands", "static"];

/** A copy of the small app; within the repository, whose import map it needs. */
async function copyApp() {
  const root = await Deno.makeTempDir({ dir: HERE, prefix: "_fresh-app-" });
  for (const part of PARTS) {
    await cp(join(HERE, "app", part), join(root, part), { recursive: true });
  }
  return {
    root,
    /** Makes the app another: its style and a page say `version`. */
    async change(version: string) {
      await Deno.writeTextFile(join(root, "static", "style.css"), version);
      const route = `export const handler = () => new Response("${version}");`;
      await Deno.writeTextFile(join(root, "routes", "version.ts"), route);
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** Starts the fixture. */
function start(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", FIXTURE, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What the build in `root` answers, in a process of its own. */
async function ask(
  root: string,
  ...paths: string[]
): Promise<[status: number, text: string][]> {
  const { stdout, stderr } = await start("ask", root, ...paths).output();
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

/** The names in a folder, in order. */
function list(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** Builds that are killed, or would be if they lasted longer. */
const ROUNDS = 6;

Deno.test("a build that is killed leaves the old site whole or the new one, and the next leaves nothing of it", async () => {
  await using app = await copyApp();
  const { root } = app;
  await app.change("version 0");
  const begun = performance.now();
  assert((await start("build", root).status).success);
  const lasts = performance.now() - begun;
  const random = randomStream(10, "kills");
  let [old, kills, replaced] = ["version 0", 0, 0];
  // `deno task torture` kills builds for longer.
  for (let round = 1; round <= ROUNDS; round++) {
    const changed = `version ${round}`;
    await app.change(changed);
    const child = start("build", root);
    const timer = setTimeout(
      () => killIfRunning(child),
      lasts * (0.2 + 0.9 * random.uniform()),
    );
    const { success } = await child.output();
    clearTimeout(timer);
    const answers = await ask(root, "/style.css", "/version", "/");
    const [[, style], [, page], [status, home]] = answers;
    assert([old, changed].includes(style), `${style} in round ${round}`);
    assertEquals([page, status], [style, 200]);
    for (const [path] of home.matchAll(/\/_fresh\/js\/[^"]+\.js/g)) {
      assertEquals((await ask(root, path))[0][0], 200, path);
    }
    if (success) assertEquals(style, changed);
    else kills++;
    if (style === changed) replaced++;
    old = style;
  }
  assert(kills >= 2, `only ${kills} builds were killed`);
  assert(replaced < ROUNDS, "no kill came before a build had ended");
  assert((await start("build", root).status).success);
  const [build, ...rest] = list(join(root, "_fresh"));
  assert(build.startsWith("build-"), build);
  assertEquals(rest, ["listen.js", "server.js"]);
  assertEquals(list(root), [...PARTS, "_fresh"].sort());
});

Deno.test("a running server goes on with its own build while others are made beside it", async () => {
  await using app = await copyApp();
  const { root } = app;
  const built = join(root, "_fresh");
  const builder = new Builder({ root });
  await app.change("the first");
  await builder.build();
  {
    await using server = await spawnServer(built, "listen.js");
    const read = async (path: string) =>
      await (await fetch(server.origin + path)).text();
    for (const version of ["the second", "the third"]) {
      await app.change(version);
      await builder.build();
      // What it never read before is there too.
      assertEquals(await read("/style.css"), "the first");
      assertEquals(await read("/long.css"), await readSource("long.css"));
    }
    assertEquals(list(built).length, 4); // its own, the last, and what leads there
  }
  await builder.build();
  assertEquals(list(built).length, 3);
});

/** A file of the small app's static/. */
function readSource(name: string): Promise<string> {
  return Deno.readTextFile(join(HERE, "app", "static", name));
}

Deno.test("of two builds at once the second is refused", async () => {
  await using app = await copyApp();
  const dir = join(app.root, "_fresh");
  const builder = new Builder({ root: app.root });
  {
    using _claim = await claimFolder(dir, { command: "build" });
    await assertRejects(() => builder.build(), ClaimedError, "build (process");
  }
  await builder.build();
});

Deno.test("what a killed command left of a build in memory is removed by the next, once it is old", async () => {
  const tmp = await Deno.makeTempDir();
  try {
    const old = new Date(Date.now() - 3_600_000);
    for (const name of ["fresh-old", "fresh-young", "freshly-baked"]) {
      await Deno.mkdir(join(tmp, name));
      await Deno.writeTextFile(join(tmp, name, "in-use.lock"), "");
      if (name !== "fresh-young") await Deno.utime(join(tmp, name), old, old);
    }
    const code = `import { Builder } from "fresh/dev";
      await new Builder({ root: "${join(HERE, "app")}" })
        .build({ snapshot: "memory" });`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", code],
      cwd: HERE,
      env: { TMPDIR: tmp },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    assertEquals(list(tmp), ["fresh-young", "freshly-baked"]);
  } finally {
    await Deno.remove(tmp, { recursive: true });
  }
});
