import type { Lanes } from "./run_program.ts";

/** WGSL for `relu(x)`, which lets NaN through: divergence is seen by it. */
export function reluCode(lanes: Lanes): string {
  const type = lanes === 4 ? "vec4<f32>" : "f32";
  return `fn relu(x : ${type}) -> ${type} {
  return select(x, ${type}(0.0), x <= ${type}(0.0));
}`;
}
