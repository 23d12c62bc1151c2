import type { EncodedModel, EncodedTensor } from "../infer/encoded_tensor.ts";
import { countParameters } from "../models/cost.ts";
import { isInteger, mostOf } from "../models/integer.ts";
import { LEAK } from "../models/layers/activation.ts";
import { type ActivationFields, product } from "../models/layers/layer.ts";
import { poolWindows } from "../models/layers/pools.ts";
import { type AxisWindows, windowSpans } from "../models/layers/window_span.ts";
import { VERSION } from "../version.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";
import { type PackedNumbers, packTensor } from "./pack_tensor.ts";

/** What the code of a model calls, by name; only what is called is written. */
const FUNCTIONS = {
  bytes: `const bytes = (at, count) => data.slice(at, at + count).buffer;`,
  numbers:
    `// Numbers of \`width\` bits from byte \`at\`, the lowest bit of each first.
function numbers(at, count, width, value) {
  const values = new Float32Array(count);
  for (let i = 0, bit = 8 * at; i < count; i++, bit += width) {
    const two = data[bit >> 3] | data[(bit >> 3) + 1] << 8;
    values[i] = value(two >> (bit & 7) & (1 << width) - 1, i);
  }
  return values;
}`,
  sparse:
    `// Weights most of which are 0: as many zeros as its gap says come before each that is there, the first channel's first.
function sparse(gaps, there, count, channels, scale) {
  const values = new Float32Array(count);
  const each = count / channels;
  let place = 0;
  for (let i = 0; i < there.length; i++, place++) {
    place += gaps[i];
    const at = place % each * channels + Math.floor(place / each);
    values[at] = there[i] * scale[at % scale.length];
  }
  return values;
}`,
  halves: `// Float16s as float32s.
function halves(at, count) {
  return Float32Array.from(new Uint16Array(bytes(at, 2 * count)), (bits) => {
    const [exponent, fraction] = [bits >> 10 & 31, bits & 1023];
    const size = exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction;
    return bits & 0x8000 ? -size : size;
  });
}`,
  convolve:
    `// Weighted sums of windows of an image, all its channels: of each axis size, stride, zeros before, dilation.
function convolve(x, [height, width, channels], [rows, columns, filters], [size, stride, top, step], [size2, stride2, left, step2], kernel, bias) {
  const y = new Float64Array(rows * columns * filters);
  for (let i = 0, to = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, to += filters) {
      y.set(bias, to);
      for (let r = 0; r < size; r++) {
        const row = i * stride + r * step - top;
        if (row < 0 || row >= height) continue;
        for (let s = 0; s < size2; s++) {
          const column = j * stride2 + s * step2 - left;
          if (column < 0 || column >= width) continue;
          const from = (row * width + column) * channels;
          for (let c = 0; c < channels; c++) {
            const value = x[from + c];
            if (value === 0) continue;
            const at = ((r * size2 + s) * channels + c) * filters;
            for (let f = 0; f < filters; f++) y[to + f] += value * kernel[at + f];
          }
        }
      }
    }
  }
  return y;
}`,
  convolveEach:
    `// Weighted sums of windows of an image, each channel by itself: of each axis size, stride, zeros before, dilation.
function convolveEach(x, [height, width, channels], [rows, columns, filters], [size, stride, top, step], [size2, stride2, left, step2], kernel, bias) {
  const y = new Float64Array(rows * columns * filters);
  for (let i = 0, to = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let filter = 0; filter < filters; filter++, to++) {
        const c = Math.floor(filter * channels / filters);
        let sum = bias[filter];
        for (let r = 0; r < size; r++) {
          const row = i * stride + r * step - top;
          if (row < 0 || row >= height) continue;
          for (let s = 0; s < size2; s++) {
            const column = j * stride2 + s * step2 - left;
            if (column < 0 || column >= width) continue;
            sum += x[(row * width + column) * channels + c] * kernel[(r * size2 + s) * filters + filter];
          }
        }
        y[to] = sum;
      }
    }
  }
  return y;
}`,
  pool:
    `// The largest of each window on an image, or their mean: of each axis size, stride, places before the image.
function pool(x, [height, width, channels], [rows, columns], [size, stride, top], [size2, stride2, left], average) {
  const y = new Float64Array(rows * columns * channels);
  for (let i = 0, to = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let c = 0; c < channels; c++, to++) {
        let value = average ? 0 : -Infinity;
        let count = 0;
        for (let r = 0; r < size; r++) {
          const row = i * stride + r - top;
          if (row < 0 || row >= height) continue;
          for (let s = 0; s < size2; s++) {
            const column = j * stride2 + s - left;
            if (column < 0 || column >= width) continue;
            const next = x[(row * width + column) * channels + c];
            value = average ? value + next : Math.max(value, next);
            count++;
          }
        }
        y[to] = average ? value / count : value;
      }
    }
  }
  return y;
}`,
  add: `const add = (x, y) => x.map((value, i) => value + y[i]);`,
  relu: `const relu = (x) => x.map((value) => Math.max(0, value));`,
  leakyRelu:
    `const leakyRelu = (x, slope) => x.map((value) => value < 0 ? slope * value : value);`,
  relu6:
    `const relu6 = (x) => x.map((value) => Math.min(Math.max(0, value), 6));`,
  elu:
    `const elu = (x) => x.map((value) => value < 0 ? Math.expm1(value) : value);`,
  sigmoid:
    `const sigmoid = (x) => x.map((value) => 1 / (1 + Math.exp(-value)));`,
  tanh: `const tanh = (x) => x.map((value) => Math.tanh(value));`,
  swish:
    `const swish = (x) => x.map((value) => value / (1 + Math.exp(-value)));`,
  round:
    `// Each channel's integers by 2 to the power of its shift, below 0 of \`more\` besides, in bounds.
function round(x, shifts, more, least, most) {
  return x.map((value, i) => {
    const step = 2 ** (shifts[i % shifts.length] + (value < 0 ? more : 0));
    const rounded = Math.floor((value + Math.floor(step / 2)) / step);
    return Math.min(Math.max(least, rounded), most);
  });
}`,
  lift: `const lift = (x, factor) => x.map((value) => value * factor);`,
} as const;

type FunctionName = keyof typeof FUNCTIONS;

/** JSON that may stand in a script of a page, and holds no line separator. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u007f-\uffff]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Numbers as JavaScript has them, exactly. */
function listValues(values: Float32Array): string {
  return `[${Array.from(values).join(", ")}]`;
}

/** The code of a model, as it is put together. */
class Code {
  readonly used = new Set<FunctionName>();
  readonly tensors: string[] = [];
  readonly blobs: Uint8Array[] = [];
  #at = 0;

  /** Adds bytes; gives where they begin. */
  #store(bytes: Uint8Array): number {
    const at = this.#at;
    this.blobs.push(bytes);
    this.#at += bytes.length;
    return at;
  }

  /** The name of a function that is to be written too. */
  call(name: FunctionName): FunctionName {
    this.used.add(name);
    return name;
  }

  /** An expression of packed numbers, `value` of each. */
  #list({ count, width, data }: PackedNumbers, value: string): string {
    const at = this.#store(data);
    return `${this.call("numbers")}(${at}, ${count}, ${width}, ${value})`;
  }

  /** Adds a tensor, of a layer that puts out so many channels; gives the name of its numbers. */
  tensor(tensor: EncodedTensor, channels: number): string {
    const name = `w${this.tensors.length}`;
    const count = product(tensor.shape);
    const packed = packTensor(tensor, channels);
    const fill = (gaps: PackedNumbers, there: string, scale: Float32Array) =>
      `${this.call("sparse")}(${
        this.#list(gaps, "(n) => n")
      }, ${there}, ${count}, ${channels}, ${listValues(scale)})`;
    const value = () => {
      switch (packed.kind) {
        case "levels": {
          const { numbers, gaps, least, step, scale } = packed;
          const level = `${step === 1 ? "" : `${step} * `}n + ${least}`;
          if (gaps) {
            return fill(gaps, this.#list(numbers, `(n) => ${level}`), scale);
          }
          const factor = scale.length === 1
            ? `${scale[0]}`
            : `${listValues(scale)}[i % ${scale.length}]`;
          return this.#list(numbers, `(n, i) => (${level}) * ${factor}`);
        }
        case "codebook": {
          const { numbers, gaps, codebook } = packed;
          const there = this.#list(
            numbers,
            `(n) => ${listValues(codebook)}[n]`,
          );
          return gaps ? fill(gaps, there, Float32Array.of(1)) : there;
        }
        case "halves": {
          this.call("bytes");
          const at = this.#store(new Uint8Array(packed.halves.buffer));
          return `${this.call("halves")}(${at}, ${count})`;
        }
        case "floats": {
          const { buffer, byteOffset, byteLength } = packed.values;
          const at = this.#store(
            new Uint8Array(buffer, byteOffset, byteLength),
          );
          return `new Float32Array(${this.call("bytes")}(${at}, ${4 * count}))`;
        }
        default:
          return packed satisfies never;
      }
    };
    this.tensors.push(`const ${name} = ${value()};`);
    return name;
  }

  /** The bytes of all tensors. */
  data(): Uint8Array {
    const all = new Uint8Array(this.#at);
    let at = 0;
    for (const blob of this.blobs) {
      all.set(blob, at);
      at += blob.length;
    }
    return all;
  }
}

/** `value` with what follows sums. */
function activate(
  code: Code,
  value: string,
  layer: ActivationFields,
): string {
  const { activation, slope = LEAK, shift } = layer;
  if (activation === "linear") {
    // A shift is the logits'.
    return typeof shift === "number"
      ? `${code.call("lift")}(${value}, ${2 ** -shift})`
      : value;
  }
  if (activation === "round") {
    const most = mostOf(layer);
    const signed = layer.slope !== undefined;
    return `${code.call("round")}(${value}, [${[shift].flat().join(", ")}], ${
      signed ? -Math.log2(slope) : 0
    }, ${signed ? -most : 0}, ${most})`;
  }
  const more = activation === "leakyRelu" ? `, ${slope}` : "";
  return `${code.call(activation)}(${value}${more})`;
}

/** As many equal integers as a tensor of `shape` has. */
function fillTensor(shape: number[], value: number): EncodedTensor {
  const levels = new Int8Array(product(shape)).fill(value);
  return { kind: "uniform", shape, bits: 2, scale: Float32Array.of(1), levels };
}

/** An expression of what `one` makes of `x`. */
function express(
  code: Code,
  { layer, input, output, weights, held }: ExportedLayer,
  x: string,
): string {
  const channels = output[output.length - 1];
  const shapes = `[${input.join(", ")}], [${output.join(", ")}]`;
  const pool = (average: boolean, windows: readonly AxisWindows[]) => {
    const counts = windows.map(({ count }) => count).join(", ");
    const axes = windows.map(({ size, stride, before }) =>
      `[${size}, ${stride}, ${before}]`
    );
    return `${code.call("pool")}(${x}, [${input.join(", ")}], [${counts}], ${
      axes.join(", ")
    }, ${average})`;
  };
  /** What follows the sums of windows. */
  const sum = (
    windows: readonly AxisWindows[],
    layer: Partial<ActivationFields>,
  ) => {
    const axes = windows.map(({ size, stride, before }) =>
      `[${size}, ${stride}, ${before}, 1]`
    );
    const counts = windows.map(({ count }) => count).join(", ");
    const kernel = [...windows.map(({ size }) => size), channels, 1];
    const sums = `${code.call("convolveEach")}(${x}, [${
      input.join(", ")
    }], [${counts}, ${channels}], ${axes.join(", ")}, ${
      code.tensor(fillTensor(kernel, 1), channels)
    }, ${code.tensor(fillTensor([channels], 0), channels)})`;
    const { activation = "linear" } = layer;
    return activate(code, sums, { ...layer, activation });
  };
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d": {
      if (!weights) return x;
      const axes = windowSpans(layer, input).map((
        { size, stride, before, dilation },
      ) => `[${size}, ${stride}, ${before}, ${dilation}]`);
      const name = code.call(
        layer.kind === "conv2d" ? "convolve" : "convolveEach",
      );
      const sums = `${name}(${x}, ${shapes}, ${axes.join(", ")}, ${
        code.tensor(weights.kernel, channels)
      }, ${code.tensor(weights.bias, channels)})`;
      return activate(code, sums, layer);
    }
    case "dense": {
      if (!weights) return x;
      // A convolution of one window on an image of one pixel.
      const sums = `${code.call("convolve")}(${x}, [1, 1, ${
        input[0]
      }], [1, 1, ${output[0]}], [1, 1, 0, 1], [1, 1, 0, 1], ${
        code.tensor(weights.kernel, channels)
      }, ${code.tensor(weights.bias, channels)})`;
      return activate(code, sums, layer);
    }
    case "maxPool2d":
    case "averagePool2d": {
      const windows = windowSpans(poolWindows(layer), input);
      return layer.kind === "averagePool2d" && layer.activation
        ? sum(windows, layer)
        : pool(layer.kind === "averagePool2d", windows);
    }
    case "globalMaxPool2d":
    case "globalAveragePool2d": {
      const [height, width] = input;
      const windows = windowSpans({ size: [height, width] }, input);
      return layer.kind === "globalAveragePool2d" && layer.activation
        ? sum(windows, layer)
        : pool(layer.kind === "globalAveragePool2d", windows);
    }
    case "residual": {
      const inner = held.reduce(
        (before, each) => express(code, each, before),
        "r",
      );
      const { lift = 0 } = layer;
      const read = lift ? `${code.call("lift")}(r, ${2 ** lift})` : "r";
      const both = `((r) => ${code.call("add")}(${read}, ${inner}))(${x})`;
      return activate(code, both, layer);
    }
    case "flatten":
    case "dropout":
    case "softmax":
      return x;
    default:
      return layer satisfies never;
  }
}

/** What a module says at its top. */
function headingOf({ spec, labels }: EncodedModel): string {
  return `// A classifier of ${
    spec.input.join("×")
  } images in ${labels.length} classes, ${
    countParameters(spec)
  } parameters, made by Retort ${VERSION}.`;
}

/**
 * Statements that declare `labels`, `shape` and `classify`: sums in float64, in
 * the order of the direct path, to whose logits they come to the last bit.
 */
export function classifierSource(model: EncodedModel): string {
  const { spec, labels } = model;
  const code = new Code();
  const steps: string[] = [];
  for (const each of listExportedLayers(model)) {
    const expression = express(code, each, "x");
    if (expression !== "x") steps.push(`  x = ${expression};`);
  }
  const pixels = product(spec.input);
  const functions = Object.entries(FUNCTIONS)
    .filter(([name]) => [...code.used].some((each) => each === name))
    .map(([, text]) => text);
  const data = code.data();
  return `${headingOf(model)}
const labels = ${scriptJson(labels)};
const shape = ${scriptJson(spec.input)};
const data = Uint8Array.from(atob("${data.toBase64()}"), (c) => c.charCodeAt(0));

${functions.join("\n\n")}

${code.tensors.join("\n")}

function classify(pixels) {
  if (pixels.length !== ${pixels}) {
    throw new RangeError(\`Cannot classify an image: it must have ${pixels} numbers, ${
    spec.input.join("×")
  }: it has \${pixels.length}\`);
  }
  let x = ${
    isInteger(spec.layers)
      ? "Float64Array.from(Uint8ClampedArray.from(pixels))"
      : "Float64Array.from(pixels, (value) => value / 255)"
  };
${steps.join("\n")}
  const logits = Float32Array.from(x);
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b);
  const best = logits.indexOf(most);
  return {
    class: best,
    label: labels[best],
    probabilities: Float32Array.from(powers, (power) => power / sum),
    logits,
  };
}
`;
}

const TYPES = `/** What the model says of an image. */
export interface Classification {
  /** The class of the largest logit, the first of several. */
  class: number;
  /** What that is called. */
  label: string;
  /** One for each class; their sum is 1. */
  probabilities: Float32Array;
  /** Before softmax. */
  logits: Float32Array;
}

/** What the classes are called. */
export declare const labels: string[];
/** Rows, columns and channels of an image. */
export declare const shape: [number, number, number];
/**
 * Classifies one image: its pixels, 0 to 255, row by row, the channels of a pixel side
 * by side. Throws a RangeError where it has another size.
 */
export default function classify(pixels: ArrayLike<number>): Classification;
`;

/** `model` as an ES module that imports nothing, and its types. */
export function writeJs(model: EncodedModel, stem: string): Exported {
  return {
    files: [
      { name: ".d.ts", content: TYPES },
      {
        name: "",
        content: `// @ts-self-types=${scriptJson(`./${stem}.d.ts`)}\n${
          classifierSource(model)
        }\nexport { classify as default, labels, shape };\n`,
      },
    ],
  };
}
