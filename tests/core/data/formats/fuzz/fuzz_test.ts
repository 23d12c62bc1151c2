import { assert, assertEquals } from "@std/assert";
import { hasReader } from "../has_reader.ts";
import { fuzzReader } from "./fuzz_reader.ts";
import { type FuzzedReader, READERS } from "./readers.ts";

const lacks: Record<string, boolean> = {
  jpeg: !(await hasReader("jpeg") && await hasReader("inks")),
  parquet: !await hasReader("parquet"),
};

for (const [name, reader] of Object.entries<FuzzedReader>(READERS)) {
  Deno.test({
    name: `changed files, ${name}: each is read or refused in words`,
    ignore: lacks[name] ?? false,
  }, async () => {
    for (const whole of reader.seeds) {
      // Some of numpy's are there to be refused.
      if (name !== "npz") assert((await reader.read(whole)).length > 0);
    }
    const report = await fuzzReader(reader, { files: 150, seed: 1 });
    assertEquals(report.faults, []);
    assert(Object.keys(report.refusals).length >= 2, Deno.inspect(report));
    assert(report.read > 0, Deno.inspect(report));
  });
}

Deno.test("a reader that takes a byte too few, or throws otherwise, is found out", async () => {
  const { seeds, change } = READERS.csv;
  const images = new Uint8Array(3);
  const fed = { files: 3, seed: 1 };
  const few = await fuzzReader({
    seeds,
    change,
    read: () =>
      Promise.resolve([
        { count: 1, shape: [2, 2, 1], images, labels: [0], classes: 1 },
      ]),
  }, fed);
  assertEquals([few.faultCount, few.faults[0].fault], [
    3,
    "pixels are missing",
  ]);
  const other = await fuzzReader({
    seeds,
    change,
    read: () => Promise.reject(new Error("Cannot go on")),
  }, fed);
  assertEquals(other.faultCount, 3);
});
