import type { FloatArray } from "../../core/files/safetensors.ts";
import { initialWeights } from "../../core/models/initialise.ts";
import { loadShippedTeacher } from "../../core/models/shipped_teacher.ts";
import type { ModelSpec } from "../../core/models/spec.ts";
import { randomStream } from "../../core/random/stream.ts";
import { boxSpec } from "../operations.ts";
import type { BoxNetwork } from "../task.ts";

/** A network that is run as a black box, and by its runtime alone. */
export async function loadBoxNetwork(
  network: BoxNetwork,
): Promise<{ spec: ModelSpec; weights: FloatArray[] }> {
  if (network === "teacher") return await loadShippedTeacher();
  const spec = boxSpec(network);
  return { spec, weights: initialWeights(spec, 1) };
}

/** So many bytes of images. */
export function boxImages(bytes: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(1, "images");
  return Uint8Array.from({ length: bytes }, () => random.below(256));
}
