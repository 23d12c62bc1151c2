import { CHANCE_CAUSES, isNearChance } from "../../core/data/chance.ts";
import type { Examples } from "../../core/data/dataset.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import type { Io } from "../command.ts";

/** What a model was scored on, and what it came to. */
export interface Scored {
  /** Its file or folder. */
  file: string;
  format:
    | "tfjs-layers-model"
    | "tfjs-graph-model"
    | "keras"
    | "onnx"
    | "dram";
  parameters: number;
  /** Of its weights, or of the whole file. */
  bytes: number;
  /** The dataset's name. */
  dataset: string;
  split: "test" | "validation" | "train";
  /** How many the dataset has. */
  classes: number;
  examples: Examples;
  score: { accuracy: number; loss: number };
}

/** Tells a model's score: a line, or JSON. */
export function printScore(
  { examples, score, classes, ...subject }: Scored,
  io: Io,
) {
  if (!Number.isFinite(score.loss)) {
    throw new RangeError(
      `Cannot evaluate ${subject.file}: its answers must be finite: the mean loss is ${score.loss}; its weights are too large: make it again`,
    );
  }
  const { labels } = examples;
  if (isNearChance(score.accuracy, { labels, classes })) {
    io.note(
      `Warning: ${subject.file} is no better than chance on these images; ${CHANCE_CAUSES}`,
    );
  }
  const { file, parameters, bytes, dataset, split } = subject;
  const { accuracy, loss } = score;
  const group = (count: number) => count.toLocaleString("en");
  io.print(
    `${cleanText(file)}: accuracy ${accuracy.toFixed(4)}, loss ${
      loss.toFixed(4)
    } on ${group(examples.count)} ${split} images of ${cleanText(dataset)}; ${
      group(parameters)
    } parameters, ${group(bytes)} bytes`,
  );
  io.printJson({ ...subject, count: examples.count, accuracy, loss });
}
