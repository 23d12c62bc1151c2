import * as tf from "../../tf.ts";
import { loadAssembler } from "./assemble.ts";
import { batchMatMul } from "../mat_mul/wasm.ts";
import { conv2d } from "../conv2d/wasm.ts";
import { conv2dBackpropFilter } from "../conv2d/wasm.ts";
import { conv2dBackpropInput } from "../conv2d/wasm.ts";
import { conv2dGeometry, shape4 } from "../conv2d/wasm_frames.ts";
import { maxPoolGradient } from "../max_pool_gradient/wasm.ts";
import { registerFusedWasmKernels } from "./register_fused.ts";
import { registerDepthwiseWasmKernels } from "../depthwise_conv2d/wasm.ts";
import {
  assertAttributes,
  BACKEND,
  registerKernel,
} from "./register_kernel.ts";
import { registerBlockWasmKernels } from "../block_mat_mul/wasm.ts";
import { registerPooledWasmKernels } from "../conv_relu_max_pool/wasm.ts";
import { registerSparseWasmKernels } from "./register_sparse.ts";

function registerBatchMatMul(): void {
  registerKernel(tf.BatchMatMul, (backend, kernels, { a, b }, attributes) => {
    assertAttributes<tf.BatchMatMulAttrs>(attributes, "transposeA");
    const { transposeA, transposeB } = attributes;
    return batchMatMul(backend, kernels, { a, b, transposeA, transposeB });
  }, isRowByMatrix);
}

/**
 * Whether a product is of one row by a matrix: too little to pack the matrix
 * for.
 */
function isRowByMatrix(
  attributes: unknown,
  { a }: Record<string, tf.Tensor>,
): boolean {
  assertAttributes<tf.BatchMatMulAttrs>(attributes, "transposeA", "transposeB");
  const { transposeA, transposeB } = attributes;
  return a.shape.at(-2) === 1 && !transposeA && !transposeB;
}

/**
 * Whether a convolution's windows have holes, or its channels don't come last.
 */
function isUnusualConvolution(attributes: unknown): boolean {
  assertAttributes<tf.Conv2DAttrs>(attributes, "dilations", "dataFormat");
  const { dilations, dataFormat } = attributes;
  return dataFormat !== "NHWC" ||
    [dilations].flat().some((dilation) => dilation !== 1);
}

function registerConvolutions(): void {
  registerKernel(tf.Conv2D, (backend, kernels, { x, filter }, attributes) => {
    assertAttributes<tf.Conv2DAttrs>(attributes, "strides", "pad");
    const geometry = conv2dGeometry(
      shape4(x.shape),
      shape4(filter.shape),
      attributes,
    );
    return conv2d(backend, kernels, { x, filter }, geometry);
  }, isUnusualConvolution);
  registerKernel(
    tf.Conv2DBackpropInput,
    (backend, kernels, { dy, filter }, attributes) => {
      assertAttributes<tf.Conv2DBackpropInputAttrs>(attributes, "inputShape");
      const geometry = conv2dGeometry(
        attributes.inputShape,
        shape4(filter.shape),
        attributes,
      );
      return conv2dBackpropInput(backend, kernels, { dy, filter }, geometry);
    },
  );
  registerKernel(
    tf.Conv2DBackpropFilter,
    (backend, kernels, { x, dy }, attributes) => {
      assertAttributes<tf.Conv2DBackpropFilterAttrs>(attributes, "filterShape");
      const geometry = conv2dGeometry(
        shape4(x.shape),
        attributes.filterShape,
        attributes,
      );
      return conv2dBackpropFilter(backend, kernels, { x, dy }, geometry);
    },
  );
}

function registerMaxPoolGradient(): void {
  // tfjs's own takes integers' bits for floats: it must not run in their case.
  if (tf.getKernel(tf.MaxPoolGrad, BACKEND)) {
    tf.unregisterKernel(tf.MaxPoolGrad, BACKEND);
  }
  registerKernel(tf.MaxPoolGrad, (backend, _, { input, dy }, attributes) => {
    assertAttributes<tf.MaxPoolGradAttrs>(attributes, "filterSize", "strides");
    const geometry = tf.backend_util.computePool2DInfo(
      shape4(input.shape),
      attributes.filterSize,
      attributes.strides,
      1,
      attributes.pad,
      attributes.dimRoundingMode,
    );
    return maxPoolGradient(backend, { x: input, dy }, geometry);
  });
}

let registered = false;

/**
 * Registers on tfjs's Wasm backend what training needs and the backend lacks
 * (the filter gradient of a convolution, both gradients of a depthwise one, the
 * kernels of core/kernels' own operations), and what it has in another form (products of
 * matrices, convolutions, depthwise ones, the input gradient of a convolution,
 * average-pooling, the gradient of max-pooling). Does nothing the second time.
 */
export async function registerWasmKernels(): Promise<void> {
  if (registered) return;
  await loadAssembler();
  if (registered) return;
  registerBatchMatMul();
  registerConvolutions();
  registerDepthwiseWasmKernels();
  registerMaxPoolGradient();
  registerFusedWasmKernels();
  registerPooledWasmKernels();
  registerSparseWasmKernels();
  registerBlockWasmKernels();
  registered = true;
}
