import { assertEquals, assertRejects } from "@std/assert";
import { readRecord, writeRecord } from "../../bench/record_file.ts";
import { madeUpReport } from "./made_up.ts";

const WHOLE = { partial: false };
const RATIO = { name: "a", value: 2, at_least: null, aim: null, met: null };

Deno.test("a record is named after its day and adapter, and read back", async () => {
  const folder = `${await Deno.makeTempDir()}/records`;
  const path = await writeRecord(
    folder,
    madeUpReport({ ratios: [RATIO] }),
    WHOLE,
  );
  assertEquals(path, `${folder}/2026-11-22-beads-llvm-1.json`);
  assertEquals(await readRecord(path), {
    adapter: "Beads (LLVM 1)",
    ratios: [RATIO],
  });
  const other = await writeRecord(
    folder,
    madeUpReport({ adapter: null }),
    WHOLE,
  );
  assertEquals(other, `${folder}/2026-11-22-no-adapter.json`);
  assertEquals((await readRecord(other)).adapter, null);
});

Deno.test("a record of a part takes no place of a whole one's", async () => {
  const folder = await Deno.makeTempDir();
  const paths = [
    await writeRecord(folder, madeUpReport({}), WHOLE),
    await writeRecord(folder, madeUpReport({}), { partial: true }),
  ];
  assertEquals(new Set(paths).size, 2);
});

Deno.test("a file that is no record is refused, and says so", async () => {
  const path = `${await Deno.makeTempDir()}/study.json`;
  for (
    const text of ["{}", `{"adapter": null, "ratios": [{"name": 1}]}`, "["]
  ) {
    await Deno.writeTextFile(path, text);
    await assertRejects(() => readRecord(path), SyntaxError, path);
  }
  await assertRejects(() => readRecord("/no/record"), Deno.errors.NotFound);
});
