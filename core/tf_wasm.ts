/**
 * tfjs's Wasm backend with the nine kernels that classifying takes, for a web page.
 * As bundlers resolve it; Deno itself can't load single files of this package, and
 * uses `tf.ts`.
 *
 * @module
 */
import { registerKernel } from "npm:@tensorflow/tfjs-core@4.22.0";
import { _fusedMatMulConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/_FusedMatMul.js";
import { addConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Add.js";
import { avgPoolConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/AvgPool.js";
import { fusedConv2DConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/FusedConv2D.js";
import { fusedDepthwiseConv2DConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/FusedDepthwiseConv2D.js";
import { leakyReluConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/LeakyRelu.js";
import { maxPoolConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/MaxPool.js";
import { reluConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Relu.js";
import { reshapeConfig } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/kernels/Reshape.js";

export {
  BackendWasm,
  init,
  setWasmPaths,
} from "npm:@tensorflow/tfjs-backend-wasm@4.22.0/dist/backend_wasm.js";

[
  _fusedMatMulConfig,
  addConfig,
  avgPoolConfig,
  fusedConv2DConfig,
  fusedDepthwiseConv2DConfig,
  leakyReluConfig,
  maxPoolConfig,
  reluConfig,
  reshapeConfig,
].forEach(registerKernel);
