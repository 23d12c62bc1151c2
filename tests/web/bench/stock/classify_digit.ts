/// <reference lib="dom" />
import * as tf from "npm:@tensorflow/tfjs@4.22.0";

/**
 * What a page with stock tfjs does for its first prediction: loads the model, puts
 * the page's image through it, and shows the class and the backend.
 */
export async function classifyDigit(): Promise<void> {
  const text = document.getElementById("image")?.textContent ?? "";
  const image: number[] = JSON.parse(text);
  const model = await tf.loadLayersModel("/model/model.json");
  const output = tf.tidy(() => {
    const answer = model.predict(tf.tensor4d(image, [1, 28, 28, 1]));
    if (Array.isArray(answer)) throw new TypeError("one output expected");
    return tf.argMax(answer, -1);
  });
  const [digit] = await output.data();
  document.body.dataset.backend = tf.getBackend();
  const answer = document.querySelector("[data-testid=answer]");
  if (answer) answer.textContent = String(digit);
}
