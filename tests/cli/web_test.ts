import { assertEquals, assertStringIncludes } from "@std/assert";
import { runProcess } from "./capture.ts";
import { startIn } from "./start_process.ts";

Deno.test("web --json tells its address, and serves the site there until it is stopped", async () => {
  const web = startIn(Deno.cwd(), ["web", "--port", "0", "--json"]);
  await web.until(() => web.stdout().includes("\n"));
  const { url } = JSON.parse(web.stdout());
  const health = await fetch(new URL("healthz", url));
  assertEquals([health.status, await health.text()], [200, "ok\n"]);
  const page = await fetch(url);
  assertStringIncludes(await page.text(), "<!--island:0-->");
  web.kill("SIGTERM");
  const { code } = await web.end();
  assertEquals(code, 130);
});

Deno.test("web says at once that a port is taken, and what to do", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const { code, stdout, stderr } = await runProcess([
    ...["web", "--port", `${port}`],
  ]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    `retort: Cannot serve on 127.0.0.1:${port}: something listens there already; choose another --port\n`,
  );
});

Deno.test("web takes no address that isn't this machine's, and no port beyond 65535", async () => {
  const far = await runProcess(["web", "--host", "192.0.2.1"]);
  assertEquals(far.code, 1);
  assertStringIncludes(far.stderr, "it is no address of this machine");
  const high = await runProcess(["web", "--port", "65536"]);
  assertEquals(high.code, 2);
  assertStringIncludes(high.stderr, "--port");
});

Deno.test("web and build explain themselves", async () => {
  for (const name of ["web", "build"]) {
    const { code, stdout } = await runProcess([name, "--help"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, `deno task ${name}`);
  }
});
