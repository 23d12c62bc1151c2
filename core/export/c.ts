import type { EncodedModel, EncodedTensor } from "../infer/encoded_tensor.ts";
import { classCount, countParameters } from "../models/cost.ts";
import { product } from "../models/layers/layer.ts";
import { windowSpan } from "../models/layers/window_span.ts";
import type { Activation, LayerSpec } from "../models/spec.ts";
import { VERSION } from "../version.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";
import {
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
  packed: PackedTensor;
  /** The constant arrays. */
  declarations: string;
  /** Expression of the number at an index: a weight, or a level that `scale` turns into one. */
  at(index: string): string;
  /** Factor of a sum of such numbers for an output channel, if there is one. */
  scale(channel: string): string | undefined;
}

/** `values` in lines, after `indent`. */
function listNumbers(values: Iterable<string>): string {
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

function declareBytes(name: string, { data }: PackedNumbers): string {
  return `static const uint8_t ${name}[${data.length}] RETORT_FLASH = {\n${
    listNumbers(Array.from(data, String))
  }\n};\n`;
}

function declareFloats(name: string, values: Float32Array): string {
  return `static const float ${name}[${values.length}] RETORT_FLASH = {\n${
    listNumbers(Array.from(values, formatFloat))
  }\n};\n`;
}

/** `tensor` as constants that are called `name`; `channels` is what its layer puts out. */
function declareTensor(
  tensor: EncodedTensor,
  name: string,
  channels: number,
): CTensor {
  const packed = packTensor(tensor);
  switch (packed.kind) {
    case "levels": {
      const { numbers, least, step, scale } = packed;
      const one = scale.length === 1 ? formatFloat(scale[0]) : undefined;
      const each = scale.length === channels;
      const level = (index: string) => {
        const bits = `(int)retort_bits(${name}, ${index}, ${numbers.width})`;
        const stepped = step === 1 ? bits : `${step} * ${bits}`;
        return `(float)(${stepped} ${least < 0 ? "-" : "+"} ${
          Math.abs(least)
        })`;
      };
      const scales = `${name}_scales`;
      return {
        packed,
        declarations: declareBytes(name, numbers) +
          (one ? "" : declareFloats(scales, scale)),
        // A scale for each channel that is read is no factor of the sum.
        at: (index) =>
          one || each
            ? level(index)
            : `${
              level(index)
            } * RETORT_FLOAT(${scales} + (${index}) % ${scale.length})`,
        scale: (channel) =>
          one ?? (each ? `RETORT_FLOAT(${scales} + ${channel})` : undefined),
      };
    }
    case "codebook": {
      const { numbers, codebook } = packed;
      return {
        packed,
        declarations: declareBytes(name, numbers) +
          declareFloats(`${name}_codebook`, codebook),
        at: (index) =>
          `RETORT_FLOAT(${name}_codebook + retort_bits(${name}, ${index}, ${numbers.width}))`,
        scale: () => undefined,
      };
    }
    case "halves":
      return {
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
function activate(target: string, value: string, activation: Activation) {
  switch (activation) {
    case "relu":
      return `${target} = ${value} > 0.0f ? ${value} : 0.0f;`;
    case "linear":
      return `${target} = ${value};`;
    default:
      return activation satisfies never;
  }
}

/** `body` in a loop of `count` times. */
function loop(
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

/** Statements that declare `sum`, activated, of output channel f at row i and column j. */
function convolve(
  layer: Convolution,
  { input, output }: ExportedLayer,
  { kernel, bias, bytes }: { kernel: CTensor; bias: CTensor; bytes: boolean },
): string[] {
  const [height, width, channels] = input;
  const filters = output[2];
  const { size, stride = 1, padding, activation } = layer;
  const down = windowSpan(height, size, stride, padding);
  const across = windowSpan(width, size, stride, padding);
  const place = (axis: string, at: string, before: number) =>
    `const retort_int ${axis} = ${at}${stride === 1 ? "" : ` * ${stride}`} + ${
      axis === "row" ? "r" : "s"
    }${before ? ` - ${before}` : ""};`;
  const within = (axis: string, extent: number, { before, after }: {
    before: number;
    after: number;
  }) => {
    const outside = [
      ...(before ? [`${axis} < 0`] : []),
      ...(after ? [`${axis} >= ${extent}`] : []),
    ];
    return outside.length ? [`if (${outside.join(" || ")}) continue;`] : [];
  };
  const tap = `(r * ${size} + s)`;
  const taps = layer.kind === "depthwiseConv2d"
    ? [
      `sum += x[(row * ${width} + column) * ${channels} + f] * ${
        kernel.at(`${tap} * ${channels} + f`)
      };`,
    ]
    : loop("c", channels, [
      `sum += x[(row * ${width} + column) * ${channels} + c] * ${
        kernel.at(`(${tap} * ${channels} + c) * ${filters} + f`)
      };`,
    ]);
  const accumulate = loop("r", size, [
    place("row", "i", down.before),
    ...within("row", height, down),
    ...loop("s", size, [
      place("column", "j", across.before),
      ...within("column", width, across),
      ...taps,
    ]),
  ]);
  return [
    ...sumOf(accumulate, { kernel, bias, channel: "f", bytes }),
    ...(activation === "linear" ? [] : [activate("sum", "sum", activation)]),
  ];
}

/** Windows that lie side by side on an image. */
interface Pool {
  kind: "max" | "average";
  rows: number;
  columns: number;
}

/** How `layer` pools what it reads; undefined of any other. */
function poolOf({ layer, input }: ExportedLayer): Pool | undefined {
  switch (layer.kind) {
    case "maxPool2d":
      return { kind: "max", rows: layer.size, columns: layer.size };
    case "averagePool2d":
      return { kind: "average", rows: layer.size, columns: layer.size };
    case "globalAveragePool2d":
      return { kind: "average", rows: input[0], columns: input[1] };
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

/**
 * Loops that pool; `value` declares the number `sum` of channel f at row i and column j
 * of the image `[…, …, channels]` that is pooled.
 */
function pool(
  { kind, rows, columns }: Pool,
  [height, width, channels]: readonly number[],
  value: string[],
  bytes: boolean,
): string[] {
  const [down, across] = [
    Math.floor(height / rows),
    Math.floor(width / columns),
  ];
  const collect = kind === "max"
    ? ["if ((r == 0 && s == 0) || sum > pooled) pooled = sum;"]
    : ["pooled += sum;"];
  // The window's loops have names of their own: `value` may have r and s too.
  const within = loop(
    "p",
    rows,
    loop("q", columns, [
      `const retort_int i = u * ${rows} + p;`,
      `const retort_int j = v * ${columns} + q;`,
      ...value,
      ...collect.map((line) =>
        line.replace("r == 0 && s == 0", "p == 0 && q == 0")
      ),
    ]),
  );
  const divisor = (kind === "max" ? 1 : rows * columns) * (bytes ? 255 : 1);
  return loop(
    "u",
    down,
    loop(
      "v",
      across,
      loop("f", channels, [
        "float pooled = 0.0f;",
        ...within,
        `y[(u * ${across} + v) * ${channels} + f] = pooled${
          divisor === 1 ? "" : ` / ${formatFloat(divisor)}`
        };`,
      ]),
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
function describe(layers: ExportedLayer[]): string {
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
        if (pooled) {
          at = program.add(describe([one, next]), [at], {
            size: product(next.output),
            lines: pool(pooled, output, sum, false),
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
              loop(
                "f",
                output[2],
                [...sum, `y[(i * ${output[1]} + j) * ${output[2]} + f] = sum;`],
              ),
            ),
          ),
        });
        break;
      }
      case "dense": {
        if (!weights) continue;
        const kernel = program.declare(weights.kernel, size);
        const bias = program.declare(weights.bias, size);
        const sum = sumOf(
          loop("c", input[0], [
            `sum += x[c] * ${kernel.at(`c * ${size} + f`)};`,
          ]),
          { kernel, bias, channel: "f", bytes },
        );
        at = program.add(describe([one]), [at], {
          size,
          lines: loop("f", size, [
            ...sum,
            activate("y[f]", "sum", layer.activation),
          ]),
        });
        break;
      }
      case "maxPool2d":
      case "averagePool2d":
      case "globalAveragePool2d": {
        const pooled = poolOf(one);
        if (!pooled) continue;
        const value = `const float sum = x[(i * ${input[1]} + j) * ${
          input[2]
        } + f];`;
        at = program.add(describe([one]), [at], {
          size,
          lines: pool(pooled, input, [value], bytes),
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
            activate("y[f]", "sum", layer.activation),
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

const READ_BITS =
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

/** What `place` is called in C; `offsets` say where ours lie. */
function nameOf(place: Place, offsets: number[]): string {
  return typeof place === "number" ? `memory + ${offsets[place]}` : place;
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
  const flash = tensors.reduce(
    (sum, { packed }) => sum + packedBytes(packed),
    0,
  );
  const ram = 4 * size;
  const kinds = new Set(tensors.map(({ packed }) => packed.kind));
  const [height, width, channels] = spec.input;
  const text = `/*
 * A classifier of ${height}x${width}x${channels} images in ${classes} classes, made by Retort ${VERSION}.
 * ${
    countParameters(spec)
  } parameters in ${flash} bytes of constants; ${ram} bytes of RAM between layers.
 *
 *   int class = classify(pixels, logits);
 *
 * pixels: ${pixels} bytes, 0 to 255, row by row${
    channels > 1 ? `, the ${channels} channels of a pixel side by side` : ""
  }.
 * logits: room for ${classes} floats; softmax makes probabilities of them.
 * C99 (or C++), no allocation, no library. Not to be called by two threads at once.
 */
#ifndef RETORT_MODEL_H
#define RETORT_MODEL_H

${PREAMBLE}
#define RETORT_HEIGHT ${height}
#define RETORT_WIDTH ${width}
#define RETORT_CHANNELS ${channels}
#define RETORT_CLASSES ${classes}

typedef ${most < 2 ** 15 ? "int_fast16_t" : "int_fast32_t"} retort_int;

${kinds.has("levels") || kinds.has("codebook") ? `${READ_BITS}\n` : ""}${
    kinds.has("halves") ? `${READ_HALF}\n` : ""
  }${tensors.map(({ declarations }) => declarations).join("\n")}
/* What the classes are called. */
static inline const char *retort_label(int class_index) {
  static const char *const labels[RETORT_CLASSES] = {
${listNumbers(labels.map(quote))}
  };
  return labels[class_index];
}

/* The class of the largest logit, the first of several. */
static inline int classify(const uint8_t *pixels, float *logits) {
${size > 0 ? `  static float memory[${size}];\n` : ""}${
    code.map((line) => `  ${line}`).join("\n")
  }
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
    notes: [
      `constants: ${flash} bytes of flash; between layers: ${ram} bytes of RAM`,
    ],
  };
}
