// Has ONNX Runtime run the file that is the first argument, of images of 4×4, and says when it does.
import {
  ONNX_RUNTIME,
  startRuntime,
} from "../../../core/runtimes/start_runtime.ts";

const content = await Deno.readFile(Deno.args[0]);
const process = await startRuntime(ONNX_RUNTIME, {
  files: [{ name: "model.onnx", content }],
  task: { input: [4, 4, 1], classes: 3 },
  failing: "Cannot start",
});
if ("absent" in process) throw new Error(process.absent);
const answer = process.classify(new Uint8Array(16));
console.log("asked");
await answer;
