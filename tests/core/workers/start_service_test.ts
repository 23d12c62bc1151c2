import { assertEquals, assertRejects } from "@std/assert";
import { startService } from "../../../core/workers/start_service.ts";

function start(factor: number, file = "service_fixture.ts") {
  const url = new URL(file, import.meta.url);
  return startService<number, number, number>(url, factor);
}

Deno.test("a service answers request after request from one setup", async () => {
  using service = await start(3);
  assertEquals([await service.ask(1), await service.ask(2)], [3, 6]);
});

Deno.test("a service throws the worker's error, and goes on", async () => {
  using service = await start(3);
  const error = await assertRejects(() => service.ask(-1), Error);
  assertEquals(error.name, "RangeError");
  assertEquals(error.message, "Cannot multiply: less than nothing");
  assertEquals(await service.ask(5), 15);
});

Deno.test("a service whose worker has died says so to whoever asks", async () => {
  using service = await start(3);
  await service.ask(13);
  await new Promise((wake) => setTimeout(wake, 200)); // while it dies
  for (let i = 0; i < 2; i++) {
    await assertRejects(() => service.ask(1), Error, "Cannot run a worker: ");
  }
});

Deno.test("startService throws what the setup throws", async () => {
  const error = await assertRejects(() => start(0), Error, "by nothing");
  assertEquals(error.name, "RangeError");
});

Deno.test("startService says so where the worker can't even be loaded", async () => {
  for (const file of ["throwing_fixture.ts", "no_such_file.ts"]) {
    await assertRejects(() => start(1, file), Error, "Cannot run a worker: ");
  }
});
