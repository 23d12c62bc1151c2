import * as tf from "../../tf.ts";
import { biasRelu, biasReluGradient } from "../bias_relu/webgpu.ts";
import {
  blockMatMul,
  blockMatMulInputGradient,
  blockMatMulWeightGradient,
} from "../block_mat_mul/webgpu.ts";
import { columnSum } from "../column_sum/webgpu.ts";
import {
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
} from "../conv2d/webgpu.ts";
import { dropOut } from "../drop_out/webgpu.ts";
import { type KernelTable, registerKernels } from "../kernel.ts";
import { sumByIndex } from "../look_up/webgpu.ts";
import { matMul } from "../mat_mul/webgpu.ts";
import { biasReluMaxPool, maxPoolScatter } from "../max_pool/webgpu.ts";
import { mixedLoss } from "../mixed_loss/webgpu.ts";
import { adadelta, adam, sgd } from "../optimisers/webgpu.ts";
import {
  quantiseUniform,
  quantiseUniformGradient,
} from "../quantise_uniform/webgpu.ts";
import { roundHalves } from "../round_halves/webgpu.ts";
import { unpackHalves } from "../unpack_halves/webgpu.ts";
import { unpackPixels } from "../unpack_pixels/webgpu.ts";
import { type Attempt, replaceKernel } from "./replace_kernel.ts";

/** How WebGPU runs every kernel of ours. */
const KERNELS = {
  RetortAdadelta: adadelta,
  RetortAdam: adam,
  RetortBiasRelu: biasRelu,
  RetortBiasReluGradient: biasReluGradient,
  RetortBiasReluMaxPool: biasReluMaxPool,
  RetortBlockMatMul: blockMatMul,
  RetortBlockMatMulInputGradient: blockMatMulInputGradient,
  RetortBlockMatMulWeightGradient: blockMatMulWeightGradient,
  RetortColumnSum: columnSum,
  RetortConvReluMaxPoolGradient: "composed",
  RetortDropOut: dropOut,
  RetortLookUp: "composed",
  RetortMaxPoolScatter: maxPoolScatter,
  RetortMixedLoss: mixedLoss,
  RetortQuantiseUniform: quantiseUniform,
  RetortQuantiseUniformGradient: quantiseUniformGradient,
  RetortRoundHalves: roundHalves,
  RetortRoundSteps: "composed",
  RetortRowGradient: "composed",
  RetortSgd: sgd,
  RetortSparseMatMul: "composed",
  RetortSumByIndex: sumByIndex,
  RetortSumLevelBits: "composed",
  RetortSumLevelBitsGradient: "composed",
  RetortTransposeSparse: "composed",
  RetortUnpackHalves: unpackHalves,
  RetortUnpackPixels: unpackPixels,
  RetortUnpackSparse: "composed",
} satisfies KernelTable;

/** What comes before kernels of tfjs's own. */
const REPLACED: Record<string, Attempt> = {
  [tf.BatchMatMul]: matMul,
  [tf._FusedMatMul]: matMul,
  [tf.Conv2D]: conv2d,
  [tf.FusedConv2D]: conv2d,
  [tf.Conv2DBackpropInput]: conv2dBackpropInput,
  [tf.Conv2DBackpropFilter]: conv2dBackpropFilter,
};

let registered = false;

/**
 * Registers on tfjs's WebGPU backend products of matrices, convolutions and their
 * gradients that are many times as fast as its own, which still compute what ours
 * can't (dilated windows, channels first, other activations), and the kernels that
 * core/kernels' own operations call. Does nothing the second time.
 */
export function registerWebGpuKernels(): void {
  if (registered) return;
  for (const [name, attempt] of Object.entries(REPLACED)) {
    replaceKernel(name, attempt);
  }
  registerKernels("webgpu", KERNELS);
  registered = true;
}
