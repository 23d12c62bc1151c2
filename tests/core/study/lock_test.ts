import { assertRejects } from "@std/assert";
import { lockStudy } from "../../../core/study/run_study.ts";

Deno.test("lockStudy refuses a study that another process runs, until that is killed", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/study.db`;
  const holder = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("lock_fixture.ts", import.meta.url).pathname,
      path,
    ],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read(); // "locked"
  await assertRejects(() => lockStudy(path), Error, "only one process may");
  holder.kill("SIGKILL");
  await holder.status;
  await reader.cancel();
  using _lock = await lockStudy(path);
  await assertRejects(
    () => lockStudy(path),
    Error,
    "another one is running it",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("lockStudy gives the study back when it is disposed of", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/study.db`;
  for (let round = 0; round < 3; round++) {
    using _lock = await lockStudy(path);
  }
  await Deno.remove(folder, { recursive: true });
});
