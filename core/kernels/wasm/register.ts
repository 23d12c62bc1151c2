import * as tf from "../../tf.ts";
import { loadAssembler } from "./assemble.ts";
import { batchMatMul } from "./batch_mat_mul.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dBackpropFilter } from "./conv2d_backprop_filter.ts";
import { conv2dBackpropInput } from "./conv2d_backprop_input.ts";
import { conv2dGeometry, shape4 } from "./conv2d_geometry.ts";
import { maxPoolGradient } from "./fused/max_pool_gradient.ts";
import { registerFusedWasmKernels } from "./fused/register_fused.ts";
import { asWasmBackend } from "./heap.ts";
import { type LinearKernels, linearKernels } from "./linear_kernels.ts";
import { registerBlockWasmKernels } from "./blocks/block_mat_mul.ts";
import { registerSparseWasmKernels } from "./sparse/register_sparse.ts";

const BACKEND = "wasm";

/**
 * The tensor that tfjs's engine passes where its types promise only a handle.
 */
function asTensor(info: tf.TensorInfo | undefined): tf.Tensor {
  if (tf.isTensor(info)) return info;
  throw new TypeError(
    "Cannot run a Wasm kernel: its inputs must be tensors: call it through tfjs's engine",
  );
}

/** Checks that tfjs passed the attributes called `names`, and types them. */
function assertAttributes<T>(
  attributes: unknown,
  ...names: (keyof T & string)[]
): asserts attributes is T {
  const given = new Set(Object.keys(attributes ?? {}));
  const missing = names.filter((name) => !given.has(name));
  if (missing.length > 0) {
    throw new TypeError(
      `Cannot run a Wasm kernel: tfjs must pass ${names.join(", ")}: missing ${
        missing.join(", ")
      }`,
    );
  }
}

function refuseTypes(
  kernelName: string,
  tensors: Record<string, tf.Tensor>,
): never {
  const types = Object.entries(tensors)
    .map(([name, { dtype }]) => `${name} ${dtype}`).join(", ");
  throw new TypeError(
    `Cannot run ${kernelName} on Wasm: its inputs must hold float32: current value is ${types}: cast them first`,
  );
}

/** What a kernel computes of its inputs on the Wasm backend. */
type Compute = (
  backend: tf.BackendWasm,
  kernels: LinearKernels,
  inputs: Record<string, tf.Tensor>,
  attributes: unknown,
) => tf.TensorInfo;

/**
 * Registers a kernel in place of a stock one, if there is one, which still runs
 * where inputs aren't float32, or `keepStock` says so. Where there is none,
 * such inputs are refused: their bits would be read as what they are not.
 */
function register(
  kernelName: string,
  compute: Compute,
  keepStock: (
    attributes: unknown,
    inputs: Record<string, tf.Tensor>,
  ) => boolean = () => false,
): void {
  const stock = tf.getKernel(kernelName, BACKEND);
  if (stock) tf.unregisterKernel(kernelName, BACKEND);
  tf.registerKernel({
    ...stock,
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend: given }) => {
      const tensors: Record<string, tf.Tensor> = {};
      for (const name in inputs) tensors[name] = asTensor(inputs[name]);
      const floats = Object.values(tensors)
        .every(({ dtype }) => dtype === "float32");
      if (stock && (!floats || keepStock(attrs, tensors))) {
        return stock.kernelFunc({ inputs, attrs, backend: given });
      }
      if (!floats) refuseTypes(kernelName, tensors);
      const backend = asWasmBackend(given);
      return compute(backend, linearKernels(backend), tensors, attrs);
    },
  });
}

function registerBatchMatMul(): void {
  register(tf.BatchMatMul, (backend, kernels, { a, b }, attributes) => {
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
  register(tf.Conv2D, (backend, kernels, { x, filter }, attributes) => {
    assertAttributes<tf.Conv2DAttrs>(attributes, "strides", "pad");
    const geometry = conv2dGeometry(
      shape4(x.shape),
      shape4(filter.shape),
      attributes,
    );
    return conv2d(backend, kernels, { x, filter }, geometry);
  }, isUnusualConvolution);
  register(
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
  register(
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
  register(tf.MaxPoolGrad, (backend, _, { input, dy }, attributes) => {
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
 * (the filter gradient of a convolution, the kernels of `core/kernels/ops`),
 * and what it has in another form (products of matrices, convolutions, their
 * input gradient, the gradient of max-pooling). Does nothing the second time.
 */
export async function registerWasmKernels(): Promise<void> {
  if (registered) return;
  await loadAssembler();
  if (registered) return;
  registerBatchMatMul();
  registerConvolutions();
  registerMaxPoolGradient();
  registerFusedWasmKernels();
  registerSparseWasmKernels();
  registerBlockWasmKernels();
  registered = true;
}
