import { defineCommand } from "../command.ts";
import { SCORED_OPTIONS } from "../options/data_options.ts";
import { printScore } from "./print_score.ts";

/**
 * Whether `path` is a file that isn't called like another model's; the file system's error
 * is told by who reads it.
 */
async function isFile(path: string): Promise<boolean> {
  if (/\.(json|h5|hdf5|keras)$/i.test(path)) return false;
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

export const command = defineCommand({
  name: "evaluate",
  about:
    `Scores a model, a .dram file, a folder (a tfjs LayersModel) or a file of Keras
(.h5, .keras), on labelled images: accuracy and mean cross-entropy. A .dram file is run as it is, in plain
TypeScript and without the trainer, unless --backend names one of tfjs's.`,
  examples: [
    "evaluate models/teacher",
    "evaluate trained/student-6 --json",
    "evaluate models/compact/digits-98.dram",
  ],
  positional: {
    file: {
      kind: "path",
      reads: "file or folder",
      required: true,
      help: "a .dram file, a model folder or a file of Keras",
    },
  },
  options: SCORED_OPTIONS,
  async run(values, io) {
    // Each loads what it needs: a .dram file neither trainer nor framework.
    const scored = await isFile(values.file)
      ? await (await import("./evaluate_dram.ts")).evaluateDram(values, io)
      : await (await import("./evaluate_folder.ts")).evaluateFolder(values, io);
    printScore(scored, io);
  },
});
