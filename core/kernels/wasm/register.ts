import * as tf from "../../tf.ts";
import { maxPoolGradient } from "../max_pool_gradient.ts";
import { batchMatMul } from "./batch_mat_mul.ts";
import { conv2dBackpropFilter } from "./conv2d_backprop_filter.ts";
import { conv2dBackpropInput } from "./conv2d_backprop_input.ts";
import { conv2dGeometry, type Shape4 } from "./conv2d_geometry.ts";

const BACKEND = "wasm";

/** The tensor that tfjs's engine passes where its types promise only a handle. */
function asTensor(info: tf.TensorInfo | undefined): tf.Tensor {
  if (tf.isTensor(info)) return info;
  throw new TypeError(
    "Cannot run a Wasm kernel: its inputs must be tensors: call it through tfjs's engine",
  );
}

function shape4([a, b, c, d]: readonly number[]): Shape4 {
  return [a, b, c, d];
}

function asTensor4D(info: tf.TensorInfo | undefined): tf.Tensor4D {
  const tensor = asTensor(info);
  return tf.reshape(tensor, shape4(tensor.shape));
}

function registerBatchMatMul(): void {
  const stock = tf.getKernel(tf.BatchMatMul, BACKEND);
  tf.unregisterKernel(tf.BatchMatMul, BACKEND);
  tf.registerKernel({
    ...stock,
    kernelFunc: ({ inputs, backend, attrs }) =>
      batchMatMul((a, b) => {
        const product = stock.kernelFunc({
          inputs: { a, b },
          backend,
          attrs: { transposeA: false, transposeB: false },
        });
        return Array.isArray(product) ? product[0] : product;
      }, {
        a: asTensor(inputs.a),
        b: asTensor(inputs.b),
        transposeA: attrs?.transposeA === true,
        transposeB: attrs?.transposeB === true,
      }),
  });
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

/** Registers a kernel in place of a stock one, if there is one. */
function register(
  kernelName: string,
  kernelFunc: tf.KernelFunc,
): void {
  if (tf.getKernel(kernelName, BACKEND)) {
    tf.unregisterKernel(kernelName, BACKEND);
  }
  tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
}

function registerConv2DGradients(): void {
  register(tf.Conv2DBackpropInput, ({ inputs, attrs }) => {
    assertAttributes<tf.Conv2DBackpropInputAttrs>(attrs, "inputShape", "pad");
    return tf.tidy(() => {
      const dy = asTensor4D(inputs.dy);
      const filter = asTensor4D(inputs.filter);
      const geometry = conv2dGeometry(attrs.inputShape, filter.shape, attrs);
      return conv2dBackpropInput(dy, filter, geometry);
    });
  });
  register(tf.Conv2DBackpropFilter, ({ inputs, attrs }) => {
    assertAttributes<tf.Conv2DBackpropFilterAttrs>(attrs, "filterShape", "pad");
    return tf.tidy(() => {
      const x = asTensor4D(inputs.x);
      const dy = asTensor4D(inputs.dy);
      const geometry = conv2dGeometry(x.shape, attrs.filterShape, attrs);
      return conv2dBackpropFilter(x, dy, geometry);
    });
  });
}

function registerMaxPoolGradient(): void {
  register(tf.MaxPoolGrad, ({ inputs, attrs, backend }) => {
    assertAttributes<tf.MaxPoolGradAttrs>(attrs, "filterSize", "strides");
    if (!(backend instanceof tf.BackendWasm)) {
      throw new TypeError("Cannot run a Wasm kernel: the backend must be Wasm");
    }
    const x = asTensor(inputs.input);
    const dy = asTensor(inputs.dy);
    const geometry = tf.backend_util.computePool2DInfo(
      shape4(x.shape),
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    const dx = backend.makeOutput(x.shape, "float32");
    // The views come last: an allocation may move the heap.
    const view = backend.typedArrayFromHeap(dx);
    if (view instanceof Float32Array) {
      maxPoolGradient(
        backend.typedArrayFromHeap(x),
        backend.typedArrayFromHeap(dy),
        view,
        geometry,
      );
    }
    return dx;
  });
}

let registered = false;

/**
 * Registers on tfjs's Wasm backend what training needs and the backend lacks
 * (the filter gradient of a convolution, the gradient of max-pooling), and what
 * it has in a slow form only (a convolution's input gradient, products of
 * transposed matrices). Does nothing the second time.
 */
export function registerWasmKernels(): void {
  if (registered) return;
  registerBatchMatMul();
  registerConv2DGradients();
  registerMaxPoolGradient();
  registered = true;
}
