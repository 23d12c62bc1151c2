import { writeOnnx } from "../../core/export/onnx.ts";
import { loadModel } from "../../core/models/formats/load_model.ts";
import { freshExperiment } from "./tiny_experiment.ts";

/** The tiny experiment, with its teacher as `teacher.onnx` and `bytes.onnx`. */
export async function onnxExperiment(): Promise<string> {
  const folder = await freshExperiment();
  const { spec, weights } = await loadModel(`${folder}/teacher`);
  const [kernel, ...rest] = weights;
  const scaled = {
    ...kernel,
    values: kernel.values.map((weight) => weight / 255),
  };
  for (
    const [name, list] of [
      ["teacher", weights],
      ["bytes", [scaled, ...rest]],
    ] as const
  ) {
    await Deno.writeFile(
      `${folder}/${name}.onnx`,
      writeOnnx(spec, list, { batch: 1 }),
    );
  }
  return folder;
}
