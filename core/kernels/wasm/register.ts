import * as tf from "../../tf.ts";
import { averagePoolReplacement } from "../average_pool/wasm.ts";
import { biasRelu, biasReluGradient } from "../bias_relu/wasm.ts";
import {
  blockMatMul,
  blockMatMulInputGradient,
  blockMatMulWeightGradient,
} from "../block_mat_mul/wasm.ts";
import { columnSum } from "../column_sum/wasm.ts";
import {
  conv2dBackpropFilterReplacement,
  conv2dBackpropInputReplacement,
  conv2dReplacement,
} from "../conv2d/wasm.ts";
import { convReluMaxPoolGradient } from "../conv_relu_max_pool/wasm.ts";
import {
  depthwiseBackpropFilterReplacement,
  depthwiseBackpropInputReplacement,
  depthwiseConv2dReplacement,
} from "../depthwise_conv2d/wasm.ts";
import { dropOut } from "../drop_out/wasm.ts";
import { identity } from "../identity/wasm.ts";
import { type KernelTable, registerKernels } from "../kernel.ts";
import { lookUp, sumByIndex } from "../look_up/wasm.ts";
import { matMulReplacement } from "../mat_mul/wasm.ts";
import { biasReluMaxPool, maxPoolScatter } from "../max_pool/wasm.ts";
import { maxPoolGradientReplacement } from "../max_pool_gradient/wasm.ts";
import { mixedLoss } from "../mixed_loss/wasm.ts";
import { adadelta, adam, sgd } from "../optimisers/wasm.ts";
import { transposeSparse, unpackSparse } from "../packed_mat_mul/wasm.ts";
import {
  quantiseUniform,
  quantiseUniformGradient,
} from "../quantise_uniform/wasm.ts";
import { roundHalves } from "../round_halves/wasm.ts";
import { roundSteps } from "../round_steps/wasm.ts";
import { rowGradient } from "../row_gradient/wasm.ts";
import { sparseMatMul } from "../sparse_mat_mul/wasm.ts";
import { sumLevelBits, sumLevelBitsGradient } from "../sum_level_bits/wasm.ts";
import { unpackPixels } from "../unpack_pixels/wasm.ts";
import { loadAssembler } from "./assemble.ts";
import { replaceKernel, type Replacement } from "./replace_kernel.ts";

/** How Wasm runs every kernel of ours. */
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
  RetortConvReluMaxPoolGradient: convReluMaxPoolGradient,
  RetortDropOut: dropOut,
  RetortLookUp: lookUp,
  RetortMaxPoolScatter: maxPoolScatter,
  RetortMixedLoss: mixedLoss,
  RetortQuantiseUniform: quantiseUniform,
  RetortQuantiseUniformGradient: quantiseUniformGradient,
  RetortRoundHalves: roundHalves,
  RetortRoundSteps: roundSteps,
  RetortRowGradient: rowGradient,
  RetortSgd: sgd,
  RetortSparseMatMul: sparseMatMul,
  RetortSumByIndex: sumByIndex,
  RetortSumLevelBits: sumLevelBits,
  RetortSumLevelBitsGradient: sumLevelBitsGradient,
  RetortTransposeSparse: transposeSparse,
  RetortUnpackHalves: "composed",
  RetortUnpackPixels: unpackPixels,
  RetortUnpackSparse: unpackSparse,
} satisfies KernelTable;

/** What comes in place of kernels of tfjs's own, or of those that it lacks. */
const REPLACED: Record<string, Replacement> = {
  [tf.AvgPool]: averagePoolReplacement,
  [tf.BatchMatMul]: matMulReplacement,
  [tf.Conv2D]: conv2dReplacement,
  [tf.Conv2DBackpropFilter]: conv2dBackpropFilterReplacement,
  [tf.Conv2DBackpropInput]: conv2dBackpropInputReplacement,
  [tf.DepthwiseConv2dNative]: depthwiseConv2dReplacement,
  [tf.DepthwiseConv2dNativeBackpropFilter]: depthwiseBackpropFilterReplacement,
  [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseBackpropInputReplacement,
  [tf.MaxPoolGrad]: maxPoolGradientReplacement,
};

let registered = false;

/**
 * Registers on tfjs's Wasm backend what training needs and the backend lacks
 * (the filter gradient of a convolution, both gradients of a depthwise one, the
 * kernels of core/kernels' own operations), and what it has in another form
 * (products of matrices, convolutions, depthwise ones, the input gradient of a
 * convolution, average-pooling, the gradient of max-pooling, `Identity`). Does
 * nothing the second time.
 */
export async function registerWasmKernels(): Promise<void> {
  if (registered) return;
  await loadAssembler();
  if (registered) return;
  for (const [name, replacement] of Object.entries(REPLACED)) {
    replaceKernel(name, replacement);
  }
  tf.unregisterKernel(tf.Identity, "wasm");
  tf.registerKernel({
    kernelName: tf.Identity,
    backendName: "wasm",
    kernelFunc: identity,
  });
  registerKernels("wasm", KERNELS);
  registered = true;
}
