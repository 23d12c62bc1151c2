import { assertEquals } from "@std/assert";
import { SWEEP_FORMAT } from "../../core/study/study_format.ts";
import { sweepCommand } from "../../cli/commands/site.ts";
import { STUDENT_TRAINING } from "../../core/distill/distil_student.ts";
import type { StudentConfig } from "../../core/distill/student_config.ts";
import { listStudents } from "../../core/sweep/search_space.ts";
import { ensureStudy } from "../../core/study/run_study.ts";

const soft = (temperature: number) =>
  ({ kind: "distillation", temperature, alpha: 0.5 }) as const;
const GRID = listStudents({
  ...{ hidden: [2, 6], dropout: [0, 0.2], seeds: [1, 2] },
  losses: [{ kind: "cross-entropy" }, soft(4)],
});

/** The commands for a study that has planned `students`. */
async function commandsFor(
  students: StudentConfig[],
  { epochs = STUDENT_TRAINING.epochs, ...sources }: {
    epochs?: number;
    teacher?: string;
    data?: string;
  } = {},
): Promise<string[]> {
  using study = ensureStudy(
    `${await Deno.makeTempDir()}/study.db`,
    SWEEP_FORMAT,
    {
      teacher: "",
      dataset: {
        name: "mnist",
        sha256: {},
        split: { seed: 1, validation: 5000 },
      },
      training: { ...STUDENT_TRAINING, epochs },
    },
  );
  study.plan(students);
  return sweepCommand("grid", study, sources);
}

Deno.test("a full grid has one command line, with its data and its teacher", async () => {
  const flags =
    "--hidden 2,6 --dropout 0,0.2 --loss labels,distillation --temperature 4 --alpha 0.5 --seeds 1,2";
  assertEquals(await commandsFor(GRID), [
    `deno task sweep --study grid ${flags}`,
  ]);
  assertEquals(await commandsFor(GRID, { data: "digits", teacher: "a b" }), [
    `deno task sweep --study grid --data digits --teacher "a b" ${flags}`,
  ]);
});

Deno.test("what no single command line makes has none", async () => {
  const more = GRID.map((student) => ({ ...student, loss: soft(8) }));
  assertEquals(await commandsFor([...GRID, ...more]), []); // two temperatures
  assertEquals(await commandsFor(GRID.slice(1)), []); // no full grid
  assertEquals(await commandsFor(GRID, { epochs: 1 }), []);
});
