import { nameClass } from "../data_facts.ts";
import type { DrawState } from "./draw_state.ts";

/** Classes that have a key: those of one figure. */
const KEYS = 10;

/** A button a class: each press puts another of its test images on the canvas. */
export function Samples({ state }: { state: DrawState }) {
  const { data } = state;
  const { title, digits, samples } = data;
  const keys = samples.filter((label) => label < KEYS);
  return (
    <div class="draw-samples" role="group" aria-labelledby="draw-samples">
      <p id="draw-samples" class="note">
        Or try {digits ? "handwriting" : "an image"} it has never seen, from the
        {" "}
        {title} test set
      </p>
      {samples.map((label) => (
        <button
          key={label}
          type="button"
          aria-label={`Test image of ${nameClass(label, data)}`}
          data-testid={`sample-${label}`}
          onClick={() => state.showSample(label)}
        >
          {label}
        </button>
      ))}
      <p id="draw-keys" class="visually-hidden">
        {`On the canvas, keys ${keys[0]} to ${
          keys.at(-1)
        } show a test image, Backspace takes back and Escape clears.`}
      </p>
    </div>
  );
}
