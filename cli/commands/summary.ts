import { load } from "../../core/infer/load.ts";
import { modelCost } from "../../core/models/cost.ts";
import { formatSummary } from "../../core/models/format_summary.ts";
import { MAX_UNITS, type ModelSpec } from "../../core/models/spec.ts";
import { listLayerWords } from "../../core/models/layers/layer_forms.ts";
import { parseLayers } from "../../core/models/parse_layers.ts";
import { studentSpec } from "../../core/models/student.ts";
import {
  TEACHER_NAMES,
  TEACHER_RECIPES,
} from "../../core/train/teacher_recipes.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { formatCount } from "../../core/text/format_numbers.ts";
import type { DescribedBox } from "../../core/models/formats/black_box.ts";
import type { Ending } from "../../core/models/formats/output_kind.ts";
import { sayEnding } from "../../core/models/formats/teacher.ts";
import { defineCommand, type Io } from "../command.ts";
import { isDram } from "./is_dram.ts";
import { readDram } from "./read_dram.ts";

/** Models that go by a name; `./student` is a folder. */
const NAMES = [...TEACHER_NAMES, "student", "compact"];

/** The layers of the model at `path`, or what is known of it where it has none. */
async function readModel(
  path: string,
  { note }: Pick<Io, "note">,
): Promise<ModelSpec | DescribedBox> {
  if (await isDram(path)) return readDram(path, (bytes) => load(bytes).spec);
  // What trains isn't loaded for a name's sake.
  const { describeModel } = await import(
    "../../core/models/formats/load_model.ts"
  );
  const model = await describeModel(path);
  if (model.kind === "box") return model;
  const said = sayEnding(model);
  if (said) note(`${path} ${said}`);
  return model.spec;
}

/** What reads the logits that a black box is asked for. */
const READERS: { readonly [End in Ending]: string } = {
  softmax: "its softmax reads",
  sigmoids: "its sigmoids read",
  "one sigmoid": "its sigmoid reads of the second, and 0",
};

/** What there is to tell of a black box, whose layers nobody knows. */
function printBox(
  {
    name,
    format,
    input,
    classes,
    parameters,
    bytes,
    operators,
    reason,
    asked,
    ends,
    isCut,
    pixels,
  }: DescribedBox,
  io: Io,
): void {
  const output = isCut && ends
    ? `logits, which ${READERS[ends]}`
    : "as the file gives them";
  const counted = Object.entries(operators).toSorted(([, a], [, b]) => b - a);
  io.print([
    `Model: ${
      cleanText(name)
    }, a black box (${format}): its runtime gives its logits`,
    `Input: ${input.join("×")}${
      pixels ? ", pixels of 0 to 255, which it scales down first" : ""
    }`,
    `Output: ${classes} numbers, ${output} (${cleanText(asked)})`,
    `Parameters: ${formatCount(parameters)} (${formatCount(bytes)} bytes)`,
    `Operators: ${
      counted.map(([operator, count]) => `${count} ${operator}`).join(", ")
    }`,
    `Why it is no row of layers: ${reason}`,
  ].join("\n"));
  io.printJson({
    name,
    format,
    kind: "black box",
    input,
    pixels,
    classes,
    output: asked,
    parameters,
    bytes,
    operators,
    reason,
  });
}

export const command = defineCommand({
  name: "summary",
  about:
    `Prints a model layer by layer: output shape, parameters, bytes, multiply-adds.
It is one that Retort knows by name, or a file or folder of any kind that it
reads. Of an ONNX file or a GraphModel that is no row of layers it tells what is
in it, and why.`,
  examples: [
    "summary teacher",
    "summary student --hidden 6 --dropout 0.2",
    "summary compact --layers pool2,conv3x8,max2,conv3x12,mean",
    "summary digits.onnx",
  ],
  positional: {
    model: {
      kind: "path",
      reads: "file or folder",
      names: NAMES,
      placeholder: "MODEL|PATH",
      usual: "student",
      help: `which model: ${
        NAMES.join(", ")
      }, a model folder, a file of ONNX or Keras or a .dram file`,
    },
  },
  options: {
    hidden: {
      kind: "integer",
      min: 1,
      max: MAX_UNITS,
      default: 6,
      help: "units of the student's hidden layer",
    },
    dropout: {
      kind: "number",
      min: 0,
      below: 1,
      default: 0.2,
      help: "the student's dropout rate",
    },
    layers: {
      kind: "string",
      placeholder: "LAYERS",
      default: "conv3x8,max2,conv3x12,max2,conv3x12,mean",
      help: `layers of the compact model: ${listLayerWords().join(", ")}`,
    },
  },
  async run({ model = "student", hidden, dropout, layers }, io) {
    const findModel = async (): Promise<ModelSpec | DescribedBox> => {
      if (model === "student") return studentSpec({ hidden, dropout });
      if (model === "compact") return parseLayers(layers);
      const name = TEACHER_NAMES.find((each) => each === model);
      if (!name) return await readModel(model, io);
      return TEACHER_RECIPES[name].makeSpec({
        input: [28, 28, 1],
        classes: 10,
      });
    };
    const spec = await findModel();
    if ("reason" in spec) return printBox(spec, io);
    const cost = modelCost(spec);
    io.print(formatSummary(spec.name, cost));
    io.printJson({ name: spec.name, input: spec.input, ...cost });
  },
});
