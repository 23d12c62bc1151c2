import type * as tf from "../../../tf.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import { checkInputShape, readInput } from "../../kernel_arguments.ts";
import { MIXED_LOSS, SCRATCH_ROWS } from "./mixed_loss_wat.ts";

function checkLabels(labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    if (!(labels[i] >= 0 && labels[i] < classes)) {
      throw new RangeError(
        `Cannot compute losses: labels must be from 0 to ${
          classes - 1
        }: current value is ${labels[i]}`,
      );
    }
  }
}

/**
 * Kernel `RetortMixedLoss`: losses `[n, S]` and their gradient by the logits,
 * `[n, S, C]`; see `mixedLoss` of core/kernels/ops for the formula. A NaN logit
 * makes its row's loss and gradient NaN.
 *
 * Throws a `RangeError` where a label is no class.
 */
export const mixedLoss: tf.KernelFunc = ({ inputs, backend }) => {
  const wasm = asWasmBackend(backend);
  const logits = readInput(inputs, "logits");
  const labels = readInput(inputs, "labels", "int32");
  const teacherLogits = readInput(inputs, "teacherLogits");
  const terms = readInput(inputs, "terms");
  const [examples, members, classes] = logits.shape;
  checkInputShape("labels", labels, [examples]);
  checkInputShape("teacherLogits", teacherLogits, [examples, classes]);
  checkInputShape("terms", terms, [members, 4]);
  checkLabels(wasm.typedArrayFromHeap(labels), classes);
  const losses = makeOutput(wasm, [examples, members], "float32");
  const gradient = makeOutput(wasm, logits.shape, "float32");
  const width = 4 * Math.ceil(classes / 4);
  const scratch = makeOutput(wasm, [SCRATCH_ROWS, width], "int32");
  // The views come last: an allocation may move the heap.
  wasm.typedArrayFromHeap(scratch).fill(0, classes, width).fill(-1, 0, classes);
  if (classes > 0) {
    heapFunctions(wasm, "mixed_loss", MIXED_LOSS).mixedLoss(
      ...[logits, labels, teacherLogits, terms, losses, gradient, scratch]
        .map((tensor) => heapOffset(wasm, tensor)),
      examples,
      members,
      classes,
    );
  }
  wasm.disposeData(scratch.dataId);
  return [losses, gradient];
};
