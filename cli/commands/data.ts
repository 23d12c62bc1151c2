import {
  defaultSplit,
  type SplitDataset,
  splitDataset,
} from "../../core/data/split.ts";
import { type Dataset, selectExamples } from "../../core/data/dataset.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import {
  countLabels,
  drawContactSheet,
  findDuplicates,
  findSuspicious,
} from "../../core/data/inspect_dataset.ts";
import { writeAtomically } from "../../core/files/write_atomically.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { formatTextTable } from "../../core/text/text_table.ts";
import { defineCommand, type Io } from "../command.ts";
import type { CommonValues } from "../options/common_options.ts";
import { DATA_OPTIONS, fitToModel, loadData } from "../options/data_options.ts";
import {
  READING_OPTIONS,
  type ReadingValues,
} from "../options/reading_options.ts";
import { UsageError } from "../terminal/errors.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";

/** Duplicates and suspicious labels that are told one by one. */
const TOLD = 20;

const COLUMNS = [
  { heading: "class", align: "left" },
  { heading: "train", align: "right" },
  { heading: "validation", align: "right" },
  { heading: "test", align: "right" },
] as const;

/** The parts of `data`, as training would divide them; test images alone are one part. */
function divide(data: Dataset): Pick<SplitDataset, "validation"> & Dataset {
  if (data.train.count > 1) return splitDataset(data, defaultSplit(data));
  return { ...data, validation: selectExamples(data.train, []) };
}

/** The labels of `data` that the `.dram` file or model folder `teacher` contradicts. */
async function askTeacher(
  teacher: string,
  data: Dataset,
  { backend, io, ...values }: {
    backend: CommonValues["backend"];
    io: Io;
  } & ReadingValues,
) {
  const { readLogits } = await import("./read_logits.ts");
  const parts = ["train", "test"] as const;
  const found = [];
  await using asked = await readLogits(teacher, { backend, io, ...values });
  const fitted = fitToModel(asked.model, data, teacher);
  for (const part of parts) {
    const examples = fitted[part];
    if (examples.count === 0) continue;
    using progress = io.progress(`${part} images`);
    const logits = await asked.logitsOf(
      examples,
      (done) => progress.work({ done, total: examples.count, unit: "images" }),
    );
    for (const each of findSuspicious(logits, examples.labels)) {
      found.push({
        part,
        image: each.image,
        label: fitted.classNames[each.label],
        answer: fitted.classNames[each.answer],
        probability: each.probability,
      });
    }
  }
  return found.sort((a, b) => b.probability - a.probability);
}

export const command = defineCommand({
  name: "data",
  about:
    `Shows what is read of data: images, classes and how many each has, as training
would divide them; test images that are among those to learn from; a contact
sheet; and, with a teacher, the labels that it contradicts, the surest first.`,
  examples: [
    "data my-data",
    "data my-pictures --image 32x32x3 --sheet sheet.png",
    "data my-data --teacher trained/mine --json",
  ],
  positional: {
    path: { ...DATA_OPTIONS.data, help: DATA_OPTIONS.data.help },
  },
  options: {
    image: DATA_OPTIONS.image,
    labelOffset: DATA_OPTIONS.labelOffset,
    transpose: DATA_OPTIONS.transpose,
    classes: DATA_OPTIONS.classes,
    skipBroken: DATA_OPTIONS.skipBroken,
    memory: DATA_OPTIONS.memory,
    sheet: {
      kind: "path",
      writes: "file",
      placeholder: "FILE.png",
      help: "write a contact sheet there: a row a class",
    },
    teacher: {
      kind: "path",
      reads: "file or folder",
      placeholder: "FILE|FOLDER",
      help:
        "a .dram file, a file of ONNX or Keras or a model folder that is asked about labels",
    },
    ...READING_OPTIONS,
    ...FORCE_OPTION,
  },
  async run(
    { path, sheet, teacher, pixels, bgr, force, backend, ...values },
    io,
  ) {
    if ((pixels || bgr) && teacher === undefined) {
      throw new UsageError(
        `Cannot use ${
          pixels ? "--pixels" : "--bgr"
        } without --teacher: it says what a teacher reads; name one, or leave it out`,
      );
    }
    using _claim = sheet === undefined ? undefined : await claimOutput({
      command: "data",
      at: { file: sheet },
      option: "--sheet",
      makes: [sheet],
      force,
    });
    const data = await loadData({ data: path, ...values }, io);
    const parts = divide(data);
    const { name, shape, classes, classNames, sha256 } = data;
    const { train, validation, test } = parts;
    const counts = {
      train: countLabels(train.labels, classes),
      validation: countLabels(validation.labels, classes),
      test: countLabels(test.labels, classes),
    };
    const duplicates = findDuplicates(data.train, test);
    if (sheet !== undefined) {
      const shown = train.count > 0 ? train : test;
      await writeAtomically(sheet, encodePng(drawContactSheet(shown, classes)));
    }
    const suspicious = teacher === undefined
      ? undefined
      : await askTeacher(teacher, data, { backend, pixels, bgr, io });

    const group = (count: number) => count.toLocaleString("en");
    io.print(
      `${cleanText(name)}: images of ${shape.join("×")} in ${
        group(classes)
      } classes: ${group(train.count)} to learn from, ${
        group(validation.count)
      } to choose by, ${group(test.count)} to test by`,
    );
    const rows = classNames.map((className, label) => [
      cleanText(className, { length: 40 }),
      group(counts.train[label]),
      group(counts.validation[label]),
      group(counts.test[label]),
    ]);
    io.print(
      formatTextTable([...COLUMNS], rows).trimEnd(),
    );
    const disagreeing = duplicates.filter(({ agree }) => !agree).length;
    io.print(
      `${group(duplicates.length)} test images are among those to learn from, ${
        group(disagreeing)
      } of them under another label`,
    );
    if (sheet !== undefined) io.print(`${cleanText(sheet)}: contact sheet`);
    if (suspicious) {
      io.print(
        `${group(suspicious.length)} labels that ${
          cleanText(teacher ?? "")
        } contradicts${suspicious.length > 0 ? ", the surest first:" : ""}`,
      );
      for (const each of suspicious.slice(0, TOLD)) {
        io.print(
          `  ${each.part} ${each.image}: labelled ${
            cleanText(each.label)
          }, answered ${cleanText(each.answer)} (${
            each.probability.toFixed(4)
          })`,
        );
      }
    }
    io.printJson({
      name,
      shape,
      classes: classNames,
      train: train.count,
      validation: validation.count,
      test: test.count,
      sha256,
      counts,
      duplicates: {
        count: duplicates.length,
        disagreeing,
        first: duplicates.slice(0, TOLD),
      },
      sheet: sheet ?? null,
      suspicious: suspicious === undefined ? null : {
        count: suspicious.length,
        first: suspicious.slice(0, TOLD),
      },
    });
  },
});
