import {
  measureSweep,
  type SweepProgram,
  type SweepRun,
  type SweepRunOptions,
} from "./measure_sweep.ts";

/** Sweeps of one student, and of many, once the features are there. */
export interface Sharing {
  /** Of one student of {@linkcode ALONE_HIDDEN} units. */
  alone: SweepRun[];
  /** Of 36: the default widths and losses, under two seeds. */
  together: SweepRun;
}

/** Units of the student that is trained alone: about the mean of the default sweep's, 15. */
export const ALONE_HIDDEN = 16;
const ALONE_RUNS = 3;

/**
 * What a student costs by itself, and as one of 36, as whole processes: start,
 * training, validation, test and report. `folder` must be one that the default
 * sweep has run in.
 */
export async function measureSharing(
  program: SweepProgram,
  options: SweepRunOptions,
): Promise<Sharing> {
  const run = (study: string, ...args: string[]) =>
    measureSweep({
      ...program,
      args: [...program.args ?? [], "--study", study, ...args],
    }, options);
  const alone = [];
  for (let index = 0; index < ALONE_RUNS; index++) {
    alone.push(
      await run(
        `alone-${index}`,
        ...["--hidden", `${ALONE_HIDDEN}`, "--loss", "logit-mse"],
        ...["--seeds", "1"],
      ),
    );
  }
  return { alone, together: await run("together", "--seeds", "1,2") };
}
