import { adadelta } from "./adadelta.ts";
import { adam } from "./adam.ts";
import type { Optimiser } from "./optimiser.ts";
import { sgd } from "./sgd.ts";

/** An optimiser as plain data. */
export type OptimiserSpec =
  | { kind: "adadelta"; rho?: number; epsilon?: number }
  | { kind: "adam"; beta1?: number; beta2?: number; epsilon?: number }
  | { kind: "sgd"; momentum?: number };

/**
 * The optimiser that `spec` describes; see each one's own function for its
 * formula.
 *
 * Throws a `RangeError` where a coefficient is out of range.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { makeOptimiser } from "./make_optimiser.ts";
 *
 * assertThrows(() => makeOptimiser({ kind: "sgd", momentum: 1 }), RangeError);
 * ```
 */
export function makeOptimiser(spec: OptimiserSpec): Optimiser {
  switch (spec.kind) {
    case "adadelta":
      return adadelta(spec);
    case "adam":
      return adam(spec);
    case "sgd":
      return sgd(spec);
  }
}
