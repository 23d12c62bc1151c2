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

export const command = defineCommand({
  name: "summary",
  about:
    "Prints a model layer by layer: output shape, parameters, bytes, multiply-adds.",
  examples: [
    "summary teacher",
    "summary student --hidden 6 --dropout 0.2",
    "summary compact --layers pool2,conv3x8,max2,conv3x12,mean",
  ],
  positional: {
    model: {
      kind: "choice",
      choices: [...TEACHER_NAMES, "student", "compact"],
      placeholder: "MODEL",
      default: "student",
      help: "which model",
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
  run({ model, hidden, dropout, layers }, io) {
    const makeSpec = (): ModelSpec => {
      if (model === "student") return studentSpec({ hidden, dropout });
      if (model === "compact") return parseLayers(layers);
      return TEACHER_RECIPES[model].makeSpec({
        input: [28, 28, 1],
        classes: 10,
      });
    };
    const spec = makeSpec();
    const cost = modelCost(spec);
    io.print(formatSummary(spec.name, cost));
    io.printJson({ name: spec.name, input: spec.input, ...cost });
    return Promise.resolve();
  },
});
