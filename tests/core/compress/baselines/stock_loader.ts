/**
 * Loads each model at the URLs that are its arguments, after the shape and the
 * pixels, by stock tfjs with nothing of ours, and prints its probabilities and
 * weights as JSON.
 *
 * @module
 */
import * as tf from "npm:@tensorflow/tfjs@4.22.0";

const [shape, pixels, ...urls] = Deno.args;
tf.env().set("PROD", true);
const x = tf.tensor(JSON.parse(pixels), JSON.parse(shape));
const answers = [];
for (const url of urls) {
  const model = await tf.loadLayersModel(url);
  const y = model.predict(x);
  if (Array.isArray(y)) throw new Error("The model has several outputs");
  answers.push({
    probabilities: Array.from(await y.data()),
    weights: await Promise.all(
      model.getWeights().map(async (each) => Array.from(await each.data())),
    ),
  });
}
console.log(JSON.stringify(answers));
