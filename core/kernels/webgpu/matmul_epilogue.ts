import { type Epilogue, flatten } from "./matmul_product.ts";
import { reluCode } from "./relu_code.ts";
import type { Lanes } from "./run_program.ts";

/** The epilogue's function `finish(value, n)` of the entries from column n on. */
export function epilogueCode({ bias, relu }: Epilogue, lanes: Lanes) {
  const type = lanes === 4 ? "vec4<f32>" : "f32";
  const sum = bias ? `value + bias[n / ${lanes}]` : "value";
  return {
    key: `${bias !== undefined} ${relu} ${lanes}`,
    inputs: bias ? [{ name: "bias", lanes }] : [],
    tensors: bias ? [flatten(bias)] : [],
    code: `
${relu ? reluCode(lanes) : ""}
fn finish(value : ${type}, n : i32) -> ${type} {
  return ${relu ? `relu(${sum})` : sum};
}`,
  };
}

/** An epilogue that changes nothing: of a sum that is one of several parts. */
export const NO_EPILOGUE: Epilogue = { relu: false };
