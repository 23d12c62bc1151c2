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
import { defineCommand } from "../command.ts";
import { isDram } from "./is_dram.ts";
import { readDram } from "./read_dram.ts";

/** Models that go by a name; `./student` is a folder. */
const NAMES = [...TEACHER_NAMES, "student", "compact"];

/** The layers of the model at `path`. */
async function readSpec(path: string): Promise<ModelSpec> {
  if (await isDram(path)) return readDram(path, (bytes) => load(bytes).spec);
  // What trains isn't loaded for a name's sake.
  const { loadModel } = await import(
    "../../core/models/formats/load_model.ts"
  );
  return (await loadModel(path)).spec;
}

export const command = defineCommand({
  name: "summary",
  about:
    `Prints a model layer by layer: output shape, parameters, bytes, multiply-adds.
It is one that Retort knows by name, or a file or folder of any kind that it
reads.`,
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
    const makeSpec = async (): Promise<ModelSpec> => {
      if (model === "student") return studentSpec({ hidden, dropout });
      if (model === "compact") return parseLayers(layers);
      const name = TEACHER_NAMES.find((each) => each === model);
      if (!name) return await readSpec(model);
      return TEACHER_RECIPES[name].makeSpec({
        input: [28, 28, 1],
        classes: 10,
      });
    };
    const spec = await makeSpec();
    const cost = modelCost(spec);
    io.print(formatSummary(spec.name, cost));
    io.printJson({ name: spec.name, input: spec.input, ...cost });
  },
});
