import { assertEquals } from "@std/assert";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { applyConstraints } from "../../../../core/train/constraints/apply_constraints.ts";
import { encodeWeights } from "../../../../core/train/constraints/encode_weights.ts";
import * as tf from "../../../../core/tf.ts";
import { constrainedWeights } from "./constrained_weights.ts";

/** The bits of float32s: −0 isn't 0. */
function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer);
}

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test(`${backend}: what is trained is what the file holds, to the bit`, async () => {
    await selectBackend(backend);
    const { constraints, shapes, variables } = constrainedWeights();
    const weights = tf.tidy(() =>
      applyConstraints(
        constraints,
        shapes,
        variables.map(({ shape, values }) => tf.tensor(values, shape)),
      )
    );
    const encoded = encodeWeights(constraints, shapes, variables);
    for (const [index, weight] of weights.entries()) {
      const what = JSON.stringify([constraints[index], shapes[index]]);
      const { shape, values } = decodeTensor(encoded[index]);
      assertEquals(weight.shape, shape, what);
      assertEquals(
        bitsOf(await weight.data<"float32">()),
        bitsOf(values),
        what,
      );
    }
    tf.dispose(weights);
  });
}
