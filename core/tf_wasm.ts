/**
 * tfjs's Wasm backend with the seventeen kernels that classifying takes, for a web page.
 * As bundlers resolve it; Deno itself can't load single files of this package, and
 * uses `tf.ts`.
 *
 * @module
 */
import { registerKernel } from "npm:@tensorflow/tfjs-core@4.22.0";
import { _fusedMatMulConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/_FusedMatMul.js";
import { addConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Add.js";
import { avgPoolConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/AvgPool.js";
import { eluConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Elu.js";
import { floorConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Floor.js";
import { fusedConv2DConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/FusedConv2D.js";
import { fusedDepthwiseConv2DConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/FusedDepthwiseConv2D.js";
import { leakyReluConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/LeakyRelu.js";
import { maxPoolConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/MaxPool.js";
import { maximumConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Maximum.js";
import { minimumConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Minimum.js";
import { multiplyConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Multiply.js";
import { relu6Config } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Relu6.js";
import { reluConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Relu.js";
import { reshapeConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Reshape.js";
import { sigmoidConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Sigmoid.js";
import { tanhConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Tanh.js";

export {
  BackendWasm,
  init,
  setWasmPaths,
} from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/backend_wasm.js";

[
  _fusedMatMulConfig,
  addConfig,
  avgPoolConfig,
  eluConfig,
  floorConfig,
  fusedConv2DConfig,
  fusedDepthwiseConv2DConfig,
  leakyReluConfig,
  maxPoolConfig,
  maximumConfig,
  minimumConfig,
  multiplyConfig,
  relu6Config,
  reluConfig,
  reshapeConfig,
  sigmoidConfig,
  tanhConfig,
].forEach(registerKernel);
