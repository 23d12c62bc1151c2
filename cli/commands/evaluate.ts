import { defineCommand } from "../command.ts";
import { SCORED_OPTIONS } from "../options/data_options.ts";
import { PIXELS_OPTION, refusePixels } from "../options/pixels_option.ts";
import { isDram } from "./is_dram.ts";
import { printScore } from "./print_score.ts";

export const command = defineCommand({
  name: "evaluate",
  about:
    `Scores a model, a .dram file, an ONNX file or a folder (a tfjs LayersModel), on
labelled images: accuracy and mean cross-entropy. A .dram file is run as it is,
in plain TypeScript and without the trainer, unless --backend names one of
tfjs's.`,
  examples: [
    "evaluate models/teacher",
    "evaluate trained/student-6 --json",
    "evaluate models/compact/digits-98.dram",
    "evaluate digits.onnx --pixels 1,0.1307,0.3081",
  ],
  positional: {
    file: {
      kind: "path",
      reads: "file or folder",
      required: true,
      help: "a .dram file, an ONNX file or a model folder",
    },
  },
  options: { ...SCORED_OPTIONS, ...PIXELS_OPTION },
  async run(values, io) {
    // Each loads what it needs: a .dram file neither trainer nor framework.
    const dram = await isDram(values.file);
    if (dram && values.pixels) refusePixels(values.file);
    const scored = dram
      ? await (await import("./evaluate_dram.ts")).evaluateDram(values, io)
      : await (await import("./evaluate_folder.ts")).evaluateFolder(values, io);
    printScore(scored, io);
  },
});
