import { assert } from "@std/assert";
import { STUDENT_TRAINING } from "../../../core/distill/distil_student.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import { runInWorker } from "../../../core/workers/run_in_worker.ts";
import type { KernelsTask } from "./kernels_fixture.ts";

const SEEDS = [1, 2, 3];
const LOSSES = ["logit-mse", "cross-entropy"] as const;

const MEMBERS: StudentConfig[] = LOSSES.flatMap((kind) =>
  SEEDS.map((seed) => ({ hidden: 6, dropout: 0.2, loss: { kind }, seed }))
);

/** Test accuracy of each member. */
function train(kernels: "stock" | "ours"): Promise<number[]> {
  const training = { ...STUDENT_TRAINING, epochs: 3 };
  return runInWorker<KernelsTask, never, number[]>(
    new URL("kernels_fixture.ts", import.meta.url),
    { kernels, members: MEMBERS, training },
  );
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard error of a mean over seeds. */
function standardError(values: number[]): number {
  const centre = mean(values);
  const squares = values.map((value) => (value - centre) ** 2);
  return Math.sqrt(mean(squares) / (values.length - 1));
}

Deno.test("real students learn as well with our kernels as with tfjs's own", async () => {
  const [stock, ours] = [await train("stock"), await train("ours")];
  LOSSES.forEach((kind, index) => {
    const pick = (accuracies: number[]) =>
      accuracies.slice(index * SEEDS.length, (index + 1) * SEEDS.length);
    const [theirs, own] = [pick(stock), pick(ours)];
    console.log(`${kind}, test accuracy over seeds ${SEEDS.join(", ")}
  tfjs's kernels  ${theirs.join("  ")}
  our kernels     ${own.join("  ")}`);
    const noise = 2 * Math.hypot(standardError(theirs), standardError(own));
    const difference = Math.abs(mean(own) - mean(theirs));
    assert(
      difference <= noise,
      `the means differ by ${difference}, twice the standard error is ${noise}`,
    );
    assert(mean(own) > 0.5, "nothing was learnt");
  });
});
