import { channelCount } from "../../infer/channel_count.ts";
import type {
  EncodedModel,
  EncodedTensor,
} from "../../infer/encoded_tensor.ts";
import { roundToHalf } from "../../infer/half.ts";
import { classCount, weightShapes } from "../../models/cost.ts";
import { listLayers } from "../../models/layers/layers.ts";

function refuse(rule: string, value: unknown, remedy = ""): never {
  throw new RangeError(
    `Cannot write a .dram: ${rule}: current value is ${value}${remedy}`,
  );
}

function checkHalves(values: Float32Array, what: string): void {
  for (const value of values) {
    if (!Number.isFinite(value) || roundToHalf(value) !== value) {
      refuse(
        `${what} must be finite float16s`,
        value,
        ": round with roundToHalf first",
      );
    }
  }
}

function checkLength(values: ArrayLike<number>, shape: number[]): void {
  const count = shape.reduce((total, extent) => total * extent, 1);
  if (values.length !== count) {
    refuse(
      `a tensor of shape ${shape.join("×")} must hold ${count} weights`,
      values.length,
    );
  }
}

function checkLevels(levels: Int8Array, bits: number): void {
  if (!Number.isInteger(bits) || bits < 1 || bits > 8) {
    refuse("levels must have 1 to 8 bits", bits);
  }
  const [low, high] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const wrong = levels.find((level) =>
    bits === 1 ? Math.abs(level) !== 1 : level < low || level > high
  );
  if (wrong === undefined) return;
  const range = bits === 1 ? "−1 or 1" : `from ${low} to ${high}`;
  refuse(`levels of ${bits} bits must be ${range}`, wrong);
}

function checkTensor(tensor: EncodedTensor): void {
  const { shape } = tensor;
  switch (tensor.kind) {
    case "float":
      checkLength(tensor.values, shape);
      if (tensor.bits === 16) checkHalves(tensor.values, "weights of 16 bits");
      break;
    case "uniform": {
      const { scale, levels, bits } = tensor;
      checkLength(levels, shape);
      checkLevels(levels, bits);
      if (![1, channelCount(shape)].includes(scale.length)) {
        refuse(
          `shape ${shape.join("×")} must have 1 or ${
            channelCount(shape)
          } scales`,
          scale.length,
        );
      }
      checkHalves(scale, "scales");
      // A file has no sign for them.
      const wrong = scale.find((each) => each <= 0);
      if (wrong !== undefined) {
        refuse("scales must be finite and above 0", wrong);
      }
      break;
    }
    case "codebook": {
      const { codebook, indices } = tensor;
      checkLength(indices, shape);
      checkHalves(codebook, "codebooks");
      const index = indices.find((index) => index >= codebook.length);
      if (index !== undefined) {
        refuse(`indices must be below ${codebook.length}`, index);
      }
    }
  }
}

/**
 * Throws a `RangeError` unless a file can hold `model` without a change: no
 * dropout, a label a class, tensors of the spec's shapes, levels within their bits,
 * scales and codebooks that are float16s.
 */
export function checkEncodable({ spec, labels, tensors }: EncodedModel): void {
  const dropout = listLayers(spec.layers).find(({ kind }) =>
    kind === "dropout"
  );
  if (dropout) {
    refuse("it must hold no dropout layer", dropout.name, ": leave it out");
  }
  const classes = classCount(spec);
  if (labels.length !== classes) {
    refuse(`it must hold ${classes} labels`, labels.length);
  }
  // Half of a surrogate pair has no UTF-8: another character would be written.
  const broken = labels.find((label) => !label.isWellFormed());
  if (broken !== undefined) {
    refuse("labels must be well-formed Unicode", JSON.stringify(broken));
  }
  const shapes = weightShapes(spec).map(String).join("; ");
  const given = tensors.map(({ shape }) => String(shape)).join("; ");
  if (given !== shapes) refuse(`tensors must have shapes ${shapes}`, given);
  tensors.forEach(checkTensor);
}
