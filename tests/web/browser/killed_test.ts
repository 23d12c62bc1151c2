import { assert, assertEquals } from "@std/assert";
import { hasChromium } from "./chromium.ts";

/** The processes that `parent` started, and those that they did. */
function listDescendants(parent: number): number[] {
  const parents = new Map<number, number>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      // After the program's name, in brackets: state, parent, …
      const [, above] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      parents.set(Number(name), Number(above));
    } catch {
      // It ended meanwhile.
    }
  }
  const found = [parent];
  for (const one of found) {
    for (const [pid, above] of parents) if (above === one) found.push(pid);
  }
  return found.slice(1);
}

/** Whether the process still runs. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

Deno.test({
  name: "a browser test that is killed leaves neither a browser nor a server",
  ignore: !hasChromium || Deno.build.os !== "linux",
  async fn() {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "killed_fixture.ts"],
      cwd: new URL(".", import.meta.url),
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // It is ready, or has ended.
    const started = listDescendants(child.pid);
    assert(started.length > 3, `${started.length} processes`);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    for (let tries = 0; tries < 200 && started.some(isAlive); tries++) {
      await new Promise((done) => setTimeout(done, 100));
    }
    assertEquals(started.filter(isAlive), []);
  },
});
