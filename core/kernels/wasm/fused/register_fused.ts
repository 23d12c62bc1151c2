import * as tf from "../../../tf.ts";
import { registerKernels } from "../../register_kernels.ts";
import { adadelta } from "./adadelta.ts";
import { adam } from "./adam.ts";
import { biasRelu } from "./bias_relu.ts";
import { biasReluGradient } from "./bias_relu_gradient.ts";
import { biasReluMaxPool } from "./bias_relu_max_pool.ts";
import { columnSum } from "./column_sum.ts";
import { dropout } from "./dropout.ts";
import { identity } from "./identity.ts";
import { levelBits, levelBitsGradient } from "./level_bits.ts";
import { lookUp } from "./look_up.ts";
import { maxPoolScatter } from "./max_pool_scatter.ts";
import { mixedLoss } from "./mixed_loss.ts";
import { pixels } from "./pixels.ts";
import { quantiseUniform } from "./quantise_uniform.ts";
import { quantiseUniformGradient } from "./quantise_uniform_gradient.ts";
import { roundHalves } from "./round_halves.ts";
import { roundSteps } from "./round_steps.ts";
import { sgd } from "./sgd.ts";
import { sumByIndex } from "./sum_by_index.ts";
import { transposeSparse } from "./transpose_sparse.ts";
import { unpackSparse } from "./unpack_sparse.ts";

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
 * Registers on tfjs's Wasm backend the kernels that core/kernels/ops calls, and one
 * for `Identity` that copies nothing. `loadAssembler` must end before one runs.
 * Does nothing the second time.
 */
export function registerFusedWasmKernels(): void {
  if (registered) return;
  registerKernels("wasm", KERNELS);
  registered = true;
}
