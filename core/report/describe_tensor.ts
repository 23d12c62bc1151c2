import type { TensorInspection } from "../infer/inspect_dram.ts";

/**
 * How a tensor's weights are held: `4 bits × 0.0625`, `codebook of 16`, `float16`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeTensor } from "./describe_tensor.ts";
 *
 * assertEquals(describeTensor({ kind: "uniform", bits: 4, scales: [0.0625] }), "4 bits × 0.0625");
 * assertEquals(describeTensor({ kind: "float", bits: 16, scales: [] }), "float16");
 * ```
 */
export function describeTensor(
  { kind, bits, scales }: Pick<TensorInspection, "kind" | "bits" | "scales">,
): string {
  switch (kind) {
    case "float":
      return `float${bits}`;
    case "codebook":
      return `codebook of ${scales.length}`;
    case "uniform":
      return scales.length === 1
        ? `${bits} bits × ${Number(scales[0].toPrecision(4))}`
        : `${bits} bits × ${scales.length} scales`;
  }
}
