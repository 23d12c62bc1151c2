import { assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  compareSharing,
  measureSharing,
  runBench,
} from "../../bench/run_bench.ts";
import { measureSweep } from "../../bench/measure_sweep.ts";

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const PROGRAM = {
  program: pathOf("./sweep_program.ts"),
  config: pathOf("../../deno.json"),
  backend: "wasm",
} as const;

/** An empty folder, gone when disposed of. */
async function temporaryFolder() {
  const folder = await Deno.makeTempDir();
  return {
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("a sweep runs as a process of its own, in the folder", async () => {
  await using folder = await temporaryFolder();
  const { milliseconds, peakBytes, ...found } = await measureSweep(
    PROGRAM,
    folder,
  );
  assertEquals(
    await Deno.readTextFile(`${folder.folder}/study.db`),
    "in its own folder",
  );
  assertEquals(found, {
    backend: "wasm",
    adapter: null,
    hidden: [1, 6],
    images: 256,
  });
  assertEquals(milliseconds > 300, true);
  assertEquals(Deno.build.os !== "linux" || Number(peakBytes) > 1e7, true);
});

Deno.test("a sweep that fails says why; one on a backend without peers is refused", async () => {
  await using folder = await temporaryFolder();
  await assertRejects(
    () => measureSweep({ ...PROGRAM, args: ["fails"] }, folder),
    Error,
    "the sweep failed: retort: Cannot sweep: no students",
  );
  await assertRejects(
    () => measureSweep({ ...PROGRAM, backend: "cpu" }, folder),
    Error,
    "no peer computes on cpu",
  );
});

Deno.test("a benchmark goes on where its sweep fails, and tells it as absent", async () => {
  const details: string[] = [];
  const report = await runBench({
    works: ["sweep"],
    systems: [],
    readers: { png: [], jpeg: [] },
    repetitions: { least: 1, most: 1, budget: 0 },
    adapter: null,
    openblas: null,
    compact: "/no/folder",
    sweep: { ...PROGRAM, args: ["fails"] },
    onProgress: ({ detail }) => details.push(detail),
  });
  assertEquals(report.absent, [{
    work: "sweep",
    batch: 128,
    system: "retort",
    backend: "wasm",
    reason: "the sweep failed: retort: Cannot sweep: no students",
  }]);
  assertEquals([report.measurements, report.ratios], [[], []]);
  assertEquals(report.machine.matmul_gflops, null);
  assertEquals(details, ["sweep, the whole process"]);
});

Deno.test("a student is swept three times by itself and once among 36", async () => {
  await using folder = await temporaryFolder();
  const sharing = await measureSharing(PROGRAM, folder);
  assertEquals(sharing.alone.map(({ hidden }) => hidden), [[16], [16], [16]]);
  assertEquals(sharing.together.hidden.length, 36);
  const [alone, together] = compareSharing(sharing);
  assertEquals([alone.runs, alone.students], [3, 1]);
  assertEquals([together.runs, together.students], [1, 36]);
});
