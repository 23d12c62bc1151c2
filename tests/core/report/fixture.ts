import { findFrontier } from "../../../core/sweep/frontier.ts";
import type { Estimate } from "../../../core/study/estimate.ts";
import type {
  StudentCurve,
  StudentGroup,
  StudentResult,
  StudyDetails,
} from "../../../core/sweep/result.ts";

const WIDTHS = [1, 2, 3, 4, 6, 8, 16, 32, 64];
const SEEDS = [1, 2, 3];
const LOSSES = ["logit-mse", "cross-entropy"];
const TEACHER = 1_199_882;
const EPOCHS = 12;

/** Half-width of a 95% interval of a mean of three: t(2) / √3. */
const HALF_WIDTH = 4.303 / Math.sqrt(3);

/** Falls from 0.69 at one unit to 0.0095 at many, and is higher without a teacher. */
function errorOf(hidden: number, loss: string, seed: number): number {
  const floor = 0.0095 + (hidden === 16 ? 0.0035 : 0);
  const error = floor + 0.68 * Math.exp(-1.05 * (hidden - 1));
  const wobble = 1 + 0.06 * (seed - 2) + 0.02 * ((hidden * seed) % 3);
  return error * wobble * (loss === "cross-entropy" ? 1.25 : 1);
}

function student(hidden: number, loss: string, seed: number): StudentResult {
  const parameters = 18_816 + 9_227 * hidden + 10;
  const test = 1 - errorOf(hidden, loss, seed);
  return {
    ...{ hidden, dropout: 0.2, loss, seed, parameters, bytes: 4 * parameters },
    compression: TEACHER / parameters,
    accuracy: {
      validation: Math.round((test - 0.0006) * 5000) / 5000,
      test: Math.round(test * 10_000) / 10_000,
    },
    seconds: 12.5,
  };
}

function estimate(values: number[]): Estimate {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) /
    (values.length - 1);
  const half = HALF_WIDTH * Math.sqrt(variance);
  return { mean, low: mean - half, high: mean + half };
}

function group(students: StudentResult[]): StudentGroup {
  const { hidden, dropout, loss, parameters, bytes, compression } = students[0];
  return {
    ...{ hidden, dropout, loss, parameters, bytes, compression },
    seeds: students.map(({ seed }) => seed),
    validation: estimate(students.map(({ accuracy }) => accuracy.validation)),
    test: estimate(students.map(({ accuracy }) => accuracy.test)),
  };
}

function curve(
  { hidden, dropout, loss, seed, accuracy }: StudentResult,
): StudentCurve {
  const length = seed === 3 ? EPOCHS - 2 : EPOCHS;
  const epochs = Array.from({ length }, (_, index) => {
    const error = (1 - accuracy.validation) * (1 + 1.8 * Math.exp(-index / 2));
    const score = { accuracy: Math.max(0.1, 1 - error), loss: 3 * error };
    return { epoch: index + 1, training: score, validation: score };
  });
  return { hidden, dropout, loss, seed, bestEpoch: length, epochs };
}

/** A study of nine widths, two losses and three seeds, by formula. */
export function makeDetails(name = "default"): StudyDetails {
  const cells = LOSSES.flatMap((loss) =>
    WIDTHS.map((hidden) => SEEDS.map((seed) => student(hidden, loss, seed)))
  );
  const students = cells.flat();
  const groups = cells.map(group);
  const chosen = students.find(({ hidden }) => hidden === 6)!;
  return {
    result: {
      study: name,
      dataset: {
        name: "mnist",
        sha256: {
          "train-images": "ba89".repeat(16),
          "test-images": "0fa7".repeat(16),
        },
        ...{ train: 55_000, validation: 5_000, test: 10_000 },
      },
      backend: { name: "wasm", adapter: null },
      teacher: {
        ...{ parameters: TEACHER, bytes: 4 * TEACHER },
        accuracy: { validation: 0.9924, test: 0.9931 },
      },
      students,
      frontier: findFrontier(groups, [0.9, 0.95, 0.97, 0.98]),
      monotone: {
        holds: false,
        violations: [
          {
            smaller: 8,
            larger: 16,
            loss: "logit-mse",
            dropout: 0.2,
            difference: 0.0031,
            interval: [0.0012, 0.005],
          },
          {
            smaller: 32,
            larger: 64,
            loss: "logit-mse",
            dropout: 0.2,
            difference: 0.0002,
            interval: [-0.0009, 0.0013],
          },
        ],
      },
      seconds: 210.4,
    },
    groups,
    curves: students.map(curve),
    confusion: {
      student: chosen,
      matrix: Array.from(
        { length: 10 },
        (_, row) =>
          Array.from(
            { length: 10 },
            (_, column) =>
              row === column
                ? 960 + row
                : (row * 7 + column * 3) % 11 === 0
                ? row + column
                : (row + column) % 3,
          ),
      ),
    },
    failures: [{
      ...{ hidden: 64, dropout: 0.2, loss: "logit-mse", seed: 4 },
      error: "Cannot train: the loss is NaN at step 12",
    }],
  };
}
