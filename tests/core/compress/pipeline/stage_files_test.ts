import { assert, assertEquals } from "@std/assert";
import { runPipeline } from "../../../../core/compress/pipeline/run_pipeline.ts";
import { loadStage } from "../../../../core/compress/pipeline/stage_files.ts";
import { withoutMasks } from "../../../../core/compress/prune/masked_model.ts";
import { makeBarsTeacher } from "../../bars.ts";
import { TASK } from "./small_compression.ts";

const start = withoutMasks(await makeBarsTeacher()); // on Wasm
const folder = await Deno.makeTempDir();

/** Runs the one stage; tells what is noted. */
async function run() {
  const notes: string[] = [];
  const { result, reports } = await runPipeline(
    { task: TASK, start, stages: [{ kind: "exact" }] },
    { folder, onNote: (note) => notes.push(note) },
  );
  return { result, bytes: reports.map(({ bytes }) => bytes), notes };
}

const whole = await run();
const { key } = JSON.parse(await Deno.readTextFile(`${folder}/stage-1.json`));

Deno.test("a stage with any byte of any file flipped is not loaded, and it is said why", async () => {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(names.length, 3);
  for (const name of names) {
    const path = `${folder}/${name}`;
    const bytes = await Deno.readFile(path);
    for (
      let place = 0;
      place < bytes.length;
      place += place < 200 ? 1 : 293
    ) {
      const flipped = bytes.slice();
      flipped[place] ^= 1 << place % 8;
      await Deno.writeFile(path, flipped);
      const reasons: string[] = [];
      const loaded = await loadStage(
        folder,
        1,
        key,
        (reason) => reasons.push(reason),
      );
      assertEquals(loaded, undefined, `${name}, byte ${place}`);
      assertEquals(reasons.length, 1);
    }
    await Deno.writeFile(path, bytes);
  }
});

Deno.test("a stage that has changed, or has no checksums yet, is made again, with a word", async () => {
  assertEquals(await run(), whole);
  const path = `${folder}/stage-1.json`;
  const { crc32: _, checksums: __, ...older } = JSON.parse(
    await Deno.readTextFile(path),
  );
  await Deno.writeTextFile(path, JSON.stringify(older, null, 2));
  const { notes, ...again } = await run();
  assertEquals([again.result, again.bytes], [whole.result, whole.bytes]);
  assertEquals(notes.length, 1);
  assert(notes[0].startsWith("stage 1 is made again: Cannot read"), notes[0]);
  assertEquals(await run(), whole);
});
