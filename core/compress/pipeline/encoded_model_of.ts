import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import { withoutDropout } from "../../models/spec.ts";
import type { StageResult } from "./stage_result.ts";

/** The model after a stage as a file holds it: without dropout, which does nothing there. */
export function encodedModelOf(
  { model: { spec }, tensors }: StageResult,
  labels: string[],
): EncodedModel {
  return { spec: withoutDropout(spec), labels, tensors };
}
