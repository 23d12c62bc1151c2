import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mountSmallDisk, onSmallDisk } from "../small_disk.ts";
import { MODEL_FILES, namesIn } from "./model_folder.ts";
import {
  freshExperiment,
  readTrials,
  runIn,
  SWEEP,
  TINY,
  tinyExperiment,
  trainTiny,
} from "./tiny_experiment.ts";

/** A file, where a folder would be needed. */
const FILE = "digits/t10k-labels-idx1-ubyte";
const WASM = ["--backend", "wasm"];

/** The line with which a command failed. */
function lastLine({ code, stderr }: { code: number; stderr: string }): string {
  assertEquals(code, 1, stderr);
  assertEquals(stderr.includes("\n    at "), false, stderr);
  return stderr.split("\n").filter((line) => line.startsWith("retort: "))
    .join("\n");
}

const OUTPUTS: [what: string, args: string[]][] = [
  ["train --out", trainTiny("--out", `${FILE}/in`)],
  ["distill --out", ["distill", ...TINY, "--out", `${FILE}/in`]],
  ["report --out", ["report", "--out", `${FILE}/in`]],
  [
    "frontier --export",
    [
      "frontier",
      "--accuracy=0.9",
      "--teacher=teacher",
      ...WASM,
      "--export",
      `${FILE}/in`,
    ],
  ],
];
for (const [what, args] of OUTPUTS) {
  Deno.test(`${what} below a file names the folder that can't be made`, async () => {
    const line = lastLine(await runIn(await tinyExperiment(), args));
    assertMatch(
      line,
      /^retort: Cannot make folder digits\/t10k-labels-idx1-ubyte\/in[^:]*: a part of the path is a file, not a folder; check the path$/,
    );
  });
}

Deno.test("sweep says that studies/ is no folder", async () => {
  const folder = await freshExperiment();
  await Deno.writeTextFile(`${folder}/studies`, "a file");
  assertEquals(
    lastLine(await runIn(folder, SWEEP)),
    "retort: Cannot make folder studies/default: a part of the path is a file, not a folder; check the path",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name:
    "report --out names a folder that the system lets nobody make (Linux: /proc)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const args = ["report", "--out", "/proc/retort"];
    const line = lastLine(await runIn(await tinyExperiment(), args));
    assertMatch(line, /^retort: Cannot make folder \/proc\/retort/);
  },
});

Deno.test({
  ...onSmallDisk(
    "train on a full disk says so, and leaves the model there whole",
  ),
  async fn() {
    const folder = await freshExperiment();
    await using disk = await mountSmallDisk(2000);
    for (const name of MODEL_FILES) {
      await Deno.copyFile(`${folder}/teacher/${name}`, `${disk.path}/${name}`);
    }
    const outcome = await runIn(
      folder,
      trainTiny("--epochs", "1", "--out", disk.path, "--force"),
    );
    assertEquals(
      lastLine(outcome),
      `retort: Cannot write ${disk.path}/unfinished.checkpoint: the disk is full; free some space and run again`,
    );
    assertEquals(namesIn(disk.path), MODEL_FILES);
    for (const name of MODEL_FILES) {
      assertEquals(
        await Deno.readFile(`${disk.path}/${name}`),
        await Deno.readFile(`${folder}/teacher/${name}`),
      );
    }
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  ...onSmallDisk(
    "sweep says that the disk is full where the features don't fit, and leaves none of them",
  ),
  async fn() {
    const folder = await freshExperiment();
    await using disk = await mountSmallDisk(256);
    await Deno.remove(`${folder}/.retort`);
    await Deno.symlink(disk.path, `${folder}/.retort`);
    assertMatch(
      lastLine(await runIn(folder, SWEEP)),
      /^retort: Cannot write \.retort\/features\/[0-9a-f]+: the disk is full; free some space and run again$/,
    );
    // The lock stays: an empty file.
    const [left, ...others] = namesIn(`${disk.path}/features`);
    assertMatch(left, /^[0-9a-f]+\.lock$/);
    assertEquals(others, []);
    await Deno.remove(folder, { recursive: true });
  },
});

for (const kilobytes of [0, 80, 500]) {
  const room = kilobytes === 0 ? "no room" : `${kilobytes} kB of room`;
  Deno.test({
    ...onSmallDisk(
      `sweep on a disk with ${room} says that it is full, and keeps the study whole`,
    ),
    async fn() {
      const folder = await freshExperiment();
      const study = `${await tinyExperiment()}/studies/default/study.db`;
      const size = Math.ceil(Deno.statSync(study).size / 4096) * 4;
      await using disk = await mountSmallDisk(size + kilobytes);
      await Deno.symlink(disk.path, `${folder}/studies`);
      await Deno.mkdir(`${disk.path}/default`);
      await Deno.copyFile(study, `${disk.path}/default/study.db`);
      const before = readTrials(study);
      const wider = ["--hidden", "150", "--seeds", "1", "--loss", "labels"];
      const outcome = await runIn(folder, ["sweep", ...TINY, ...wider]);
      const line = lastLine(outcome);
      assertMatch(line, /^retort: Cannot /);
      assertStringIncludes(line, "studies/default/");
      assertStringIncludes(line, "free some space and run again");
      // SQLite needs room beside a study even to read it.
      await Deno.mkdir(`${folder}/kept`);
      for (const name of namesIn(`${disk.path}/default`)) {
        if (!/\.db(-wal)?$/.test(name)) continue;
        await Deno.copyFile(
          `${disk.path}/default/${name}`,
          `${folder}/kept/${name}`,
        );
      }
      const kept = readTrials(`${folder}/kept/study.db`);
      assertEquals(kept.filter(({ state }) => state === "done"), before);
      await Deno.remove(folder, { recursive: true });
    },
  });
}
