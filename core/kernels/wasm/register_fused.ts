import * as tf from "../../tf.ts";
import { registerKernels } from "../register_kernels.ts";
import { adadelta } from "../optimisers/wasm.ts";
import { adam } from "../optimisers/wasm.ts";
import { biasRelu } from "../bias_relu/wasm.ts";
import { biasReluGradient } from "../bias_relu/wasm.ts";
import { biasReluMaxPool } from "../max_pool/wasm.ts";
import { columnSum } from "../column_sum/wasm.ts";
import { dropout } from "../drop_out/wasm.ts";
import { identity } from "../identity/wasm.ts";
import { levelBits, levelBitsGradient } from "../sum_level_bits/wasm.ts";
import { lookUp } from "../look_up/wasm.ts";
import { maxPoolScatter } from "../max_pool/wasm.ts";
import { mixedLoss } from "../mixed_loss/wasm.ts";
import { pixels } from "../unpack_pixels/wasm.ts";
import { quantiseUniform } from "../quantise_uniform/wasm.ts";
import { quantiseUniformGradient } from "../quantise_uniform/wasm.ts";
import { roundHalves } from "../round_halves/wasm.ts";
import { roundSteps } from "../round_steps/wasm.ts";
import { sgd } from "../optimisers/wasm.ts";
import { sumByIndex } from "../look_up/wasm.ts";
import { transposeSparse } from "../packed_mat_mul/wasm.ts";
import { unpackSparse } from "../packed_mat_mul/wasm.ts";

const KERNELS: Record<string, tf.KernelFunc> = {
  [tf.Identity]: identity,
  RetortAdadelta: adadelta,
  RetortAdam: adam,
  RetortBiasRelu: biasRelu,
  RetortBiasReluGrad: biasReluGradient,
  RetortBiasReluMaxPool: biasReluMaxPool,
  RetortColumnSum: columnSum,
  RetortDropout: dropout,
  RetortLevelBits: levelBits,
  RetortLevelBitsGrad: levelBitsGradient,
  RetortLookUp: lookUp,
  RetortMaxPoolScatter: maxPoolScatter,
  RetortMixedLoss: mixedLoss,
  RetortPixels: pixels,
  RetortQuantise: quantiseUniform,
  RetortQuantiseGrad: quantiseUniformGradient,
  RetortRoundHalves: roundHalves,
  RetortRoundSteps: roundSteps,
  RetortSgd: sgd,
  RetortSumByIndex: sumByIndex,
  RetortTransposeSparse: transposeSparse,
  RetortUnpackSparse: unpackSparse,
};

let registered = false;

/**
 * Registers on tfjs's Wasm backend the kernels that core/kernels' own operations call, and one
 * for `Identity` that copies nothing. `loadAssembler` must end before one runs.
 * Does nothing the second time.
 */
export function registerFusedWasmKernels(): void {
  if (registered) return;
  registerKernels("wasm", KERNELS);
  registered = true;
}
