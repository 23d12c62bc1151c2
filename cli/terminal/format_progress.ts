import { format } from "@std/fmt/duration";
import type { TrainingProgress } from "../../core/train/train.ts";

// deno-std's npm package carries no types.
const formatDuration: (
  milliseconds: number,
  options: { ignoreZero: boolean },
) => string = format;

/** Time in whole seconds: "1m 20s"; "0s" for none. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (!Number.isFinite(whole)) return "?";
  return formatDuration(whole * 1000, { ignoreZero: true }) || "0s";
}

/** A rate to three digits: 0.215, 31.2, 1230. */
function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3);
}

/** The mean of `values`, those of members that diverged, NaN, left out. */
function meanOf(all: readonly number[]): number {
  const values = all.filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Epoch, loss to 4 digits and accuracy, as means over the members. */
export function formatLearning(
  { epoch, epochs, training }: Pick<
    TrainingProgress,
    "epoch" | "epochs" | "training"
  >,
): string {
  const loss = meanOf(training.map((score) => score.loss));
  const accuracy = meanOf(training.map((score) => score.accuracy));
  return `epoch ${epoch}/${epochs}, loss ${loss.toFixed(4)}, accuracy ${
    accuracy.toFixed(4)
  }`;
}

/**
 * Where a training stands: epoch, loss to 4 digits and accuracy (means over the
 * members, where several models train together), speed and time left.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatTraining } from "./format_progress.ts";
 *
 * const text = formatTraining({
 *   kind: "step", epoch: 2, epochs: 12, step: 500, steps: 5160,
 *   examplesPerSecond: 3120, secondsLeft: 80,
 *   training: [{ loss: 0.12345, accuracy: 0.9712 }],
 * });
 * assertEquals(text, "epoch 2/12, loss 0.1235, accuracy 0.9712, 1m 20s left, 3120 images/s");
 * ```
 */
export function formatTraining(progress: TrainingProgress): string {
  const { validation } = progress;
  const parts = [
    formatLearning(progress),
    `${formatSeconds(progress.secondsLeft)} left`,
    `${formatRate(progress.examplesPerSecond)} images/s`,
  ];
  if (validation) {
    const mean = meanOf(validation.map((score) => score.accuracy));
    parts.push(`validation accuracy ${mean.toFixed(4)}`);
  }
  return parts.join(", ");
}

/** Where counted work stands; rate and time left once there is a rate (a second). */
export function formatWork(
  { done, total, unit, detail }: {
    done: number;
    total: number;
    unit: string;
    detail?: string;
  },
  rate: number,
): string {
  const parts = [`${done}/${total} ${unit}`];
  if (detail) parts.push(detail);
  if (rate > 0 && Number.isFinite(rate)) {
    parts.push(
      `${formatSeconds((total - done) / rate)} left`,
      `${formatRate(rate)} ${unit}/s`,
    );
  }
  return parts.join(", ");
}
