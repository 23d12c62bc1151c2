import type { DrawState } from "./draw_state.ts";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** A button a digit: each press puts another of MNIST's test images on the canvas. */
export function Samples({ state }: { state: DrawState }) {
  return (
    <div class="draw-samples" role="group" aria-labelledby="draw-samples">
      <p id="draw-samples" class="note">
        Or try handwriting it has never seen, from the MNIST test set
      </p>
      {DIGITS.map((digit) => (
        <button
          key={digit}
          type="button"
          aria-label={`Test image of a ${digit}`}
          data-testid={`sample-${digit}`}
          onClick={() => state.showSample(digit)}
        >
          {digit}
        </button>
      ))}
      <p id="draw-keys" class="visually-hidden">
        On the canvas, keys 0 to 9 show a test image, Backspace takes back and
        Escape clears.
      </p>
    </div>
  );
}
