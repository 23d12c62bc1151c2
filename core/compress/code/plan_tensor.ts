import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import {
  codebookAlphabet,
  levelAlphabet,
  symbolsOf,
} from "../../infer/stream/alphabet.ts";
import type { TensorHeader } from "../../infer/stream/code_header.ts";
import type { Geometry } from "../../infer/stream/code_levels.ts";
import type { TensorPlan } from "../../infer/stream/code_tensor.ts";
import type { LevelModel } from "../../infer/stream/level_model.ts";
import { chooseCoding } from "./choose_coding.ts";

/** How `tensor` is written best under `header`, where `model` has learnt from the tensors before it. */
export function planTensor(
  { tensor, header }: { tensor: EncodedTensor; header: TensorHeader },
  geometry: Geometry,
  model: LevelModel,
): TensorPlan {
  if (tensor.kind === "float") return { tensor, header };
  const alphabet = tensor.kind === "uniform"
    ? levelAlphabet(tensor.bits)
    : codebookAlphabet(tensor.codebook);
  const symbols = symbolsOf(tensor);
  const coding = chooseCoding({ alphabet, geometry, symbols }, model);
  return { tensor, header, coding };
}
