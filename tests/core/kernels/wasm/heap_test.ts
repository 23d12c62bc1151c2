import { assertEquals } from "@std/assert";
import { runScript } from "../../../run_script.ts";

const FULL = `
  import { useWasm } from "./core/device/wasm.ts";
  import { asWasmBackend, makeOutput, withWorkspace } from "./core/kernels/wasm/heap.ts";
  import { biasReluGradient } from "./core/kernels/bias_relu/op.ts";
  import * as tf from "./core/tf.ts";

  await useWasm();
  const backend = asWasmBackend(tf.backend());
  const small = tf.tensor1d([1, 2]);
  const known = backend.numDataIds();
  const messageOf = (run) => {
    try {
      run();
      return "none";
    } catch (error) {
      return error.message.replace(/\\d+ MiB/, "so many MiB");
    }
  };
  const large = [];
  const messages = [messageOf(() => {
    while (large.length < 8) {
      large.push(makeOutput(backend, [2 ** 28], "float32"));
    }
  })];
  const before = backend.numDataIds();
  messages.push(
    messageOf(() => withWorkspace(backend, [2 ** 30], () => {})),
  );
  const leaked = backend.numDataIds() - before;
  // Its input is one that tfjs made without looking.
  const input = backend.makeOutput([2 ** 28], "float32");
  const y = tf.engine().makeTensorFromTensorInfo(input);
  messages.push(messageOf(() => biasReluGradient(y, y)));
  for (const { dataId } of large) backend.disposeData(dataId);
  const later = [...await tf.add(small, 1).data()];
  console.log(JSON.stringify({ messages, leaked, later, known }));
`;

Deno.test("a Wasm heap that is full is an error, not a write to address 0", async () => {
  const { messages, leaked, later } = JSON.parse(await runScript(FULL));
  const message = (size: number) =>
    `Cannot go on: the Wasm heap is full: it had no room for a tensor of shape [${size}] and is so many MiB large: use a smaller batch or narrower cohorts, or pass --backend webgpu`;
  assertEquals(messages, [
    message(2 ** 28),
    message(2 ** 28 + 16),
    message(2 ** 28),
  ]);
  assertEquals(leaked, 0);
  assertEquals(later, [2, 3]);
});
