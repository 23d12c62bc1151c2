import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import type { TensorHeader } from "../../infer/stream/code_header.ts";
import type { Geometry } from "../../infer/stream/code_levels.ts";
import type { TensorPlan } from "../../infer/stream/code_tensor.ts";
import type { LevelModel } from "../../infer/stream/level_model.ts";
import { chooseCoding } from "./choose_coding.ts";
import { symbolTensorOf } from "./measure_tensor.ts";

/** How `tensor` is written best under `header`, where `model` has learnt from the tensors before it. */
export function planTensor(
  { tensor, header }: { tensor: EncodedTensor; header: TensorHeader },
  geometry: Geometry,
  model: LevelModel,
): TensorPlan {
  const symbols = symbolTensorOf(tensor, geometry);
  if (!symbols) return { tensor, header };
  return { tensor, header, coding: chooseCoding(symbols, model) };
}
