import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import type { StageResult } from "./stage_result.ts";

/** The model after a stage as a file holds it: without dropout, which does nothing there. */
export function encodedModelOf(
  { model: { spec }, tensors }: StageResult,
  labels: string[],
): EncodedModel {
  const layers = spec.layers.filter(({ kind }) => kind !== "dropout");
  return { spec: { ...spec, layers }, labels, tensors };
}
