import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  applyTrainingValues,
  trainingOptions,
} from "../../cli/options/training_options.ts";
import { STUDENT_TRAINING } from "../../core/distill/distil_student.ts";

/** The learning rate that the values given come to. */
function rateOf(given: Parameters<typeof applyTrainingValues>[1]): number {
  return applyTrainingValues(STUDENT_TRAINING, given).schedule.rate;
}

Deno.test("applyTrainingValues gives another optimiser than the default its usual learning rate", () => {
  const tuned = STUDENT_TRAINING.schedule.rate;
  assertEquals(STUDENT_TRAINING.optimiser.kind, "adam");
  assertEquals(rateOf({}), tuned);
  assertEquals(rateOf({ optimiser: "adam" }), tuned);
  assertEquals(rateOf({ optimiser: "adadelta" }), 1);
  assertEquals(rateOf({ optimiser: "adadelta", schedule: "constant" }), 1);
  assertEquals(rateOf({ optimiser: "sgd" }), 0.01);
  const sgd = { ...STUDENT_TRAINING, optimiser: { kind: "sgd" } } as const;
  const { schedule } = applyTrainingValues(sgd, { optimiser: "adam" });
  assertEquals(schedule.rate, 0.001);
});

Deno.test("applyTrainingValues takes the learning rate that is given, whatever the optimiser", () => {
  assertEquals(rateOf({ optimiser: "adadelta", learningRate: 0.5 }), 0.5);
  assertEquals(rateOf({ learningRate: 0.5 }), 0.5);
});

Deno.test("trainingOptions says each optimiser's learning rate", () => {
  const { usual } = trainingOptions(STUDENT_TRAINING).learningRate;
  const { rate } = STUDENT_TRAINING.schedule;
  assertStringIncludes(usual, `${rate}, 1 with adadelta, 0.01 with sgd`);
});
