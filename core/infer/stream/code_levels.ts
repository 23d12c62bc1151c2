import type { Alphabet } from "./alphabet.ts";
import type { BitCoder } from "./bit_coder.ts";
import type { LevelModel } from "./level_model.ts";
import { LevelPredictor, NEIGHBOURS } from "./level_predictor.ts";

/** Where a tensor's weights stand: rows and columns of a window, channels in and out. */
export type Geometry = readonly [
  height: number,
  width: number,
  inputs: number,
  outputs: number,
];

/** Steps to the neighbours that are known before a weight: [row, column, input, output] back. */
const STEPS = [
  [0, 1, 0, 0],
  [1, 0, 0, 0],
  [0, 0, 0, 1],
  [0, 0, 1, 0],
  [1, 1, 0, 0],
  [1, -1, 0, 0],
  [0, 0, 0, 2],
  [0, 0, 2, 0],
] as const;

/**
 * Passes a tensor's symbols through `model`, output by output, input by input,
 * row by row; `symbols` are row-major as `[height, width, inputs, outputs]`, and
 * are filled in where `coder` decodes.
 */
export function codeLevels(
  coder: BitCoder,
  model: LevelModel,
  { symbols, alphabet, geometry }: {
    symbols: Int16Array;
    alphabet: Alphabet;
    geometry: Geometry;
  },
): void {
  const [height, width, inputs, outputs] = geometry;
  const predictor = new LevelPredictor(alphabet);
  const neighbours = new Int32Array(NEIGHBOURS);
  const strides = [width * inputs * outputs, inputs * outputs, outputs, 1];
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const place = row * strides[0] + column * strides[1] +
            input * strides[2] + output;
          for (let i = 0; i < NEIGHBOURS; i++) {
            const [up, left, before, earlier] = STEPS[i];
            const inside = row >= up && column >= left &&
              column - left < width && input >= before && output >= earlier;
            neighbours[i] = inside
              ? symbols[
                    place - up * strides[0] - left * strides[1] -
                    before * strides[2] - earlier
                  ] * 256 + alphabet.offset
              : 0;
          }
          predictor.expect(neighbours);
          const symbol = model.code(
            coder,
            alphabet,
            predictor,
            symbols[place],
          );
          symbols[place] = symbol;
          predictor.learn(symbol, neighbours);
        }
      }
    }
  }
}
