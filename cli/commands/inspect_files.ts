import { loadMnist } from "../../core/data/mnist.ts";
import { loadModel } from "../../core/models/formats/load_model.ts";
import { describeError } from "../terminal/describe_error.ts";

/** The dataset that commands use unless told otherwise, and whether it is whole. */
export interface DataState {
  name: string;
  train: number;
  test: number;
  /** SHA-256 of each file, uncompressed. */
  sha256: Record<string, string>;
  /** What is wrong with it; null if nothing. */
  problem: string | null;
}

/** The shipped teacher, and whether it can be loaded. */
export interface TeacherState {
  present: boolean;
  parameters: number | null;
  /** SHA-256 of the model. */
  sha256: string | null;
  /** What is wrong with it; null if nothing, or if it isn't there. */
  problem: string | null;
}

/** Reads all of MNIST and checks its hashes. */
export async function inspectMnist(folder?: string): Promise<DataState> {
  try {
    const { name, train, test, sha256 } = await loadMnist(folder);
    return {
      name,
      train: train.count,
      test: test.count,
      sha256,
      problem: null,
    };
  } catch (error) {
    const problem = describeError(error);
    return { name: "mnist", train: 0, test: 0, sha256: {}, problem };
  }
}

/** Loads the teacher in `folder`; it may be missing, but not broken. */
export async function inspectTeacher(folder: URL): Promise<TeacherState> {
  try {
    const { weights, sha256 } = await loadModel(folder);
    const parameters = weights.reduce(
      (sum, { values }) => sum + values.length,
      0,
    );
    return { present: true, parameters, sha256, problem: null };
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound &&
      await isMissing(folder);
    const problem = absent ? null : describeError(error);
    return { present: !absent, parameters: null, sha256: null, problem };
  }
}

async function isMissing(folder: URL): Promise<boolean> {
  try {
    await Deno.stat(folder);
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
