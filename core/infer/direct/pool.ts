import type { Step } from "./step.ts";

/**
 * y_{p,c} = max_k x_{p,k,c}, or the mean (1/n) Σ_k x_{p,k,c}, over the n places k
 * of the window at each place p. Windows of `[rows, columns]` lie side by side on
 * images `[h, w, c]`; what is over at the far edges is dropped.
 */
export function pool(
  kind: "max" | "average",
  [height, width, channels]: readonly number[],
  [rows, columns]: readonly [number, number],
): Step {
  const down = Math.floor(height / rows);
  const across = Math.floor(width / columns);
  const size = rows * columns;
  const places = Int32Array.from(
    { length: size },
    (_, k) => (Math.floor(k / columns) * width + k % columns) * channels,
  );
  const average = kind === "average";
  return (x, y) => {
    let to = 0;
    for (let i = 0; i < down; i++) {
      for (let j = 0; j < across; j++) {
        const corner = (i * rows * width + j * columns) * channels;
        for (let from = corner; from < corner + channels; from++) {
          let value = x[from];
          for (let k = 1; k < size; k++) {
            const next = x[from + places[k]];
            value = average ? value + next : Math.max(value, next);
          }
          y[to++] = average ? value / size : value;
        }
      }
    }
  };
}
