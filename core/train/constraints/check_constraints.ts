import type { Constraint } from "./constraint.ts";

function refuse(index: number, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot constrain weight ${index}: ${rule}: current value is ${value}`,
  );
}

function checkMask(mask: Uint8Array, size: number, index: number): void {
  if (mask.length !== size) {
    refuse(index, `its mask must have ${size} entries`, mask.length);
  }
  const odd = mask.find((entry) => entry > 1);
  if (odd !== undefined) refuse(index, "its mask must be of 0 and 1", odd);
}

function checkConstraint(
  constraint: Constraint,
  size: number,
  index: number,
): void {
  switch (constraint.kind) {
    case "mask":
      return checkMask(constraint.mask, size, index);
    case "uniform": {
      const { bits, mask } = constraint;
      if (!(Number.isInteger(bits) && bits >= 1 && bits <= 8)) {
        refuse(index, "bits must be an integer from 1 to 8", bits);
      }
      if (!mask) return;
      if (bits === 1) {
        refuse(index, "a mask needs 2 bits or more: ±s has no 0", bits);
      }
      return checkMask(mask, size, index);
    }
    case "codebook": {
      const { size: entries, indices } = constraint;
      if (!(Number.isInteger(entries) && entries >= 1 && entries <= 256)) {
        refuse(index, "its codebook must have 1 to 256 entries", entries);
      }
      if (indices.length !== size) {
        refuse(index, `it must have ${size} indices`, indices.length);
      }
      const beyond = indices.find((entry) => entry >= entries);
      if (beyond !== undefined) {
        refuse(index, `its indices must be below ${entries}`, beyond);
      }
    }
  }
}

/**
 * Throws a `RangeError` unless there is a usable constraint for each of `shapes`.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkConstraints } from "./check_constraints.ts";
 *
 * const mask = Uint8Array.of(1, 0, 1);
 * assertThrows(
 *   () => checkConstraints([{ kind: "mask", mask }], [[2, 2]]),
 *   RangeError,
 *   "its mask must have 4 entries: current value is 3",
 * );
 * ```
 */
export function checkConstraints(
  constraints: Constraint[],
  shapes: number[][],
): void {
  if (constraints.length !== shapes.length) {
    throw new RangeError(
      `Cannot constrain weights: there must be one constraint for each of ${shapes.length}: current value is ${constraints.length}`,
    );
  }
  constraints.forEach((constraint, index) => {
    const size = shapes[index].reduce((total, extent) => total * extent, 1);
    checkConstraint(constraint, size, index);
  });
}
