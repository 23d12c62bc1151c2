/**
 * Loads the model at the URL that is its first argument by stock tfjs, with
 * nothing of ours, and prints its outputs for the images given as JSON.
 *
 * @module
 */
import * as tf from "npm:@tensorflow/tfjs@4.22.0";

const [url, shape, pixels] = Deno.args;
tf.env().set("PROD", true);
const model = await tf.loadLayersModel(url);
const x = tf.tensor(JSON.parse(pixels), JSON.parse(shape));
const [logits, probabilities] = ["logits", model.outputs[0].name].map(
  (name) => {
    const outputs = name === "logits"
      ? model.getLayer(name).output
      : model.outputs[0];
    const part = tf.model({ inputs: model.inputs, outputs });
    const y = part.predict(x);
    if (Array.isArray(y)) throw new Error("The model has several outputs");
    return y;
  },
);
console.log(JSON.stringify({
  parameters: model.countParams(),
  logits: Array.from(await logits.data()),
  probabilities: Array.from(await probabilities.data()),
}));
