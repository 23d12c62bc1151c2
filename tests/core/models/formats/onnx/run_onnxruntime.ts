/**
 * Runs ONNX files by ONNX Runtime, with nothing of ours: the folder that is the first
 * argument holds `models.json`, a list of `{file, shape, pixels}`; prints what each
 * answers, as JSON.
 *
 * @module
 */

import type { Ort } from "../../../../../core/runtimes/onnxruntime_web.ts";

/** Not a literal where it is imported: this process alone has its lock file. */
const PACKAGE = "npm:onnxruntime-web@1.30.0";
const ort: Ort = await import(PACKAGE);
ort.env.logLevel = "error";
ort.env.wasm.numThreads = 1;

const [folder] = Deno.args;
const models: { file: string; shape: number[]; pixels: number[] }[] = JSON
  .parse(await Deno.readTextFile(`${folder}/models.json`));
const answers: (number[] | string)[] = [];
for (const { file, shape, pixels } of models) {
  try {
    const session = await ort.InferenceSession.create(
      await Deno.readFile(`${folder}/${file}`),
      { executionProviders: ["wasm"] },
    );
    const x = new ort.Tensor("float32", Float32Array.from(pixels), shape);
    const { y } = await session.run({ x });
    answers.push(Array.from(y.data));
  } catch (error) {
    answers.push(String(error));
  }
}
console.log(JSON.stringify(answers));
