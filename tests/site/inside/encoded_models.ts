import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import type { EncodedModel } from "../../../core/infer/encoded_tensor.ts";
import { roundToHalf } from "../../../core/infer/half.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { randomStream } from "../../../core/random/stream.ts";

/**
 * An untrained model for MNIST's images with weights on 4 bits, of which about the
 * share `zeros` is 0.
 */
export function makeEncoded(
  layers: string,
  { seed = 1, zeros = 0 }: { seed?: number; zeros?: number } = {},
): EncodedModel {
  const spec = parseLayers(layers);
  const random = randomStream(seed, "encoded", layers);
  return {
    spec,
    labels: Array.from({ length: 10 }, (_, digit) => String(digit)),
    tensors: weightShapes(spec).map((shape) => ({
      kind: "uniform",
      shape,
      bits: 4,
      scale: Float32Array.of(roundToHalf(0.05)),
      levels: Int8Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => {
          const level = random.below(16) - 8;
          return random.uniform() < zeros ? 0 : level;
        },
      ),
    })),
  };
}

/** That model as a `.dram` file. */
export function makeDram(
  layers: string,
  options?: { seed?: number; zeros?: number },
): Uint8Array<ArrayBuffer> {
  return encodeDram(makeEncoded(layers, options));
}
