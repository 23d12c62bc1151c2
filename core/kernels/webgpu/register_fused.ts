import type * as tf from "../../tf.ts";
import { registerKernels } from "../register_kernels.ts";
import { adadelta } from "./adadelta.ts";
import { adam } from "./adam.ts";
import { biasRelu } from "./bias_relu.ts";
import { biasReluGradient } from "./bias_relu_gradient.ts";
import { biasReluMaxPool } from "./bias_relu_max_pool.ts";
import { BLOCK_MAT_MUL_KERNELS } from "./block_mat_mul.ts";
import { columnSum } from "./column_sum.ts";
import { dropout } from "./dropout.ts";
import { halves } from "./halves.ts";
import { maxPoolScatter } from "./max_pool_scatter.ts";
import { mixedLoss } from "./mixed_loss.ts";
import { pixels } from "./pixels.ts";
import { quantiseUniform } from "./quantise_uniform.ts";
import { quantiseUniformGradient } from "./quantise_uniform_gradient.ts";
import { roundHalves } from "./round_halves.ts";
import { sgd } from "./sgd.ts";
import { sumByIndex } from "./sum_by_index.ts";

const KERNELS: Record<string, tf.KernelFunc> = {
  ...BLOCK_MAT_MUL_KERNELS,
  RetortAdadelta: adadelta,
  RetortAdam: adam,
  RetortBiasRelu: biasRelu,
  RetortBiasReluGrad: biasReluGradient,
  RetortBiasReluMaxPool: biasReluMaxPool,
  RetortColumnSum: columnSum,
  RetortDropout: dropout,
  RetortHalves: halves,
  RetortMaxPoolScatter: maxPoolScatter,
  RetortMixedLoss: mixedLoss,
  RetortPixels: pixels,
  RetortQuantise: quantiseUniform,
  RetortQuantiseGrad: quantiseUniformGradient,
  RetortRoundHalves: roundHalves,
  RetortSgd: sgd,
  RetortSumByIndex: sumByIndex,
};

let registered = false;

/**
 * Registers on tfjs's WebGPU backend the kernels that core/kernels/ops calls. Does
 * nothing the second time.
 */
export function registerFusedWebGpuKernels(): void {
  if (registered) return;
  registerKernels("webgpu", KERNELS);
  registered = true;
}
