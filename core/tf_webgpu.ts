/**
 * tfjs's WebGPU backend with the seventeen kernels that classifying takes, for a web
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

/** A number of each axis of a window. */
function pairOf(attribute: unknown): [number, number] {
  if (Array.isArray(attribute) && attribute.length === 2) {
    return [Number(attribute[0]), Number(attribute[1])];
  }
  throw new TypeError(
    `Cannot pool: windows must have rows and columns: current value is ${attribute}`,
  );
}

/** Zeros around each axis of `[n, h, w, c]`. */
function framesOf(attribute: unknown): tf.backend_util.ExplicitPadding {
  if (!Array.isArray(attribute) || attribute.length !== 4) {
    throw new TypeError(
      `Cannot pool: zeros must be said of each axis: current value is ${attribute}`,
    );
  }
  const [, rows, columns] = attribute.map(pairOf);
  return [[0, 0], rows, columns, [0, 0]];
}

/**
 * The kernel that makes the `kind` of each window: tfjs's own program. Its own kernel
 * brings reductions along, and with them a part of the CPU backend, together as large as
 * everything else here.
 */
function poolConfig(kernelName: string, kind: "max" | "avg"): tf.KernelConfig {
  return {
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs: { x }, backend, attrs }) => {
      if (!(x && backend instanceof WebGPUBackend)) {
        throw new TypeError("Cannot pool: it needs images on WebGPU");
      }
      const [n, height, width, channels] = x.shape;
      const size = pairOf(attrs?.filterSize);
      const strides = pairOf(attrs?.strides);
      const info = tf.backend_util.computePool2DInfo(
        [n, height, width, channels],
        size,
        strides,
        1,
        framesOf(attrs?.pad),
      );
      const { top, left } = info.padInfo;
      const numbers = (...data: number[]) => ({ type: "int32", data });
      return backend.runWebGPUProgram(
        new Pool2DProgram(info, kind),
        [x],
        "float32",
        [
          numbers(...strides),
          numbers(top, left),
          numbers(1, 1), // dilation
          numbers(height, width),
          numbers(...size),
        ],
      );
    },
  };
}

/** The kernel of two tensors: tfjs's own program, as for pools. */
function binaryConfig(
  kernelName: string,
  operation: BinaryOpType,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs: { a, b }, backend }) => {
      if (!(a && b && backend instanceof WebGPUBackend)) {
        throw new TypeError(
          `Cannot compute ${kernelName}: it needs two tensors on WebGPU`,
        );
      }
      const program = new BinaryOpProgram(operation, a.shape, b.shape);
      return backend.runWebGPUProgram(program, [a, b], "float32");
    },
  };
}

/** The kernel of each number by itself, likewise; what `setting` names comes from its attributes. */
function unaryConfig(
  kernelName: string,
  operation: UnaryOpType,
  setting?: string,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs: { x }, backend, attrs }) => {
      if (!(x && backend instanceof WebGPUBackend)) {
        throw new TypeError(
          `Cannot compute ${kernelName}: it needs a tensor on WebGPU`,
        );
      }
      if (setting === undefined) {
        const program = new UnaryOpProgram(x.shape, operation);
        return backend.runWebGPUProgram(program, [x], "float32");
      }
      const program = new UnaryOpProgram(
        x.shape,
        operation,
        `${setting} : f32,`,
      );
      return backend.runWebGPUProgram(program, [x], "float32", [
        { type: "float32", data: [Number(attrs?.[setting])] },
      ]);
    },
  };
}

[
  _fusedMatMulConfig,
  fusedConv2DConfig,
  fusedDepthwiseConv2DConfig,
  reshapeConfig,
  poolConfig(tf.AvgPool, "avg"),
  poolConfig(tf.MaxPool, "max"),
  binaryConfig(tf.Add, BinaryOpType.ADD),
  binaryConfig(tf.Maximum, BinaryOpType.MAX),
  binaryConfig(tf.Minimum, BinaryOpType.MIN),
  binaryConfig(tf.Multiply, BinaryOpType.MUL),
  unaryConfig(tf.Floor, UnaryOpType.FLOOR),
  unaryConfig(tf.Relu, UnaryOpType.RELU),
  unaryConfig(tf.LeakyRelu, UnaryOpType.LEAKYRELU, "alpha"),
  unaryConfig(tf.Relu6, UnaryOpType.RELU6),
  unaryConfig(tf.Elu, UnaryOpType.ELU),
  unaryConfig(tf.Sigmoid, UnaryOpType.SIGMOID),
  unaryConfig(tf.Tanh, UnaryOpType.TANH),
].forEach(tf.registerKernel);
