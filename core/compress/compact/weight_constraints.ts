import { modelCost } from "../../models/cost.ts";
import type { ModelSpec } from "../../models/spec.ts";
import type { Constraint } from "../../train/constraints/constraint.ts";
import type {
  CompactConfiguration,
  WeightBits,
} from "./compact_configuration.ts";

/** Bits up to which weights are levels. */
const MOST_LEVEL_BITS = 8;

/** What a weight of `bits` is held to. */
function constrain(
  bits: number,
  perChannel: boolean,
  powerOfTwo: boolean,
  mask?: Uint8Array<ArrayBuffer>,
): Constraint {
  if (Number.isInteger(bits) && bits >= 1 && bits <= MOST_LEVEL_BITS) {
    return { kind: "uniform", bits, perChannel, powerOfTwo, mask };
  }
  if (bits === 16 && !mask) return { kind: "half" };
  if (bits === 32) return mask ? { kind: "mask", mask } : { kind: "free" };
  throw new RangeError(
    `Cannot constrain weights: bits must be an integer from 1 to 8, 32, or 16 without a mask: current value is ${bits}`,
  );
}

/**
 * What each weight of `spec` is held to in the second phase of a training: kernel and
 * bias of each layer by its bits, a bias always with one step size; `masks` say, by the
 * weight's index, where weights are pruned.
 *
 * Of a model of integers kernels are levels, whose channels differ by shifts alone, and biases
 * levels times a power of two, or any integers where they have 16 or 32 bits.
 *
 * Throws a `RangeError` for bits that no weight may have, and for a layer's name in
 * `layerBits` that is no layer with weights.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { studentSpec } from "../../models/student.ts";
 * import { COMPACT_CONFIGURATION } from "./compact_configuration.ts";
 * import { weightConstraints } from "./weight_constraints.ts";
 *
 * const spec = studentSpec({ hidden: 2 });
 * const kinds = weightConstraints(spec, {
 *   ...COMPACT_CONFIGURATION,
 *   bits: { kernel: 2, bias: 16 },
 * }).map(({ kind }) => kind);
 * assertEquals(kinds.slice(0, 2), ["uniform", "half"]);
 * ```
 */
export function weightConstraints(
  spec: ModelSpec,
  { bits, layerBits, perChannel, powerOfTwo, integers }: Pick<
    CompactConfiguration,
    "bits" | "layerBits" | "perChannel" | "powerOfTwo" | "integers"
  >,
  masks: (Uint8Array<ArrayBuffer> | undefined)[] = [],
): Constraint[] {
  const weighted = modelCost(spec).layers.filter(({ weights }) =>
    weights.length > 0
  );
  const names = weighted.map(({ layer }) => layer.name);
  const stray = Object.keys(layerBits).find((name) => !names.includes(name));
  if (stray !== undefined) {
    throw new RangeError(
      `Cannot constrain weights: each layer with bits of its own must be one of ${
        names.join(", ")
      }: current value is ${stray}`,
    );
  }
  let next = 0;
  return weighted.flatMap(({ layer }) => {
    const own: WeightBits = { ...bits, ...layerBits[layer.name] };
    if (integers && !(own.kernel <= MOST_LEVEL_BITS)) {
      throw new RangeError(
        `Cannot constrain weights: kernels of a model of integers must have 1 to ${MOST_LEVEL_BITS} bits: current value is ${own.kernel}`,
      );
    }
    if (integers) {
      return [
        constrain(own.kernel, false, powerOfTwo, masks[next++]),
        constrain(own.bias, false, true, masks[next++]),
      ];
    }
    return [
      constrain(own.kernel, perChannel, powerOfTwo, masks[next++]),
      constrain(own.bias, false, powerOfTwo, masks[next++]),
    ];
  });
}
