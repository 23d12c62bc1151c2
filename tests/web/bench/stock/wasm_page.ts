/** The script of a page with `@tensorflow/tfjs` and its Wasm backend. */
import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import { setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import { classifyDigit } from "./classify_digit.ts";

// Its threads never start under the site's content security policy, which lets no
// blob import scripts.
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
setWasmPaths("/wasm/");
await tf.setBackend("wasm");
await classifyDigit();
