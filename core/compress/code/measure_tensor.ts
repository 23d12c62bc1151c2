import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import {
  codebookAlphabet,
  levelAlphabet,
  symbolsOf,
} from "../../infer/stream/alphabet.ts";
import { codeLevels, type Geometry } from "../../infer/stream/code_levels.ts";
import { isRow, type SymbolTensor } from "../../infer/stream/code_symbols.ts";
import type { LevelModel } from "../../infer/stream/level_model.ts";
import { BitMeter } from "./bit_meter.ts";
import { chooseCoding, measureCoding } from "./choose_coding.ts";

/** A tensor's weights as symbols; `undefined` of plain numbers. */
export function symbolTensorOf(
  tensor: EncodedTensor,
  geometry: Geometry,
): SymbolTensor | undefined {
  if (tensor.kind === "float") return undefined;
  const alphabet = tensor.kind === "uniform"
    ? levelAlphabet(tensor.bits)
    : codebookAlphabet(tensor.codebook);
  return { alphabet, geometry, symbols: symbolsOf(tensor) };
}

/**
 * Bits of a tensor's weights, where `model` has learnt from the tensors before:
 * biases coded in the best way, all others adaptively.
 */
export function measureTensor(
  tensor: SymbolTensor | undefined,
  model: LevelModel,
): number {
  if (!tensor) return 0;
  const coding = isRow(tensor.geometry)
    ? chooseCoding(tensor, model)
    : { kind: "adaptive" } as const;
  return measureCoding(tensor, coding, model);
}

/** Teaches `model` a tensor that is coded adaptively. */
export function learnTensor(
  tensor: SymbolTensor | undefined,
  model: LevelModel,
): void {
  if (tensor) codeLevels(new BitMeter(), model, tensor);
}
