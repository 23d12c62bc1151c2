import * as tf from "../../tf.ts";
import { conv2DProduct } from "../conv2d/webgpu.ts";
import {
  columnsProgram,
  type ColumnsShape,
  columnsSize,
} from "./product/columns.ts";
import {
  conv2DFilterGradientProduct,
  filterGradientColumns,
} from "../conv2d/webgpu.ts";
import { conv2DInputGradientProduct } from "../conv2d/webgpu.ts";
import { conv2DShape } from "../conv2d/webgpu.ts";
import {
  matMulProduct,
  matMulShape,
  transposedColumns,
} from "../mat_mul/webgpu.ts";
import type { Epilogue } from "./product/product.ts";
import { runProduct } from "./product/run.ts";
import { registerFusedWebGpuKernels } from "./register_fused.ts";
import { asWebGpuBackend, runProgram } from "./run_program.ts";

const BACKEND = "webgpu";

/** What a kernel of ours computes; undefined where only the stock kernel can. */
type Attempt = (
  backend: tf.WebGPUBackend,
  inputs: tf.NamedTensorInfoMap,
  attributes: tf.NamedAttrMap,
) => tf.TensorInfo | undefined;

/** Puts `attempt` before tfjs's own kernel called `name`. */
function register(name: string, attempt: Attempt): void {
  const stock = tf.getKernel(name, BACKEND);
  tf.unregisterKernel(name, BACKEND);
  tf.registerKernel({
    ...stock,
    kernelFunc: (call) =>
      attempt(asWebGpuBackend(call.backend), call.inputs, call.attrs ?? {}) ??
        stock.kernelFunc(call),
  });
}

/** Two inputs by name; undefined where our kernels can't read them. */
function readPair(
  inputs: tf.NamedTensorInfoMap,
  ...names: [string, string]
): [tf.TensorInfo, tf.TensorInfo] | undefined {
  const [a, b] = names.map((name) => inputs[name]);
  return a?.dtype === "float32" && b?.dtype === "float32" ? [a, b] : undefined;
}

/** Bias and activation of a fused kernel; undefined where ours know neither. */
function readEpilogue(
  { bias, preluActivationWeights }: tf.NamedTensorInfoMap,
  { activation }: tf.NamedAttrMap,
  columns: number,
): Epilogue | undefined {
  if (preluActivationWeights) return undefined;
  const plain = activation === undefined || activation === null ||
    activation === "linear";
  if (!plain && activation !== "relu") return undefined;
  if (!bias) return { relu: !plain };
  const whole = bias.shape.length <= 1 && bias.shape[0] === columns;
  return whole && bias.dtype === "float32" ? { bias, relu: !plain } : undefined;
}

/** `x` laid out as columns; undefined where a buffer can't hold them. */
function layOut(
  backend: tf.WebGPUBackend,
  x: tf.TensorInfo,
  shape: ColumnsShape,
): tf.TensorInfo | undefined {
  const { maxStorageBufferBindingSize } = backend.device.limits;
  if (4 * columnsSize(shape) > maxStorageBufferBindingSize) return undefined;
  const { program, inputs } = columnsProgram(x, shape);
  return runProgram(backend, program, inputs)[0];
}

const matMul: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "a", "b");
  if (!pair) return undefined;
  const [a, b] = pair;
  const shape = matMulShape(
    a.shape,
    b.shape,
    attributes.transposeA === true,
    attributes.transposeB === true,
  );
  if (!shape) return undefined;
  const epilogue = readEpilogue(inputs, attributes, shape.columns);
  if (!epilogue) return undefined;
  if (!shape.transposeA) {
    return runProduct(backend, matMulProduct(a, b, shape, epilogue));
  }
  const columns = layOut(backend, a, transposedColumns(shape));
  if (!columns) return undefined;
  const c = runProduct(backend, matMulProduct(columns, b, shape, epilogue));
  backend.disposeData(columns.dataId);
  return c;
};

const conv2D: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "x", "filter");
  if (!pair) return undefined;
  const [x, filter] = pair;
  const shape = conv2DShape(x.shape, filter.shape, attributes);
  if (!shape) return undefined;
  const epilogue = readEpilogue(inputs, attributes, shape.filters);
  if (!epilogue) return undefined;
  return runProduct(backend, conv2DProduct(x, filter, shape, epilogue));
};

const conv2DBackpropInput: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "dy", "filter");
  const { inputShape } = attributes;
  if (!pair || !Array.isArray(inputShape)) return undefined;
  const [dy, filter] = pair;
  const shape = conv2DShape(inputShape.map(Number), filter.shape, attributes);
  if (!shape) return undefined;
  return runProduct(backend, conv2DInputGradientProduct(dy, filter, shape));
};

const conv2DBackpropFilter: Attempt = (backend, inputs, attributes) => {
  const pair = readPair(inputs, "x", "dy");
  const { filterShape } = attributes;
  if (!pair || !Array.isArray(filterShape)) return undefined;
  const [x, dy] = pair;
  const shape = conv2DShape(x.shape, filterShape.map(Number), attributes);
  if (!shape) return undefined;
  const columns = layOut(backend, x, filterGradientColumns(shape));
  if (!columns) return undefined;
  const product = conv2DFilterGradientProduct(columns, dy, shape);
  const gradient = runProduct(backend, product);
  backend.disposeData(columns.dataId);
  return gradient;
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
  register(tf.BatchMatMul, matMul);
  register(tf._FusedMatMul, matMul);
  register(tf.Conv2D, conv2D);
  register(tf.FusedConv2D, conv2D);
  register(tf.Conv2DBackpropInput, conv2DBackpropInput);
  register(tf.Conv2DBackpropFilter, conv2DBackpropFilter);
  registerFusedWebGpuKernels();
  registered = true;
}
