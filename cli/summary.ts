import { modelCost } from "../core/models/cost.ts";
import { formatSummary } from "../core/models/format_summary.ts";
import { MAX_UNITS } from "../core/models/spec.ts";
import { studentSpec } from "../core/models/student.ts";
import { teacherSpec } from "../core/models/teacher.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  name: "summary",
  about:
    "Prints a model layer by layer: output shape, parameters, bytes, multiply-adds.",
  examples: ["summary teacher", "summary student --hidden 6 --dropout 0.2"],
  positional: {
    model: {
      kind: "choice",
      choices: ["teacher", "student"],
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
  },
  run({ model, hidden, dropout }, io) {
    const spec = model === "teacher"
      ? teacherSpec()
      : studentSpec({ hidden, dropout });
    const cost = modelCost(spec);
    io.print(formatSummary(spec.name, cost));
    io.printJson({ name: spec.name, input: spec.input, ...cost });
    return Promise.resolve();
  },
});
