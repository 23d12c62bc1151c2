import type { FloatArray } from "../../../core/files/safetensors.ts";
import type {
  ActivationFields,
  LayerSpec,
} from "../../../core/models/layers/layer.ts";
import { poolWindows } from "../../../core/models/layers/pools.ts";
import { windowSpans } from "../../../core/models/layers/window_span.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";

/** ⌊x / 2^s⌋, x of either sign. */
function shiftDown(x: bigint, shift: number): bigint {
  return x >> BigInt(shift);
}

/** What the definition of `RoundingFields` makes of x, of channel c. */
function round(x: bigint, layer: ActivationFields, channel: number): bigint {
  const { shift = 0, bits = 8, slope } = layer;
  const s = typeof shift === "number" ? shift : shift[channel];
  const most = 2n ** BigInt(bits) - 1n;
  const part = (by: number) =>
    shiftDown(x + (by > 0 ? 2n ** BigInt(by - 1) : 0n), by);
  if (x >= 0n || slope === undefined) {
    const value = part(s);
    return value < 0n ? 0n : value > most ? most : value;
  }
  const value = part(s - Math.log2(slope));
  return value < -most ? -most : value;
}

interface Numbers {
  shape: readonly number[];
  values: bigint[];
}

/** What follows sums of a layer. */
function follow(
  { shape, values }: Numbers,
  layer: Partial<ActivationFields>,
): Numbers {
  const { activation } = layer;
  if (activation !== "round") return { shape, values };
  const channels = shape[shape.length - 1];
  return {
    shape,
    values: values.map((x, i) =>
      round(x, { ...layer, activation }, i % channels)
    ),
  };
}

/** f(values of each window of one channel, their places and channel) for each place and output. */
function overWindows(
  { shape: [height, width, channels], values }: Numbers,
  layer: Parameters<typeof windowSpans>[0],
  outputs: number,
  make: (
    output: number,
    read: (row: number, column: number, channel: number) => bigint | undefined,
    size: [number, number],
  ) => bigint,
): Numbers {
  const [down, across] = windowSpans(layer, [height, width]);
  const made: bigint[] = [];
  for (let i = 0; i < down.count; i++) {
    for (let j = 0; j < across.count; j++) {
      for (let output = 0; output < outputs; output++) {
        made.push(make(output, (r, s, channel) => {
          const row = i * down.stride + r * down.dilation - down.before;
          const column = j * across.stride + s * across.dilation -
            across.before;
          const inside = row >= 0 && row < height && column >= 0 &&
            column < width;
          return inside
            ? values[(row * width + column) * channels + channel]
            : undefined;
        }, [down.size, across.size]));
      }
    }
  }
  return { shape: [down.count, across.count, outputs], values: made };
}

/** The logits of one image, in exact integers of any size, by the definitions; and their shift. */
export function referenceLogits(
  spec: ModelSpec,
  weights: readonly FloatArray[],
  pixels: Uint8Array,
): number[] {
  let taken = 0;
  let shift = 0;
  const next = () => Array.from(weights[taken++].values, BigInt);
  const walk = (layers: readonly LayerSpec[], from: Numbers): Numbers => {
    let x = from;
    for (const layer of layers) {
      const { shape } = x;
      const channels = shape[shape.length - 1];
      switch (layer.kind) {
        case "conv2d":
        case "dense": {
          const dense = layer.kind === "dense";
          const outputs = dense ? layer.units : layer.filters;
          const [kernel, bias] = [next(), next()];
          const image = dense ? { ...x, shape: [1, 1, shape[0]] } : x;
          const sums = overWindows(
            image,
            dense ? { size: 1 } : layer,
            outputs,
            (f, read, [rows, columns]) => {
              let sum = bias[f];
              for (let r = 0; r < rows; r++) {
                for (let s = 0; s < columns; s++) {
                  for (let c = 0; c < channels; c++) {
                    const at = ((r * columns + s) * channels + c) * outputs + f;
                    sum += (read(r, s, c) ?? 0n) * kernel[at];
                  }
                }
              }
              return sum;
            },
          );
          x = follow(dense ? { ...sums, shape: [outputs] } : sums, layer);
          if (typeof layer.shift === "number") shift = layer.shift;
          break;
        }
        case "depthwiseConv2d": {
          const each = layer.multiplier ?? 1;
          const [kernel, bias] = [next(), next()];
          x = follow(
            overWindows(
              x,
              layer,
              channels * each,
              (f, read, [rows, columns]) => {
                let sum = bias[f];
                for (let r = 0; r < rows; r++) {
                  for (let s = 0; s < columns; s++) {
                    sum += (read(r, s, Math.floor(f / each)) ?? 0n) *
                      kernel[(r * columns + s) * channels * each + f];
                  }
                }
                return sum;
              },
            ),
            layer,
          );
          break;
        }
        case "maxPool2d":
        case "globalMaxPool2d":
        case "averagePool2d":
        case "globalAveragePool2d": {
          const whole = { size: [shape[0], shape[1]] } as const;
          const global = !("size" in layer);
          const isMost = layer.kind === "maxPool2d" ||
            layer.kind === "globalMaxPool2d";
          const pooled = overWindows(
            x,
            global ? whole : poolWindows(layer),
            channels,
            (f, read, [rows, columns]) => {
              const found: bigint[] = [];
              for (let r = 0; r < rows; r++) {
                for (let s = 0; s < columns; s++) {
                  const value = read(r, s, f);
                  if (value !== undefined) found.push(value);
                }
              }
              return found.reduce((a, b) => isMost ? (a > b ? a : b) : a + b);
            },
          );
          const row = global ? { ...pooled, shape: [channels] } : pooled;
          if (
            layer.kind === "averagePool2d" ||
            layer.kind === "globalAveragePool2d"
          ) {
            x = follow(row, layer);
            if (typeof layer.shift === "number") shift = layer.shift;
          } else x = row;
          break;
        }
        case "residual": {
          const held = walk(layer.layers, x);
          const lift = 2n ** BigInt(layer.lift ?? 0);
          x = follow({
            shape,
            values: x.values.map((value, i) => value * lift + held.values[i]),
          }, layer);
          break;
        }
        case "flatten":
          x = { shape: [x.values.length], values: x.values };
          break;
        case "dropout":
        case "softmax":
          break;
        default:
          layer satisfies never;
      }
    }
    return x;
  };
  const { values } = walk(spec.layers, {
    shape: spec.input,
    values: Array.from(pixels, BigInt),
  });
  return values.map((value) => Number(value) / 2 ** shift);
}
