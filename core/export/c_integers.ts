import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedModel, EncodedTensor } from "../infer/encoded_tensor.ts";
import { classCount } from "../models/cost.ts";
import { boundIntegers, halfOf, mostOf } from "../models/integer.ts";
import { type ActivationFields, product } from "../models/layers/layer.ts";
import { type AxisWindows, windowSpans } from "../models/layers/window_span.ts";
import {
  composeHeader,
  declareBytes,
  describe,
  isDisjoint,
  listNumbers,
  locate,
  loop,
  type Pool,
  poolOf,
  READ_BITS,
} from "./c.ts";
import { type ExportedLayer, listExportedLayers } from "./exported_layers.ts";
import type { Exported } from "./exporter.ts";
import { packNumbers } from "./pack_tensor.ts";
import { type BufferUse, planMemory } from "./plan_memory.ts";

/** Integers between layers: how C holds them. */
type IntegerType = "uint8_t" | "int16_t" | "int32_t";

const BYTES: Record<IntegerType, number> = {
  uint8_t: 1,
  int16_t: 2,
  int32_t: 4,
};

/** Where integers lie, how C holds them, and how large they may be. */
interface Numbers {
  /** The caller's pixels, or one of our buffers. */
  place: "pixels" | number;
  type: IntegerType;
}

/** Statements of one step: they read x[…] (and h[…]) and write y[…]. */
interface Step {
  comment: string;
  from: Numbers[];
  to: Numbers | "logits";
  lines: string[];
}

/** Bytes that buffers are placed at multiples of. */
const ALIGNED = 4;

/** Integers as a constant array. */
function declareIntegers(
  type: string,
  name: string,
  values: readonly number[],
): string {
  return `static const ${type} ${name}[${values.length}] RETORT_FLASH = {\n${
    listNumbers(values.map(String))
  }\n};\n`;
}

/** What follows a sum, as statements on the int32 `sum`; shifts of a layer have the name `shifts` where there are several. */
function roundSum(
  layer: Partial<ActivationFields>,
  shifts: string,
): string[] {
  if (layer.activation !== "round") return [];
  const most = mostOf(layer);
  const { shift = 0, slope } = layer;
  const several = typeof shift === "object";
  const s = several ? `RETORT_BYTE(${shifts} + f)` : `${shift}`;
  const half = (by: string, fixed: number) =>
    several ? `((int32_t)1 << ${by} >> 1)` : `${halfOf(fixed)}`;
  const clip = `if (sum > ${most}) sum = ${most};`;
  const up = `sum = (sum + ${half(s, Number(shift))}) >> (${s});`;
  if (slope === undefined) {
    return [
      // A number below 0 comes to 0, whatever its shift.
      `if (sum <= 0) { sum = 0; } else { ${up} ${clip} }`,
    ];
  }
  const more = -Math.log2(slope);
  const down = more ? several ? `(${s} + ${more})` : `${+shift + more}` : s;
  // Right shifts of numbers below 0 are the compiler's own: their complement is none.
  return [
    `if (sum >= 0) { ${up} ${clip} }`,
    `else { sum += ${half(down, Number(shift) + more)}; ` +
    `sum = sum >= 0 ? sum >> (${down}) : ~(~sum >> (${down})); ` +
    `if (sum < -${most}) sum = -${most}; }`,
  ];
}

/** The steps of a model of integers, and its constants. */
class IntegerProgram {
  readonly steps: Step[] = [];
  readonly buffers: BufferUse[] = [];
  readonly declarations: string[] = [];
  constants = 0;
  #names = 0;

  /** Adds a step to a new place, of `size` numbers of `type`. */
  add(
    comment: string,
    from: Numbers[],
    { size, type, lines }: { size: number; type: IntegerType; lines: string[] },
  ): Numbers {
    const index = this.steps.length;
    const place = this.buffers.length;
    const bytes = ALIGNED * Math.ceil(size * BYTES[type] / ALIGNED);
    this.buffers.push({ size: bytes, from: index, to: index });
    for (const { place } of from) {
      if (place !== "pixels") this.buffers[place].to = index;
    }
    const to = { place, type };
    this.steps.push({ comment, from, to, lines });
    return to;
  }

  /** The name of new constants, of so many bytes. */
  #declare(bytes: number, write: (name: string) => string): string {
    const name = `retort_w${this.#names++}`;
    this.constants += bytes;
    this.declarations.push(write(name));
    return name;
  }

  /** Levels in as few bits as they take; gives the expression of the one at an index. */
  kernel(tensor: EncodedTensor): (index: string) => string {
    const levels = Array.from(decodeTensor(tensor).values);
    const least = Math.min(...levels);
    const numbers = packNumbers(
      levels.map((level) => level - least),
      Math.max(...levels) - least,
    );
    const name = this.#declare(
      numbers.data.length,
      (name) => declareBytes(name, numbers),
    );
    const sign = least < 0 ? "-" : "+";
    return (index) =>
      `((int32_t)retort_bits(${name}, ${index}, ${numbers.width}) ${sign} ${
        Math.abs(least)
      })`;
  }

  /** Biases; gives the expression of that of a channel. */
  bias(tensor: EncodedTensor): (channel: string) => string {
    const values = Array.from(decodeTensor(tensor).values);
    const short = values.every((value) => Math.abs(value) < 2 ** 15);
    const type = short ? "int16_t" : "int32_t";
    const name = this.#declare(
      values.length * BYTES[type],
      (name) => declareIntegers(type, name, values),
    );
    return (channel) =>
      short
        ? `(int16_t)RETORT_WORD(${name} + ${channel})`
        : `(int32_t)RETORT_LONG(${name} + ${channel})`;
  }

  /** The name of a layer's shifts, where it has one a channel. */
  shifts({ shift }: Partial<ActivationFields>): string {
    return typeof shift === "object"
      ? this.#declare(
        shift.length,
        (name) => declareIntegers("uint8_t", name, shift),
      )
      : "";
  }
}

/** How C holds what follows sums of `layer`. */
function typeOf(layer: Partial<ActivationFields>): IntegerType {
  if (layer.activation !== "round") return "int32_t";
  return layer.slope === undefined ? "uint8_t" : "int16_t";
}

/** Loops that sum, or take the largest, over windows; `value` declares the int32 `sum` at row i and column j. */
function overPool(
  { kind, windows: [down, across] }: Pool,
  [height, width, channels]: readonly number[],
  { value, after }: { value: string[]; after: string[] },
): string[] {
  const collect = kind === "max"
    ? "if (sum > pooled) pooled = sum;"
    : "pooled += sum;";
  return loop(
    "u",
    down.count,
    loop(
      "v",
      across.count,
      loop("f", channels, [
        `int32_t pooled = ${kind === "max" ? "-2147483647" : "0"};`,
        ...loop("p", down.size, [
          ...locate("i", { index: "u", at: "p", extent: height }, down),
          ...loop("q", across.size, [
            ...locate("j", { index: "v", at: "q", extent: width }, across),
            ...value,
            collect,
          ]),
        ]),
        ...after,
      ]),
    ),
  );
}

/** Statements that declare `sum`, the weighted sum of output channel f at row i and column j. */
function sumWindow(
  input: readonly number[],
  [down, across]: readonly [AxisWindows, AxisWindows],
  { filters, alone, kernel, bias }: {
    filters: number;
    alone: boolean;
    kernel: (index: string) => string;
    bias: (channel: string) => string;
  },
): string[] {
  const [height, width, channels] = input;
  const tap = `(r * ${across.size} + s)`;
  const pixel = (channel: string) =>
    `x[(row * ${width} + column) * ${channels} + ${channel}]`;
  const each = filters / channels;
  const accumulate = alone
    ? [
      `sum += (int32_t)${pixel(each === 1 ? "f" : `f / ${each}`)} * ${
        kernel(`${tap} * ${filters} + f`)
      };`,
    ]
    : loop("c", channels, [
      `sum += (int32_t)${pixel("c")} * ${
        kernel(`(${tap} * ${channels} + c) * ${filters} + f`)
      };`,
    ]);
  return [
    `int32_t sum = ${bias("f")};`,
    ...loop("r", down.size, [
      ...locate("row", { index: "i", at: "r", extent: height }, down),
      ...loop("s", across.size, [
        ...locate("column", { index: "j", at: "s", extent: width }, across),
        ...accumulate,
      ]),
    ]),
  ];
}

/** Adds the steps of `row`, which reads `from`; gives where its last numbers lie. */
function addRow(
  program: IntegerProgram,
  row: readonly ExportedLayer[],
  from: Numbers,
): Numbers {
  let at = from;
  for (let index = 0; index < row.length; index++) {
    const one = row[index];
    const { layer, input, output, weights, held } = one;
    const size = product(output);
    switch (layer.kind) {
      case "conv2d":
      case "depthwiseConv2d":
      case "dense": {
        if (!weights) continue;
        const dense = layer.kind === "dense";
        const image = dense ? [1, 1, input[0]] : input;
        const filters = output[output.length - 1];
        const sum = [
          ...sumWindow(image, windowSpans(dense ? { size: 1 } : layer, image), {
            filters,
            alone: layer.kind === "depthwiseConv2d",
            kernel: program.kernel(weights.kernel),
            bias: program.bias(weights.bias),
          }),
          ...roundSum(layer, program.shifts(layer)),
        ];
        const type = typeOf(layer);
        const next = row[index + 1];
        const pooled = next && poolOf(next);
        // What is pooled at once, by its largest, needs no memory of its own.
        if (pooled?.kind === "max" && isDisjoint(pooled)) {
          const [, across] = pooled.windows;
          at = program.add(describe([one, next]), [at], {
            size: product(next.output),
            type,
            lines: overPool(pooled, output, {
              value: sum,
              after: [
                `y[(u * ${across.count} + v) * ${filters} + f] = pooled;`,
              ],
            }),
          });
          index++;
          break;
        }
        const [height, width] = dense ? [1, 1] : output;
        at = program.add(describe([one]), [at], {
          size,
          type,
          lines: loop(
            "i",
            height,
            loop(
              "j",
              width,
              loop("f", filters, [
                ...sum,
                `y[(i * ${width} + j) * ${filters} + f] = sum;`,
              ]),
            ),
          ),
        });
        break;
      }
      case "maxPool2d":
      case "averagePool2d":
      case "globalMaxPool2d":
      case "globalAveragePool2d": {
        const pooled = poolOf(one);
        if (!pooled) continue;
        const [, width, channels] = input;
        const isMost = pooled.kind === "max";
        const rounding = "activation" in layer ? layer : {};
        const type = isMost ? at.type : typeOf(rounding);
        const [, across] = pooled.windows;
        at = program.add(describe([one]), [at], {
          size,
          type,
          lines: overPool(pooled, input, {
            value: [
              `const int32_t sum = x[(i * ${width} + j) * ${channels} + f];`,
            ],
            after: [
              "int32_t sum = pooled;",
              ...roundSum(rounding, program.shifts(rounding)),
              `y[(u * ${across.count} + v) * ${channels} + f] = sum;`,
            ],
          }),
        });
        break;
      }
      case "residual": {
        const inner = addRow(program, held, at);
        const { lift = 0 } = layer;
        const channels = output[output.length - 1];
        at = program.add(describe([one]), [at, inner], {
          size,
          type: typeOf(layer),
          lines: loop("e", size, [
            ...typeof layer.shift === "object"
              ? [`const retort_int f = e % ${channels};`]
              : [],
            `int32_t sum = (int32_t)x[e] * ${2 ** lift} + h[e];`,
            ...roundSum(layer, program.shifts(layer)),
            "y[e] = sum;",
          ]),
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

/** How constants of 32 bits are read. */
const READ_LONG = `#if defined(__AVR__)
#define RETORT_LONG(at) pgm_read_dword(at)
#else
#define RETORT_LONG(at) (*(at))
#endif
`;

/** Memory of so many bytes, by each type that lies there. */
function declareMemory(size: number): string {
  const members = Object.entries(BYTES).map(([type, bytes]) =>
    `${type} ${type.replace(/_t$/, "")}[${size / bytes}];`
  );
  return `static union { ${members.join(" ")} } memory;`;
}

/** The shift of the logits, which the last layer that computes has. */
function logitsShift(layers: readonly ExportedLayer[]): number {
  const last = layers.findLast(({ layer }) =>
    "shift" in layer && typeof layer.shift === "number"
  );
  return last && "shift" in last.layer && typeof last.layer.shift === "number"
    ? last.layer.shift
    : 0;
}

/**
 * A C99 header of a model of integers: constants, and `classify`, which sums in int32, has
 * uint8 between layers, allocates nothing and needs no library. Levels lie in as few bits as
 * they take; a convolution whose largest are taken is pooled as it is computed. Its logits
 * are those of every other path, to the last bit.
 */
export function writeIntegerC(model: EncodedModel): Exported {
  const { spec } = model;
  boundIntegers(spec, model.tensors.map(decodeTensor));
  const program = new IntegerProgram();
  const layers = listExportedLayers(model);
  const pixels: Numbers = { place: "pixels", type: "uint8_t" };
  const last = addRow(program, layers, pixels);
  const classes = classCount(spec);
  const { steps, buffers, declarations, constants } = program;
  const shift = logitsShift(layers);
  if (last.place !== "pixels") buffers[last.place].to = steps.length;
  steps.push({
    comment: `logits: ${classes}`,
    from: [last],
    to: "logits",
    lines: loop("f", classes, [
      // A power of two: nothing is rounded.
      `y[f] = (float)x[f] * (1.0f / ${2 ** shift}.0f);`,
    ]),
  });
  const { offsets, size } = planMemory(buffers);
  const nameOf = ({ place, type }: Numbers) =>
    place === "pixels"
      ? "pixels"
      : `memory.${type.replace(/_t$/, "")} + ${offsets[place] / BYTES[type]}`;
  const code = steps.flatMap(({ comment, from: [x, h], to, lines }) => [
    `/* ${comment} */`,
    "{",
    `  const ${x.type} *x = ${nameOf(x)};`,
    ...h ? [`  const ${h.type} *h = ${nameOf(h)};`] : [],
    to === "logits"
      ? "  float *y = logits;"
      : `  ${to.type} *y = ${nameOf(to)};`,
    ...lines.map((line) => `  ${line}`),
    "}",
  ]);
  const count = product(spec.input);
  const most = Math.max(
    count,
    ...model.tensors.map(({ shape }) => product(shape)),
    size,
  );
  return composeHeader(model, {
    constants,
    ram: size,
    most,
    about:
      "All sums are of integers, and exact: logits are the same on every machine.",
    preamble: READ_LONG,
    helpers: declarations.some((each) => each.includes("uint8_t"))
      ? [READ_BITS]
      : [],
    declarations,
    memory: size > 0 ? declareMemory(size) : undefined,
    code,
  });
}
