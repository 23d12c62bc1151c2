import { defineCommand } from "../command.ts";
import { isImageSize, SCORED_OPTIONS } from "../options/data_options.ts";
import { READING_OPTIONS, refuseReading } from "../options/reading_options.ts";
import { isDram } from "./is_dram.ts";
import { printScore } from "./print_score.ts";

export const command = defineCommand({
  name: "evaluate",
  about:
    `Scores a model on labelled images: accuracy and mean cross-entropy. It may
be a .dram file, a folder or JSON file (a tfjs LayersModel), or a file of ONNX
or of Keras (.h5, .keras). A .dram file is run as it is, in plain TypeScript
without the trainer, unless --backend names one of tfjs's. With --image FILE it
says what the model takes one picture for, and shows what the model sees:
handwriting on paper is inverted, cropped and centred.`,
  examples: [
    "evaluate models/teacher",
    "evaluate trained/student-6 --json",
    "evaluate models/compact/digits-98.dram",
    "evaluate models/compact/digits-98.dram --image photo.jpg",
    "evaluate digits.onnx --pixels 1,0.1307,0.3081",
  ],
  positional: {
    file: {
      kind: "path",
      reads: "file or folder",
      required: true,
      help: "a .dram file, a model folder, or a file of ONNX or Keras",
    },
  },
  options: {
    ...SCORED_OPTIONS,
    ...READING_OPTIONS,
    image: {
      ...SCORED_OPTIONS.image,
      placeholder: "FILE|HxWxC",
      help:
        "one picture, a PNG or JPEG; or the size to bring the data's images to",
    },
  },
  async run({ image, ...values }, io) {
    if (image !== undefined && !isImageSize(image)) {
      const { evaluatePicture } = await import("./evaluate_picture.ts");
      return await evaluatePicture({ ...values, image }, io);
    }
    // Each loads what it needs: a .dram file neither trainer nor framework.
    const dram = await isDram(values.file);
    if (dram) refuseReading(values.file, values);
    const given = { ...values, image };
    const scored = dram
      ? await (await import("./evaluate_dram.ts")).evaluateDram(given, io)
      : await (await import("./evaluate_folder.ts")).evaluateFolder(given, io);
    printScore(scored, io);
  },
});
