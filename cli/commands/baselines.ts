import { measureBaselines } from "../../core/compress/baselines/measure_baselines.ts";
import { TFJS_PRECISIONS } from "../../core/compress/baselines/tfjs_files.ts";
import { writeAllAtomically } from "../../core/files/write_atomically.ts";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { classifyParts } from "../../core/infer/classify_parts.ts";
import { loadEncoded } from "../../core/infer/load.ts";
import { scoreAnswers } from "../../core/infer/score_answers.ts";
import { countParameters } from "../../core/models/cost.ts";
import {
  formatAccuracy,
  formatCompression,
  formatCount,
} from "../../core/text/format_numbers.ts";
import { formatTextTable } from "../../core/text/text_table.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { defineCommand } from "../command.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import {
  chooseExamples,
  fitToModel,
  loadData,
  SCORED_OPTIONS,
} from "../options/data_options.ts";
import { startBackend } from "./experiment.ts";
import { readDram } from "./read_dram.ts";

const COLUMNS = [
  { heading: "file", align: "left" },
  { heading: "model.json", align: "right" },
  { heading: "weights", align: "right" },
  { heading: "bytes", align: "right" },
  { heading: "gzipped", align: "right" },
  { heading: "over .dram", align: "right" },
  { heading: "accuracy", align: "right" },
] as const;

export const command = defineCommand({
  name: "baselines",
  about:
    `Sets a .dram file beside the same weights in the files that tfjs has for them
(model.json and weights.bin, in float32, float16 and 8 bits), each also gzipped
at level 9, with the accuracy of each. --out writes those files, which stock
tfjs loads. The same size without a teacher: \`search --loss labels\`.`,
  examples: [
    "baselines models/compact/digits-98.dram",
    "baselines trained/compact.dram --out trained/compact-tfjs --json",
  ],
  positional: {
    file: {
      kind: "path",
      reads: "file",
      required: true,
      help: "a .dram file",
    },
  },
  options: {
    ...SCORED_OPTIONS,
    out: {
      kind: "path",
      writes: "folder",
      placeholder: "FOLDER",
      help: "write the tfjs files there, a folder each",
    },
    ...FORCE_OPTION,
  },
  async run({ file, split, out, force, backend: choice, ...values }, io) {
    using _claim = out === undefined ? undefined : await claimOutput({
      command: "baselines",
      at: { folder: out },
      force,
      makes: TFJS_PRECISIONS.flatMap((
        precision,
      ) => [
        `${out}/${precision}/model.json`,
        `${out}/${precision}/weights.bin`,
      ]),
    });
    const { bytes, encoded } = await readDram(
      file,
      (content) => ({ bytes: content.length, encoded: decodeDram(content) }),
    );
    const model = loadEncoded(encoded);
    const whole = fitToModel(model, await loadData(values, io), file);
    const examples = chooseExamples(whole, split);
    await startBackend(choice, io, { tune: false });
    const measured = await measureBaselines(encoded, examples);
    const answers = await classifyParts(model.classify, examples);
    const { accuracy } = scoreAnswers(answers, examples.labels);
    if (out !== undefined) {
      for (const { precision, files } of measured) {
        await Deno.mkdir(`${out}/${precision}`, { recursive: true });
        await writeAllAtomically([
          [`${out}/${precision}/weights.bin`, files.data],
          [`${out}/${precision}/model.json`, files.json],
        ]);
      }
      io.note(`tfjs files written to ${out}`);
    }
    const baselines = measured.map(({ files: _, ...rest }) => rest);
    const rows = baselines.map((each) => [
      `tfjs ${each.precision}`,
      formatCount(each.json),
      formatCount(each.weights),
      formatCount(each.bytes),
      formatCount(each.gzipped),
      formatCompression(each.gzipped / bytes),
      formatAccuracy(each.accuracy),
    ]);
    const own = [".dram", "", "", formatCount(bytes), "", "1.0×"]
      .concat(formatAccuracy(accuracy));
    io.print(formatTextTable([...COLUMNS], [own, ...rows]).trimEnd());
    io.print(
      `accuracy on ${formatCount(examples.count)} ${split} images of ${
        cleanText(whole.name)
      }; over .dram: gzipped bytes over the .dram's`,
    );
    io.printJson({
      file,
      bytes,
      accuracy,
      parameters: countParameters(encoded.spec),
      dataset: whole.name,
      split,
      count: examples.count,
      baselines,
    });
  },
});
