import type { DramInspection } from "../../core/infer/inspect_dram.ts";
import type { InsidePart } from "../inside_data.ts";
import { roundFraction } from "./round_fraction.ts";

const BITS = 8;

/**
 * Where the bytes of a file go: parts in fractions of a byte, Σ = its length but for
 * rounding to a 10,000th each.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { inspectDram } from "../../core/infer/inspect_dram.ts";
 * import { divideBytes } from "./divide_bytes.ts";
 *
 * const dram = smallDram();
 * const sum = divideBytes(inspectDram(dram)).reduce((all, { bytes }) => all + bytes, 0);
 * assertAlmostEquals(sum, dram.length, 1e-3);
 * ```
 */
export function divideBytes(
  { frameBytes, bits }: DramInspection,
): InsidePart[] {
  const parts: InsidePart[] = [
    { part: "frame", bytes: frameBytes },
    {
      part: "architecture",
      bytes: (bits.preprocessing + bits.architecture) / BITS,
    },
    { part: "labels", bytes: bits.labels / BITS },
    { part: "headers", bytes: bits.headers / BITS },
    { part: "scales", bytes: bits.scales / BITS },
    { part: "weights", bytes: bits.weights / BITS },
    { part: "rounding", bytes: bits.rest / BITS },
  ];
  return parts.map(({ part, bytes }) => ({
    part,
    bytes: roundFraction(bytes),
  }));
}
