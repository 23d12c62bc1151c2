// ONNX Runtime's Wasm alone, as a peer of black_box.ts: for each byte that it reads it
// runs all of its images, and says how many milliseconds that took.
import type { Ort } from "../../core/runtimes/onnxruntime_web.ts";

/** Not a literal where it is imported: this process alone has its lock file. */
const PACKAGE = "npm:onnxruntime-web@1.30.0";
const ort: Ort = await import(PACKAGE);
ort.env.logLevel = "error";
ort.env.wasm.numThreads = 1;

const [model, ...numbers] = Deno.args;
const [count, batch, side] = numbers.map(Number);
const session = await ort.InferenceSession.create(await Deno.readFile(model), {
  executionProviders: ["wasm"],
});
const size = batch * side * side;
const tensors = Array.from(
  { length: count / batch },
  (_, place) =>
    new ort.Tensor(
      "float32",
      Float32Array.from(
        { length: size },
        (_, i) => (i * 89 + place) % 256 / 255,
      ),
      [batch, 1, side, side],
    ),
);
for await (const _ of Deno.stdin.readable) {
  const began = performance.now();
  for (const x of tensors) await session.run({ x });
  console.log(performance.now() - began);
}
