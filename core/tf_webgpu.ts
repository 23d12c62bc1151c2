/**
 * tfjs's WebGPU backend with the nine kernels that classifying takes, for a web
 * page: with all of its 120, it is twice as large. As bundlers resolve it; Deno
 * itself can't load single files of this package, and uses `tf.ts`.
 *
 * @module
 */
import * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
import { WebGPUBackend } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/backend_webgpu.js";
import { BinaryOpProgram } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/binary_op_webgpu.js";
import { BinaryOpType } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/binary_op_util.js";
import "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/flags_webgpu.js";
import { _fusedMatMulConfig } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/kernels/_FusedMatMul.js";
import { fusedConv2DConfig } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/kernels/FusedConv2D.js";
import { fusedDepthwiseConv2DConfig } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/kernels/FusedDepthwiseConv2D.js";
import { reshapeConfig } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/kernels/Reshape.js";
import { Pool2DProgram } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/pool_webgpu.js";
import { UnaryOpType } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/unary_op_util.js";
import { UnaryOpProgram } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0/dist/unary_op_webgpu.js";

export { WebGPUBackend };

/**
 * The kernel that makes the `kind` of each window, without padding: tfjs's own
 * program. Its own kernel brings reductions along, and with them a part of the CPU
 * backend, together as large as everything else here.
 */
function poolConfig(kernelName: string, kind: "max" | "avg"): tf.KernelConfig {
  return {
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs: { x }, backend, attrs }) => {
      const size = attrs?.filterSize;
      if (!(x && backend instanceof WebGPUBackend && Array.isArray(size))) {
        throw new TypeError(
          `Cannot pool: it needs images, a filterSize and the WebGPU backend: current value is ${size}`,
        );
      }
      const [n, height, width, channels] = x.shape;
      const [rows, columns] = [Number(size[0]), Number(size[1])];
      const info = tf.backend_util.computePool2DInfo(
        [n, height, width, channels],
        [rows, columns],
        [rows, columns],
        1,
        "valid",
      );
      const numbers = (...data: number[]) => ({ type: "int32", data });
      return backend.runWebGPUProgram(
        new Pool2DProgram(info, kind),
        [x],
        "float32",
        [
          numbers(rows, columns), // strides
          numbers(0, 0), // padding
          numbers(1, 1), // dilation
          numbers(height, width),
          numbers(rows, columns),
        ],
      );
    },
  };
}

/** The kernel that adds two tensors of one shape: tfjs's own program, as for pools. */
const addConfig: tf.KernelConfig = {
  kernelName: tf.Add,
  backendName: "webgpu",
  kernelFunc: ({ inputs: { a, b }, backend }) => {
    if (!(a && b && backend instanceof WebGPUBackend)) {
      throw new TypeError("Cannot add: it needs two tensors on WebGPU");
    }
    const program = new BinaryOpProgram(BinaryOpType.ADD, a.shape, b.shape);
    return backend.runWebGPUProgram(program, [a, b], "float32");
  },
};

/** The kernel of max(0, x), likewise. */
const reluConfig: tf.KernelConfig = {
  kernelName: tf.Relu,
  backendName: "webgpu",
  kernelFunc: ({ inputs: { x }, backend }) => {
    if (!(x && backend instanceof WebGPUBackend)) {
      throw new TypeError("Cannot rectify: it needs a tensor on WebGPU");
    }
    const program = new UnaryOpProgram(x.shape, UnaryOpType.RELU);
    return backend.runWebGPUProgram(program, [x], "float32");
  },
};

/** The kernel of x where it is above 0, else x · alpha, likewise. */
const leakyReluConfig: tf.KernelConfig = {
  kernelName: tf.LeakyRelu,
  backendName: "webgpu",
  kernelFunc: ({ inputs: { x }, backend, attrs }) => {
    if (!(x && backend instanceof WebGPUBackend)) {
      throw new TypeError("Cannot rectify: it needs a tensor on WebGPU");
    }
    const { LEAKYRELU } = UnaryOpType;
    const program = new UnaryOpProgram(x.shape, LEAKYRELU, "alpha : f32,");
    return backend.runWebGPUProgram(program, [x], "float32", [
      { type: "float32", data: [Number(attrs?.alpha)] },
    ]);
  },
};

[
  _fusedMatMulConfig,
  addConfig,
  fusedConv2DConfig,
  fusedDepthwiseConv2DConfig,
  leakyReluConfig,
  poolConfig(tf.AvgPool, "avg"),
  poolConfig(tf.MaxPool, "max"),
  reluConfig,
  reshapeConfig,
].forEach(tf.registerKernel);
