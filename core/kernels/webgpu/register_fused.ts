import type * as tf from "../../tf.ts";
import { registerKernels } from "../register_kernels.ts";
import { adadelta } from "../optimisers/webgpu.ts";
import { adam } from "../optimisers/webgpu.ts";
import { biasRelu } from "../bias_relu/webgpu.ts";
import { biasReluGradient } from "../bias_relu/webgpu.ts";
import { biasReluMaxPool } from "../max_pool/webgpu.ts";
import { BLOCK_MAT_MUL_KERNELS } from "../block_mat_mul/webgpu.ts";
import { columnSum } from "../column_sum/webgpu.ts";
import { dropout } from "../drop_out/webgpu.ts";
import { halves } from "../unpack_halves/webgpu.ts";
import { maxPoolScatter } from "../max_pool/webgpu.ts";
import { mixedLoss } from "../mixed_loss/webgpu.ts";
import { pixels } from "../unpack_pixels/webgpu.ts";
import { quantiseUniform } from "../quantise_uniform/webgpu.ts";
import { quantiseUniformGradient } from "../quantise_uniform/webgpu.ts";
import { roundHalves } from "../round_halves/webgpu.ts";
import { sgd } from "../optimisers/webgpu.ts";
import { sumByIndex } from "../look_up/webgpu.ts";

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
 * Registers on tfjs's WebGPU backend the kernels that core/kernels' own operations call. Does
 * nothing the second time.
 */
export function registerFusedWebGpuKernels(): void {
  if (registered) return;
  registerKernels("webgpu", KERNELS);
  registered = true;
}
