import type { CommonValues } from "./common_options.ts";
import type { Dataset } from "../../core/data/dataset.ts";
import { loadIdxFolder } from "../../core/data/idx_folder.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { classCount } from "../../core/models/cost.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import type { Io } from "../command.ts";
import type { OptionTable, OptionValues } from "./option.ts";
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

/** What is odd about data that someone brought, though it can be used. */
function listOddities({ name, train, classes }: Dataset): string[] {
  const counts = new Uint32Array(classes);
  for (const label of train.labels) counts[label]++;
  const empty = [...counts.keys()].filter((label) => counts[label] === 0);
  return [
    ...train.images.every((pixel) => pixel < 2)
      ? [
        `Warning: pixels of ${name} are 0 and 1 only: they are divided by 255, which leaves almost nothing; store them as 0 to 255`,
      ]
      : [],
    ...empty.length > 0
      ? [
        `Warning: labels of ${name} go to ${
          classes - 1
        }: of its ${classes} classes ${
          empty.slice(0, 9).join(", ")
        } have no image to learn from`,
      ]
      : [],
  ];
}

/** MNIST, or the dataset in `folder`, with a note of what is odd about that. */
export async function loadData(
  folder: string | undefined,
  io: Pick<Io, "note">,
): Promise<Dataset> {
  if (folder === undefined) return await loadMnist();
  const dataset = await loadIdxFolder(folder, cleanText(recordedName(folder)));
  for (const oddity of listOddities(dataset)) io.note(oddity);
  return dataset;
}

/** What is to be known of validation images, where the model `name` doesn't say which it left out. */
export function unknownSplit(name: string): string {
  return `Warning: how the data was divided when ${name} was trained is not recorded: it may have learnt the validation images, and its accuracy on them may be too high`;
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

/** What a command that scores a file is told. */
export type ScoredValues =
  & OptionValues<typeof SCORED_OPTIONS>
  & CommonValues
  & { file: string };
