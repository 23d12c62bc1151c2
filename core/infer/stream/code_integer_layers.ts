import { boundIntegers } from "../../models/integer.ts";
import type {
  ActivationFields,
  LayerSpec,
  RoundingShift,
} from "../../models/layers/layer.ts";
import { checkSpec } from "../../models/spec.ts";
import { decodeTensor } from "../decode_tensor.ts";
import type { BitCoder } from "./bit_coder.ts";
import type { Grammar, WideForms } from "./code_layers.ts";
import { codeBits, codeFlag, codeNumber, codeSigned } from "./code_numbers.ts";
import type { IntegerTensors } from "./code_tensor.ts";
import { codeMultiplier, codePool, codeWindows } from "./code_windows.ts";

/** A shift is coded by how far it is from that, the usual one; and the first exponent of biases so. */
const USUAL_SHIFT = 5;
const USUAL_EXPONENT = 3;

/** Of the largest power of two that biases are levels of: larger ones have no level but 0. */
const MOST_EXPONENT = 23;

/** In how many of 16 layers windows are other than plain ones. */
const ODD = 2;

/** One shift, or one a channel, each by how far it is from the one before. */
function codeShift(coder: BitCoder, shift?: RoundingShift): RoundingShift {
  const given = typeof shift === "object" ? shift : undefined;
  const pass = (before: number, order: number, value?: number) =>
    before +
    codeSigned(coder, order, value === undefined ? undefined : value - before);
  if (!codeFlag(coder, 1, given !== undefined)) {
    const one = typeof shift === "number" ? shift : undefined;
    return pass(USUAL_SHIFT, 1, one);
  }
  const count = codeNumber(coder, 3, given && given.length - 1) + 1;
  const coded: number[] = [];
  for (let channel = 0; channel < count; channel++) {
    const before = channel > 0 ? coded[channel - 1] : USUAL_SHIFT;
    coded.push(pass(before, channel > 0 ? 0 : 1, given?.[channel]));
  }
  return coded;
}

/** What a rounding is told: its shift, bits but for 8, and a slope, if it has one. */
function codeRounding(
  coder: BitCoder,
  layer?: Partial<ActivationFields>,
): ActivationFields {
  const { slope, bits = 8 } = layer ?? {};
  const shift = codeShift(coder, layer?.shift);
  const few = codeFlag(coder, 2, bits < 8);
  const codedBits = few ? codeBits(coder, 3, bits - 1) + 1 : 8;
  const signed = codeFlag(coder, 3, slope !== undefined);
  const codedSlope = signed
    ? 2 ** -codeBits(coder, 3, slope && -Math.log2(slope))
    : undefined;
  return {
    activation: "round",
    shift,
    ...codedBits < 8 && { bits: codedBits },
    ...codedSlope !== undefined && { slope: codedSlope },
  };
}

/** The same layers, the last of which but for the softmax has this shift: the logits'. */
function withLast(layers: LayerSpec[], shift: number): LayerSpec[] {
  // A layer that can have none gets it too, hence the cast: checkSpec refuses it. Without, the
  // layers might be those of no model of integers, and be read as such.
  const last = { ...layers[layers.length - 2], shift } as LayerSpec;
  return layers.with(-2, last);
}

/** A kernel has levels of so many bits; a bias has levels, or plain integers. */
const TENSORS: IntegerTensors = {
  codeHeader(coder, before, { role, header }) {
    const same = header && before && header.kind === before.kind &&
      header.bits === before.bits;
    if (before && codeFlag(coder, 13, same)) return before;
    const kind = role === "bias" &&
        codeFlag(coder, 3, header?.kind === "float")
      ? "float"
      : "uniform";
    const bits = kind === "uniform"
      ? codeBits(coder, 3, header && header.bits - 1) + 1
      : 32;
    return { kind, bits, perChannel: false, fractionBits: 0 };
  },
  codeScale(coder, context, { role, scale }) {
    if (role === "kernel") return Float32Array.of(1);
    const before = context.exponent ?? USUAL_EXPONENT;
    const exponent = scale && Math.log2(scale[0]) - before;
    const coded = before + codeSigned(coder, 1, exponent);
    if (coded < 0 || coded > MOST_EXPONENT) {
      throw new RangeError(
        `Cannot use a .dram: biases must be levels times 2^0 to 2^${MOST_EXPONENT}: it has 2^${coded}`,
      );
    }
    context.exponent = coded;
    return Float32Array.of(2 ** coded);
  },
  codeIntegers(coder, count, values) {
    const largest = values?.reduce((a, b) => Math.max(a, Math.abs(b)), 1) ?? 1;
    // Of a higher order the largest would be beyond what a number can be.
    const most = largest < 2 ** 22 ? 2 ** 4 - 1 : 0;
    const order = codeBits(
      coder,
      4,
      Math.min(most, Math.floor(Math.log2(largest))),
    );
    return Float32Array.from(
      { length: count },
      (_, i) => codeSigned(coder, order, values?.[i]),
    );
  },
};

const INTEGERS: WideForms = {
  codeWindows: (coder, layer) => codeWindows(coder, ODD, layer),
  codePool: (coder, layer) => codePool(coder, ODD, layer),
  codeActivation: codeRounding,
  codeMultiplier,
  codeSum(coder, layer) {
    return codeFlag(coder, 4, layer?.activation === "linear")
      ? { activation: "linear" }
      : codeRounding(coder, layer);
  },
  codeLift(coder, layer) {
    const lift = codeNumber(coder, 2, layer && (layer.lift ?? 0));
    return lift > 0 ? { lift } : {};
  },
  codeEnd(coder, layers, given) {
    const last = given?.at(-2);
    const shift = last && "shift" in last ? last.shift : undefined;
    const step = typeof shift === "number" ? shift - USUAL_SHIFT : undefined;
    return withLast(layers, USUAL_SHIFT + codeSigned(coder, 1, step));
  },
  tensors: TENSORS,
  check: checkSpec,
  checkTensors(spec, tensors) {
    boundIntegers(spec, tensors.map(decodeTensor));
  },
};

/** What may follow what, in version 4 of the format: models of integers. */
export const INTEGER_GRAMMAR: Grammar = {
  images: [
    ["conv2d", 8],
    ["maxPool2d", 4],
    ["depthwiseConv2d", 3],
    ["flatten", 3],
    ["globalAveragePool2d", 2],
    ["averagePool2d", 2],
    ["residual", 1],
    ["globalMaxPool2d", 1],
  ],
  rows: [
    ["softmax", 8],
    ["dense", 8],
    ["residual", 1],
    ["flatten", 1],
  ],
  wide: INTEGERS,
};

/** The grammar of version 4 alone: for a page that reads models of integers. */
export const INTEGER_GRAMMARS = { 4: INTEGER_GRAMMAR };
