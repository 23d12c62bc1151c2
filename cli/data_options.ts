import type { Dataset } from "../core/data/dataset.ts";
import { loadIdxFolder } from "../core/data/idx_folder.ts";
import { loadMnist } from "../core/data/mnist.ts";
import { classCount } from "../core/models/cost.ts";
import type { ModelSpec } from "../core/models/spec.ts";
import { cleanText } from "../core/text/clean_text.ts";
import type { OptionTable } from "./option.ts";
import { recordedName } from "./own_path.ts";

/** Options of every command that reads data. */
export const DATA_OPTIONS = {
  data: {
    kind: "path",
    reads: "file or folder",
    placeholder: "FOLDER",
    usual: "MNIST",
    help: "a dataset of your own: four IDX files under MNIST's usual names",
  },
} as const satisfies OptionTable;

/** Options of commands that score what they are given. */
export const SCORED_OPTIONS = {
  ...DATA_OPTIONS,
  split: {
    kind: "choice",
    choices: ["test", "validation", "train"],
    default: "test",
    help: "which images",
  },
} as const satisfies OptionTable;

/** MNIST, or the dataset in `folder`, called by its recorded name. */
export function loadData(folder?: string): Promise<Dataset> {
  return folder === undefined
    ? loadMnist()
    : loadIdxFolder(folder, cleanText(recordedName(folder)));
}

/** Throws unless the model, which errors call `name`, reads what `data` holds. */
export function assertFits(
  { spec }: { spec: ModelSpec },
  data: Dataset,
  name: string,
): void {
  const describe = (shape: readonly number[], classes: number) =>
    `images of ${shape.join("×")} in ${classes} classes`;
  const wanted = describe(spec.input, classCount(spec));
  const found = describe(data.shape, data.classes);
  if (wanted === found) return;
  throw new Error(
    `Cannot use ${name} on ${data.name}: it reads ${wanted}: these are ${found}; pass --data with what the model was made for`,
  );
}
