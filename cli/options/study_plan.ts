import { STUDENT_TRAINING } from "../../core/distill/distil_student.ts";
import {
  DEFAULT_SPACE,
  FULL_SPACE,
  QUICK_SPACE,
  type SearchSpace,
} from "../../core/sweep/search_space.ts";
import type { TrainingSpec } from "../../core/train/train.ts";
import { UsageError } from "../terminal/errors.ts";
import { DEFAULT_SEED } from "./common_options.ts";
import {
  checkLossValues,
  chooseLoss,
  LOSS_OPTIONS,
  type LossValues,
} from "./loss_options.ts";
import { flagOf } from "./option.ts";
import { DEFAULT_STUDY } from "../commands/study_files.ts";

/** A grid of students, how they are trained, and what the study is called. */
export interface StudyPlan {
  name: string;
  space: SearchSpace;
  training: Omit<TrainingSpec, "seed">;
}

/** Fewer than the default: `--quick` is for a first look. */
const QUICK_EPOCHS = 2;

const PLANS = {
  default: {
    name: DEFAULT_STUDY,
    space: DEFAULT_SPACE,
    training: STUDENT_TRAINING,
  },
  quick: {
    name: "quick",
    space: QUICK_SPACE,
    training: { ...STUDENT_TRAINING, epochs: QUICK_EPOCHS },
  },
  full: {
    name: "full",
    space: FULL_SPACE,
    training: { ...STUDENT_TRAINING, epochs: 2 * STUDENT_TRAINING.epochs },
  },
} as const satisfies Record<string, StudyPlan>;

/** The plan that `--quick`, `--full` or neither asks for. */
export function choosePlan(
  { quick, full }: { quick: boolean; full: boolean },
): StudyPlan {
  if (quick && full) {
    throw new UsageError(
      "Cannot use --quick with --full: a sweep is one or the other",
    );
  }
  return quick ? PLANS.quick : full ? PLANS.full : PLANS.default;
}

/** What a resumed study has decided already. */
const STORED = [
  "hidden",
  "dropout",
  "loss",
  "seeds",
  "epochs",
  "batch",
  "patience",
  "optimiser",
  "learningRate",
  "schedule",
  "seed",
  ...Object.keys(LOSS_OPTIONS),
];

/** Throws a `UsageError` where `values` change what a resumed study has `stored`. */
export function checkResumes(
  values: Readonly<Record<string, unknown>>,
  stored: readonly string[] = STORED,
): void {
  const isGiven = (value: unknown) => value !== undefined && value !== false;
  const changed = stored.find((name) => isGiven(values[name]));
  if (changed === undefined) return;
  throw new UsageError(
    `Cannot use --resume with ${
      flagOf(changed)
    }: the study goes on as it was planned; leave one of them out`,
  );
}

/** `space` with the lists that the user gave in place of its own. */
export function applySpaceValues(
  space: SearchSpace,
  given: LossValues & {
    hidden?: number[];
    dropout?: number[];
    loss?: string[];
    seeds?: number[];
    seed?: number;
  },
): SearchSpace {
  checkLossValues(given.loss ?? [], given);
  const { seed: first = DEFAULT_SEED } = given;
  return {
    hidden: given.hidden ?? space.hidden,
    dropout: given.dropout ?? space.dropout,
    losses: given.loss?.map((name) => chooseLoss(name, given)) ?? space.losses,
    seeds: given.seeds ??
      space.seeds.map((seed) => seed + first - DEFAULT_SEED),
  };
}
