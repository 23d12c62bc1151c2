import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  formatSeconds,
  formatTraining,
  formatWork,
} from "../../cli/terminal/format_progress.ts";
import { startProgress } from "../../cli/terminal/progress.ts";
import type { TrainingProgress } from "../../core/train/train.ts";
import { collect, runProcess } from "./capture.ts";

const STEP: TrainingProgress = {
  kind: "step",
  epoch: 2,
  epochs: 12,
  step: 500,
  steps: 5160,
  examplesPerSecond: 312.4,
  secondsLeft: 80.2,
  training: [{ loss: 0.12341, accuracy: 0.97 }, { loss: 0.3, accuracy: 0.95 }],
};

Deno.test("formatTraining gives means over members, loss to 4 digits, speed and time left", () => {
  assertEquals(
    formatTraining(STEP),
    "epoch 2/12, loss 0.2117, accuracy 0.9600, 1m 20s left, 312 images/s",
  );
});

Deno.test("formatTraining adds the validation's accuracy after an epoch", () => {
  const validation = [{ loss: 0.1, accuracy: 0.98 }];
  assertMatch(
    formatTraining({ ...STEP, kind: "epoch", validation }),
    /, validation accuracy 0\.9800$/,
  );
});

Deno.test("formatWork gives rate and time left once there is a rate", () => {
  const work = { done: 3, total: 27, unit: "students", detail: "hidden 6" };
  assertEquals(formatWork(work, NaN), "3/27 students, hidden 6");
  assertEquals(
    formatWork(work, 0.2),
    "3/27 students, hidden 6, 2m left, 0.200 students/s",
  );
});

Deno.test("formatSeconds rounds to seconds and names none and no end", () => {
  assertEquals(
    [0.2, 59.6, 3_725, Infinity].map(formatSeconds),
    ["0s", "1m", "1h 2m 5s", "?"],
  );
});

/** Progress on a stream that is no terminal, by a clock that the test moves. */
function plainProgress() {
  const stderr = collect();
  const clock = { ms: 0 };
  const progress = startProgress("teacher", {
    stderr,
    output: { beforeWriting: () => {} },
    now: () => clock.ms,
  });
  return { stderr, clock, progress };
}

Deno.test("progress writes a plain line every 5 seconds, and the last report at the end", () => {
  const { stderr, clock, progress } = plainProgress();
  for (let done = 0; done <= 12; done++) {
    clock.ms = done * 1000;
    progress.work({ done, total: 24, unit: "images" });
  }
  progress[Symbol.dispose]();
  assertEquals(stderr.text().split("\n"), [
    "teacher: 5/24 images, 19s left, 1.00 images/s",
    "teacher: 10/24 images, 14s left, 1.00 images/s",
    "teacher: 12/24 images, 12s left, 1.00 images/s",
    "",
  ]);
});

Deno.test("progress counts speed from where a resumed run began", () => {
  const { stderr, clock, progress } = plainProgress();
  progress.work({ done: 100, total: 120, unit: "images" });
  clock.ms = 5000;
  progress.work({ done: 110, total: 120, unit: "images" });
  progress[Symbol.dispose]();
  assertEquals(
    stderr.text(),
    "teacher: 110/120 images, 5s left, 2.00 images/s\n",
  );
});

Deno.test("progress writes nothing where nothing was reported", () => {
  const { stderr, progress } = plainProgress();
  progress[Symbol.dispose]();
  assertEquals(stderr.text(), "");
});

Deno.test("progress draws a bar on a terminal, on one line, and ends it", () => {
  const stderr = collect(true);
  const output = { beforeWriting: () => {} };
  const progress = startProgress("teacher", { stderr, output });
  progress.training(STEP);
  output.beforeWriting();
  progress.training({ ...STEP, step: STEP.steps });
  progress[Symbol.dispose]();
  const text = stderr.text();
  assertMatch(text, /^\rteacher ░+ epoch 2\/12, loss 0\.2117/);
  assert(text.includes("\r\x1b[2K"), "the line is cleared before other output");
  assertMatch(text, /\rteacher █+ epoch 2\/12.*\n$/);
  assertEquals(text.split("\n").length, 2);
});

Deno.test("a process without a terminal puts progress on stderr, rows on stdout", async () => {
  const program = "progress_fixture.ts";
  const outcome = await runProcess(["work"], { program });
  assertEquals(outcome.code, 0);
  assertEquals(outcome.stdout, "row 1\nrow 2\nrow 3\nrow 4\nrow 5\n");
  assertMatch(outcome.stderr, /^students: 5\/5 students, hidden 6, .*\n$/);
});
