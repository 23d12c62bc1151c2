import type { EncodedTensor } from "../../infer/encoded_tensor.ts";

/**
 * The same weights in the form that a file holds: a codebook ascends, and has each
 * weight once and none that doesn't occur.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalTensor } from "./canonical_tensor.ts";
 *
 * const tensor = canonicalTensor({
 *   kind: "codebook",
 *   shape: [3],
 *   codebook: Float32Array.of(0, 0.5, 2, -0.5),
 *   indices: Uint8Array.of(1, 0, 3),
 * });
 * assertEquals(tensor, {
 *   kind: "codebook",
 *   shape: [3],
 *   codebook: Float32Array.of(-0.5, 0, 0.5),
 *   indices: Uint8Array.of(2, 1, 0),
 * });
 * ```
 */
export function canonicalTensor(tensor: EncodedTensor): EncodedTensor {
  if (tensor.kind !== "codebook") return tensor;
  const { kind, shape, indices } = tensor;
  const used = new Set<number>();
  // + 0 makes −0 a 0: as a weight it is the same.
  for (const index of indices) used.add(tensor.codebook[index] + 0);
  const codebook = Float32Array.from(used).sort();
  const places = tensor.codebook.map((value) => codebook.indexOf(value + 0));
  return {
    kind,
    shape,
    codebook,
    indices: indices.map((index) => places[index]),
  };
}
