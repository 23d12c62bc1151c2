import type { EncodedModel, EncodedTensor } from "../infer/encoded_tensor.ts";
import { classCount, countParameters } from "../models/cost.ts";
import { LEAK } from "../models/layers/activation.ts";
import { type ActivationFields, product } from "../models/layers/layer.ts";
import { poolWindows } from "../models/layers/pools.ts";
import { type AxisWindows, windowSpans } from "../models/layers/window_span.ts";
import type { LayerSpec } from "../models/spec.ts";
import { VERSION } from "../version.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";
import {
  type Gaps,
  packedBytes,
  type PackedNumbers,
  type PackedTensor,
  packTensor,
} from "./pack_tensor.ts";
import { type BufferUse, planMemory } from "./plan_memory.ts";

/** Where numbers lie between layers: the caller's arrays, or one of ours. */
type Place = "pixels" | "logits" | number;

/** One stretch of code, which makes the numbers at `to` of those at `from`. */
interface Step {
  comment: string;
  from: Place[];
  to: Place;
  /** Lines that read x[…], and h[…] where it reads two places, and write y[…]. */
  lines: string[];
}

/** A weight tensor as C has it. */
interface CTensor {
  shape: readonly number[];
  packed: PackedTensor;
  /** The constant arrays. */
  declarations: string;
  /** Expression of the number at an index: a weight, or a level that `scale` turns into one. */
  at(index: string): string;
  /** Expression of the zeros before the weight at an index, of a tensor that has but some. */
  gap?(index: string): string;
  /** Factor of a sum of such numbers for an output channel, if there is one. */
  scale(channel: string): string | undefined;
}

/** `values` in lines, after `indent`. */
export function listNumbers(values: Iterable<string>): string {
  const all = [...values];
  const lines = [];
  for (let i = 0; i < all.length; i += 12) {
    lines.push(`  ${all.slice(i, i + 12).join(", ")},`);
  }
  return lines.join("\n");
}

/** A float32 exactly, as C writes it. */
function formatFloat(value: number): string {
  const text = String(Math.fround(value));
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

export function declareBytes(name: string, { data }: PackedNumbers): string {
  return `static const uint8_t ${name}[${data.length}] RETORT_FLASH = {\n${
    listNumbers(Array.from(data, String))
  }\n};\n`;
}

function declareFloats(name: string, values: Float32Array): string {
  return `static const float ${name}[${values.length}] RETORT_FLASH = {\n${
    listNumbers(Array.from(values, formatFloat))
  }\n};\n`;
}

function declareGaps(name: string, gaps: Gaps | undefined): string {
  return gaps ? declareBytes(`${name}_gaps`, gaps) : "";
}

function readGap(name: string, { width }: Gaps, index: string): string {
  return `retort_bits(${name}_gaps, ${index}, ${width})`;
}

/** `tensor` as constants that are called `name`; `channels` is what its layer puts out. */
function declareTensor(
  tensor: EncodedTensor,
  name: string,
  channels: number,
): CTensor {
  const { shape } = tensor;
  const packed = packTensor(tensor, channels);
  switch (packed.kind) {
    case "levels": {
      const { numbers, gaps, least, step, scale } = packed;
      const { length } = scale;
      const one = length === 1 ? formatFloat(scale[0]) : undefined;
      // A scale for each channel that is read is no factor of the sum.
      const each = channels % length === 0;
      const level = (index: string) => {
        const bits = `(int)retort_bits(${name}, ${index}, ${numbers.width})`;
        const stepped = step === 1 ? bits : `${step} * ${bits}`;
        return `(float)(${stepped} ${least < 0 ? "-" : "+"} ${
          Math.abs(least)
        })`;
      };
      const scales = `${name}_scales`;
      return {
        shape,
        packed,
        declarations: declareBytes(name, numbers) +
          declareGaps(name, gaps) + (one ? "" : declareFloats(scales, scale)),
        gap: gaps && ((index) => readGap(name, gaps, index)),
        at: (index) =>
          each
            ? level(index)
            : `${
              level(index)
            } * RETORT_FLOAT(${scales} + (${index}) % ${length})`,
        scale: (channel) => {
          if (one || !each) return one;
          const own = length === channels ? channel : `${channel} % ${length}`;
          return `RETORT_FLOAT(${scales} + ${own})`;
        },
      };
    }
    case "codebook": {
      const { numbers, gaps, codebook } = packed;
      return {
        shape,
        packed,
        declarations: declareBytes(name, numbers) + declareGaps(name, gaps) +
          declareFloats(`${name}_codebook`, codebook),
        gap: gaps && ((index) => readGap(name, gaps, index)),
        at: (index) =>
          `RETORT_FLOAT(${name}_codebook + retort_bits(${name}, ${index}, ${numbers.width}))`,
        scale: () => undefined,
      };
    }
    case "halves":
      return {
        shape,
        packed,
        declarations:
          `static const uint16_t ${name}[${packed.halves.length}] RETORT_FLASH = {\n${
            listNumbers(Array.from(packed.halves, String))
          }\n};\n`,
        at: (index) => `retort_half(RETORT_WORD(${name} + (${index})))`,
        scale: () => undefined,
      };
    case "floats":
      return {
        shape,
        packed,
        declarations: declareFloats(name, packed.values),
        at: (index) => `RETORT_FLOAT(${name} + (${index}))`,
        scale: () => undefined,
      };
    default:
      return packed satisfies never;
  }
}

/** The statement that gives `target` what follows a sum. */
function activate(
  target: string,
  value: string,
  { activation, slope = LEAK }: ActivationFields,
): string {
  const set = (result: string) => `${target} = ${result};`;
  const below = (other: string) => set(`${value} > 0.0f ? ${value} : ${other}`);
  switch (activation) {
    case "relu":
      return below("0.0f");
    case "linear":
      return set(value);
    case "leakyRelu":
      return below(`${formatFloat(slope)} * ${value}`);
    case "relu6":
      return set(
        `${value} <= 0.0f ? 0.0f : ${value} < 6.0f ? ${value} : 6.0f`,
      );
    case "elu":
      return below(`retort_exp(${value}) - 1.0f`);
    case "sigmoid":
      return set(`1.0f / (1.0f + retort_exp(-${value}))`);
    case "tanh":
      return set(`1.0f - 2.0f / (1.0f + retort_exp(2.0f * ${value}))`);
    case "swish":
      return set(`${value} / (1.0f + retort_exp(-${value}))`);
    case "round":
      throw new TypeError("a rounding is written by c_integers.ts");
    default:
      return activation satisfies never;
  }
}

/** `body` in a loop of `count` times. */
export function loop(
  index: string,
  count: number,
  body: string[],
): string[] {
  return [
    `for (retort_int ${index} = 0; ${index} < ${count}; ${index}++) {`,
    ...body.map((line) => `  ${line}`),
    "}",
  ];
}

/** `body` in a loop over output channels f, whose weights of a kernel that has but some lie one behind another. */
function overChannels(
  channels: number,
  { kernel, body }: { kernel?: CTensor; body: string[] },
): string[] {
  if (!kernel?.gap) return loop("f", channels, body);
  const taps = product(kernel.shape) / channels;
  return [
    `retort_int entry = 0, place = ${kernel.gap("0")};`,
    ...loop("f", channels, [
      "retort_int e = entry, k = place;",
      ...body,
      "entry = e;",
      `place = k - ${taps};`,
    ]),
  ];
}

/** `body` for each weight e of channel f that there is, at place k among all. */
function overEntries(kernel: CTensor, taps: number, body: string[]): string[] {
  const next = kernel.gap?.("e");
  return [
    // Again for each place of the image.
    "e = entry;",
    "k = place;",
    `for (; k < ${taps}; e++, k += 1 + ${next}) {`,
    ...body.map((line) => `  ${line}`),
    "}",
  ];
}

/** A weighted sum, scaled, with its bias, as the statements that declare `sum`. */
function sumOf(
  accumulate: string[],
  { kernel, bias, channel, bytes }: {
    kernel: CTensor;
    bias: CTensor;
    channel: string;
    /** Whether what it reads are bytes, to be divided by 255. */
    bytes: boolean;
  },
): string[] {
  const scale = kernel.scale(channel);
  const factor = bias.scale("0");
  return [
    "float sum = 0.0f;",
    ...accumulate,
    ...(scale === undefined ? [] : [`sum *= ${scale};`]),
    ...(bytes ? ["sum /= 255.0f;"] : []),
    `sum += ${bias.at(channel)}${factor === undefined ? "" : ` * ${factor}`};`,
  ];
}

type Convolution = Extract<
  LayerSpec,
  { kind: "conv2d" | "depthwiseConv2d" }
>;

/** Statements that declare where place `at` of window `index` lies along an axis, and skip what is no part of the image. */
export function locate(
  name: string,
  { index, at, extent }: { index: string; at: string; extent: number },
  { stride, dilation, before, after }: AxisWindows,
): string[] {
  const times = (what: string, factor: number) =>
    factor === 1 ? what : `${what} * ${factor}`;
  const outside = [
    ...(before ? [`${name} < 0`] : []),
    ...(after ? [`${name} >= ${extent}`] : []),
  ];
  return [
    `const retort_int ${name} = ${times(index, stride)} + ${
      times(at, dilation)
    }${before ? ` - ${before}` : ""};`,
    ...(outside.length ? [`if (${outside.join(" || ")}) continue;`] : []),
  ];
}

/** Statements that declare `sum`, activated, of output channel f at row i and column j. */
function convolve(
  layer: Convolution,
  { input, output }: ExportedLayer,
  { kernel, bias, bytes }: { kernel: CTensor; bias: CTensor; bytes: boolean },
): string[] {
  const [height, width, channels] = input;
  const filters = output[2];
  const [down, across] = windowSpans(layer, input);
  const each = filters / channels;
  const depthwise = layer.kind === "depthwiseConv2d";
  const read = depthwise ? each === 1 ? "f" : `f / ${each}` : "c";
  const pixel = `x[(row * ${width} + column) * ${channels} + ${read}]`;
  const row = locate("row", { index: "i", at: "r", extent: height }, down);
  const column = locate(
    "column",
    { index: "j", at: "s", extent: width },
    across,
  );
  const { size: columns } = across;
  const tap = `(r * ${columns} + s)`;
  const weight = depthwise
    ? kernel.at(`${tap} * ${filters} + f`)
    : kernel.at(`(${tap} * ${channels} + c) * ${filters} + f`);
  const depth = depthwise ? 1 : channels;
  const accumulate = kernel.gap
    ? overEntries(kernel, down.size * columns * depth, [
      `const retort_int r = k / ${columns * depth};`,
      ...row,
      `const retort_int s = k / ${depth} % ${columns};`,
      ...column,
      ...(depthwise ? [] : [`const retort_int c = k % ${depth};`]),
      `sum += ${pixel} * ${kernel.at("e")};`,
    ])
    : loop("r", down.size, [
      ...row,
      ...loop("s", columns, [
        ...column,
        ...(depthwise
          ? [`sum += ${pixel} * ${weight};`]
          : loop("c", channels, [`sum += ${pixel} * ${weight};`])),
      ]),
    ]);
  return [
    ...sumOf(accumulate, { kernel, bias, channel: "f", bytes }),
    ...(layer.activation === "linear" ? [] : [activate("sum", "sum", layer)]),
  ];
}

/** What is made of the windows of an image, each channel by itself. */
export interface Pool {
  kind: "max" | "average";
  windows: readonly [AxisWindows, AxisWindows];
}

/** How `layer` pools what it reads; undefined of any other. */
export function poolOf({ layer, input }: ExportedLayer): Pool | undefined {
  const whole = { size: [input[0], input[1]] } as const;
  switch (layer.kind) {
    case "maxPool2d":
      return { kind: "max", windows: windowSpans(poolWindows(layer), input) };
    case "averagePool2d":
      return {
        kind: "average",
        windows: windowSpans(poolWindows(layer), input),
      };
    case "globalMaxPool2d":
      return { kind: "max", windows: windowSpans(whole, input) };
    case "globalAveragePool2d":
      return { kind: "average", windows: windowSpans(whole, input) };
    case "conv2d":
    case "depthwiseConv2d":
    case "dense":
    case "residual":
    case "flatten":
    case "dropout":
    case "softmax":
      return undefined;
    default:
      return layer satisfies never;
  }
}

/** Whether no place lies in two windows: what is pooled can be computed at once, and once. */
export function isDisjoint({ windows }: Pool): boolean {
  return windows.every(({ count, size, stride }) =>
    count === 1 || stride >= size
  );
}

/**
 * Loops that pool; `value` declares the number `sum` of channel f at row i and column j
 * of the image `[…, …, channels]` that is pooled.
 */
function pool(
  { kind, windows: [down, across] }: Pool,
  [height, width, channels]: readonly number[],
  { value, kernel, bytes }: {
    value: string[];
    /** What the value is computed by, if it isn't read. */
    kernel?: CTensor;
    /** Whether what is read are bytes, to be divided by 255. */
    bytes: boolean;
  },
): string[] {
  // Windows that reach beyond the image read different counts of places.
  const framed = [down, across].some(({ before, after }) => before + after > 0);
  const first = framed ? "count == 0" : "(p == 0 && q == 0)";
  const collect = kind === "max"
    ? `if (${first} || sum > pooled) pooled = sum;`
    : "pooled += sum;";
  // The window's loops have names of their own: `value` may have r and s too.
  const within = loop("p", down.size, [
    ...locate("i", { index: "u", at: "p", extent: height }, down),
    ...loop("q", across.size, [
      ...locate("j", { index: "v", at: "q", extent: width }, across),
      ...value,
      collect,
      ...(framed ? ["count++;"] : []),
    ]),
  ]);
  const places = framed ? "(float)count" : formatFloat(down.size * across.size);
  const divisors = [
    ...(kind === "max" || places === "1.0f" ? [] : [places]),
    ...(bytes ? ["255.0f"] : []),
  ];
  return loop(
    "u",
    down.count,
    loop(
      "v",
      across.count,
      overChannels(channels, {
        kernel,
        body: [
          "float pooled = 0.0f;",
          ...(framed ? ["retort_int count = 0;"] : []),
          ...within,
          `y[(u * ${across.count} + v) * ${channels} + f] = ${
            ["pooled", ...divisors].join(" / ")
          };`,
        ],
      }),
    ),
  );
}

/** A C string of `text`: what isn't plain is written in octal. */
function quote(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const body = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9 .,:;+*=_-]/.test(character)
      ? character
      : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${body.join("")}"`;
}

/** The steps of a model and its constants, as they are put together. */
class Program {
  readonly steps: Step[] = [];
  readonly buffers: BufferUse[] = [];
  readonly tensors: CTensor[] = [];

  /** Adds a step from `from` to a new place, or to `to`; gives the place. */
  add(
    comment: string,
    from: Place[],
    { size, lines, to }: { size: number; lines: string[]; to?: Place },
  ): Place {
    const index = this.steps.length;
    const target = to ??
      this.buffers.push({ size, from: index, to: index }) - 1;
    for (const place of [...from, target]) {
      if (typeof place === "number") this.buffers[place].to = index;
    }
    this.steps.push({ comment, from, to: target, lines });
    return target;
  }

  declare(tensor: EncodedTensor, channels: number): CTensor {
    const declared = declareTensor(
      tensor,
      `retort_w${this.tensors.length}`,
      channels,
    );
    this.tensors.push(declared);
    return declared;
  }
}

/** How `layer` is told in a comment: no name of a stranger's. */
export function describe(layers: ExportedLayer[]): string {
  const kinds = layers.map(({ layer }) => layer.kind).join(", ");
  const [input, output] = [layers[0].input, layers[layers.length - 1].output];
  return `${kinds}: ${input.join("x")} -> ${output.join("x")}`;
}

/** Adds the steps of `row`, which reads `from`; gives where its last numbers lie. */
function addRow(
  program: Program,
  row: readonly ExportedLayer[],
  from: Place,
): Place {
  let at = from;
  for (let index = 0; index < row.length; index++) {
    const one = row[index];
    const { layer, input, output, weights, held } = one;
    const bytes = at === "pixels";
    const size = product(output);
    switch (layer.kind) {
      case "conv2d":
      case "depthwiseConv2d": {
        if (!weights) continue;
        const kernel = program.declare(weights.kernel, output[2]);
        const bias = program.declare(weights.bias, output[2]);
        const sum = convolve(layer, one, { kernel, bias, bytes });
        // What is pooled at once needs no memory of its own.
        const next = row[index + 1];
        const pooled = next && poolOf(next);
        if (pooled && isDisjoint(pooled)) {
          at = program.add(describe([one, next]), [at], {
            size: product(next.output),
            lines: pool(pooled, output, { value: sum, kernel, bytes: false }),
          });
          index++;
          break;
        }
        at = program.add(describe([one]), [at], {
          size,
          lines: loop(
            "i",
            output[0],
            loop(
              "j",
              output[1],
              overChannels(output[2], {
                kernel,
                body: [
                  ...sum,
                  `y[(i * ${output[1]} + j) * ${output[2]} + f] = sum;`,
                ],
              }),
            ),
          ),
        });
        break;
      }
      case "dense": {
        if (!weights) continue;
        const kernel = program.declare(weights.kernel, size);
        const bias = program.declare(weights.bias, size);
        const accumulate = kernel.gap
          ? overEntries(kernel, input[0], [`sum += x[k] * ${kernel.at("e")};`])
          : loop("c", input[0], [
            `sum += x[c] * ${kernel.at(`c * ${size} + f`)};`,
          ]);
        const sum = sumOf(accumulate, { kernel, bias, channel: "f", bytes });
        at = program.add(describe([one]), [at], {
          size,
          lines: overChannels(size, {
            kernel,
            body: [...sum, activate("y[f]", "sum", layer)],
          }),
        });
        break;
      }
      case "maxPool2d":
      case "averagePool2d":
      case "globalMaxPool2d":
      case "globalAveragePool2d": {
        const pooled = poolOf(one);
        if (!pooled) continue;
        const value = `const float sum = x[(i * ${input[1]} + j) * ${
          input[2]
        } + f];`;
        at = program.add(describe([one]), [at], {
          size,
          lines: pool(pooled, input, { value: [value], bytes }),
        });
        break;
      }
      case "residual": {
        const inner = addRow(program, held, at);
        const term = (name: string, place: Place) =>
          place === "pixels" ? `${name}[f] / 255.0f` : `${name}[f]`;
        at = program.add(describe([one]), [at, inner], {
          size,
          lines: loop("f", size, [
            `const float sum = ${term("x", at)} + ${term("h", inner)};`,
            activate("y[f]", "sum", layer),
          ]),
          // In the place of what its layers have made, unless that is its input.
          to: inner === at ? undefined : inner,
        });
        break;
      }
      case "flatten":
      case "dropout":
      case "softmax":
        break;
      default:
        layer satisfies never;
    }
  }
  return at;
}

/** What precedes the constants. */
const PREAMBLE = `#include <stdint.h>

/* Constants stay in flash; on AVR that takes instructions of their own. */
#if defined(__AVR__)
#include <avr/pgmspace.h>
#define RETORT_FLASH PROGMEM
#define RETORT_BYTE(at) pgm_read_byte(at)
#define RETORT_WORD(at) pgm_read_word(at)
#define RETORT_FLOAT(at) pgm_read_float(at)
#else
#define RETORT_FLASH
#define RETORT_BYTE(at) (*(at))
#define RETORT_WORD(at) (*(at))
#define RETORT_FLOAT(at) (*(at))
#endif
`;

export const READ_BITS =
  `/* The index-th number of width bits, the lowest bit of each first. */
static inline uint8_t retort_bits(const uint8_t *data, uint32_t index, uint8_t width) {
  const uint32_t at = index * width;
  const uint8_t *byte = data + (at >> 3);
  const uint16_t two = (uint16_t)(RETORT_BYTE(byte) | (uint16_t)RETORT_BYTE(byte + 1) << 8);
  return (uint8_t)((two >> (at & 7)) & ((1u << width) - 1u));
}
`;

const READ_HALF = `/* The number that 16 bits of a float16 stand for. */
static inline float retort_half(uint16_t bits) {
  union { uint32_t bits; float value; } number;
  const uint32_t exponent = bits >> 10 & 31u;
  const uint32_t fraction = bits & 1023u;
  if (exponent == 0) {
    const float small = (float)fraction * 5.9604644775390625e-8f;
    return bits & 0x8000u ? -small : small;
  }
  number.bits = (uint32_t)(bits & 0x8000u) << 16 | (exponent + 112u) << 23 | fraction << 13;
  return number.value;
}
`;

const EXP =
  `/* e to the power of x, to two units of the last place; 88 or more is 88. */
static inline float retort_exp(float x) {
  union { uint32_t bits; float value; } power;
  if (x > 88.0f) x = 88.0f;
  if (x < -87.0f) x = -87.0f;
  /* e^x = 2^n * e^r, and ln 2 in two parts, the first exact in few bits. */
  const int16_t n = (int16_t)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));
  const float r = (x - (float)n * 0.693359375f) + (float)n * 2.12194440e-4f;
  float sum = 1.9875691500e-4f;
  sum = sum * r + 1.3981999507e-3f;
  sum = sum * r + 8.3334519073e-3f;
  sum = sum * r + 4.1665795894e-2f;
  sum = sum * r + 1.6666665459e-1f;
  sum = sum * r + 5.0000001201e-1f;
  sum = sum * r * r + r + 1.0f;
  power.bits = (uint32_t)(n + 127) << 23;
  return sum * power.value;
}
`;

/** What `place` is called in C; `offsets` say where ours lie. */
function nameOf(place: Place, offsets: number[]): string {
  return typeof place === "number" ? `memory + ${offsets[place]}` : place;
}

/** What a header of C is composed of. */
interface HeaderParts {
  /** Bytes of constants. */
  constants: number;
  /** Bytes between layers. */
  ram: number;
  /** The largest number that is counted to. */
  most: number;
  /** What is said of it beside its size. */
  about?: string;
  /** What stands behind the preamble, before the macros. */
  preamble?: string;
  /** Functions that its layers call. */
  helpers: string[];
  /** Its weights. */
  declarations: string[];
  /** Where numbers between layers lie, if any do. */
  memory: string | undefined;
  /** What classifies, line by line. */
  code: string[];
}

/** A header of C that classifies, and what it takes. */
export function composeHeader(
  { spec, labels }: Pick<EncodedModel, "spec" | "labels">,
  {
    constants,
    ram,
    most,
    about,
    preamble,
    helpers,
    declarations,
    memory,
    code,
  }: HeaderParts,
): Exported {
  const [height, width, channels] = spec.input;
  const classes = labels.length;
  const text = `/*
 * A classifier of ${height}x${width}x${channels} images in ${classes} classes, made by Retort ${VERSION}.
 * ${
    countParameters(spec)
  } parameters in ${constants} bytes of constants; ${ram} bytes of RAM between layers.
${about ? ` * ${about}\n` : ""} *
 *   int class = classify(pixels, logits);
 *
 * pixels: ${product(spec.input)} bytes, 0 to 255, row by row${
    channels > 1 ? `, the ${channels} channels of a pixel side by side` : ""
  }.
 * logits: room for ${classes} floats; softmax makes probabilities of them.
 * C99 (or C++), no allocation, no library. Not to be called by two threads at once.
 */
#ifndef RETORT_MODEL_H
#define RETORT_MODEL_H

${PREAMBLE}
${preamble ? `${preamble}\n` : ""}#define RETORT_HEIGHT ${height}
#define RETORT_WIDTH ${width}
#define RETORT_CHANNELS ${channels}
#define RETORT_CLASSES ${classes}

typedef ${most < 2 ** 15 ? "int_fast16_t" : "int_fast32_t"} retort_int;

${helpers.map((helper) => `${helper}\n`).join("")}${declarations.join("\n")}
/* What the classes are called. */
static inline const char *retort_label(int class_index) {
  static const char *const labels[RETORT_CLASSES] = {
${listNumbers(labels.map(quote))}
  };
  return labels[class_index];
}

/* The class of the largest logit, the first of several. */
static inline int classify(const uint8_t *pixels, float *logits) {
${memory ? `  ${memory}\n` : ""}${code.map((line) => `  ${line}`).join("\n")}
  int best = 0;
  for (int f = 1; f < ${classes}; f++) {
    if (logits[f] > logits[best]) best = f;
  }
  return best;
}

#endif
`;
  return {
    files: [{ name: "", content: text }],
    footprint: { constants, ram },
  };
}

/**
 * A C99 header of `model`: constants, and `classify`, which allocates nothing and
 * needs no library. Numbers between layers are float32s in one static array; a
 * convolution that is pooled is pooled as it is computed.
 */
export function writeC(model: EncodedModel): Exported {
  const { spec, labels } = model;
  const program = new Program();
  const last = addRow(program, listExportedLayers(model), "pixels");
  const classes = classCount(spec);
  const { steps, buffers, tensors } = program;
  if (
    typeof last === "number" && buffers[last].to === steps.length - 1 &&
    buffers[last].from === steps.length - 1
  ) {
    steps[steps.length - 1].to = "logits";
    buffers[last].size = 0;
  } else {
    const bytes = last === "pixels" ? " / 255.0f" : "";
    program.add("copy", [last], {
      size: classes,
      lines: loop("f", classes, [`y[f] = x[f]${bytes};`]),
      to: "logits",
    });
  }
  const { offsets, size } = planMemory(buffers);
  const pixels = product(spec.input);
  // Of the largest index; ints of 16 bits are faster where they reach.
  const most = Math.max(
    pixels,
    ...model.tensors.map(({ shape }) => product(shape)),
    ...buffers.map((each) => each.size),
  );
  const code = steps.flatMap(({ comment, from, to, lines }) => {
    const [x, h] = from;
    const reads = (name: string, place: Place) =>
      `const ${place === "pixels" ? "uint8_t" : "float"} *${name} = ${
        nameOf(place, offsets)
      };`;
    return [
      `/* ${comment} */`,
      "{",
      `  ${reads("x", x)}`,
      ...(h === undefined ? [] : [`  ${reads("h", h)}`]),
      `  float *y = ${nameOf(to, offsets)};`,
      ...lines.map((line) => `  ${line}`),
      "}",
    ];
  });
  const constants = tensors.reduce(
    (sum, { packed }) => sum + packedBytes(packed),
    0,
  );
  const ram = 4 * size;
  const kinds = new Set(tensors.map(({ packed }) => packed.kind));
  const hasExp = code.some((line) => line.includes("retort_exp("));
  return composeHeader({ spec, labels }, {
    constants,
    ram,
    most,
    helpers: [
      ...kinds.has("levels") || kinds.has("codebook") ? [READ_BITS] : [],
      ...kinds.has("halves") ? [READ_HALF] : [],
      ...hasExp ? [EXP] : [],
    ],
    declarations: tensors.map(({ declarations }) => declarations),
    memory: size > 0 ? `static float memory[${size}];` : undefined,
    code,
  });
}
