import { getHeapStatistics } from "node:v8";
import { crc32 } from "node:zlib";
import { assertSameModel } from "../../../../core/compress/same_model.ts";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { decodeDram } from "../../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import type { EncodedModel } from "../../../../core/infer/encoded_tensor.ts";
import { loadEncoded } from "../../../../core/infer/load.ts";
import {
  classCount,
  modelCost,
  weightShapes,
} from "../../../../core/models/cost.ts";

/** The checksum's bytes, at the end of a file. */
const CHECKSUM_BYTES = 4;
/** Longer than any of these small files may take, in ms: it hangs. */
const MOST_MS = 60_000;
/** Weights up to which a model is encoded again, which takes longer than to decode it. */
const MOST_ENCODED = 2 ** 13;
/** Multiply-adds up to which it is run once. */
const MOST_MULTIPLY_ADDS = 1e6;
/** More memory than any of them may take, in bytes. */
const MOST_BYTES = 2 ** 28;

/** What has become of one input. */
export interface Verdict {
  /** "decoded", or the error's kind and message with its numbers left out. */
  outcome: string;
  /** Bytes of the stream behind the model, where that is the trouble. */
  leftOver: number;
  milliseconds: number;
  /** By how much the heap, and memory outside of it, grew. */
  bytes: number;
  /** What must not be, if it was: for the report. */
  violation?: string;
}

/** Whether the checksum is right, by zlib's reckoning. */
function hasRightChecksum(bytes: Uint8Array<ArrayBuffer>): boolean {
  const at = bytes.length - CHECKSUM_BYTES;
  return at >= 0 &&
    crc32(bytes.subarray(0, at)) === new DataView(bytes.buffer).getUint32(at);
}

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** What is wrong with a model that was decoded; undefined if it is a model. */
function findFault(model: EncodedModel): string | undefined {
  const { spec, labels, tensors } = model;
  const shapes = weightShapes(spec);
  if (labels.length !== classCount(spec)) return "labels don't fit the classes";
  if (tensors.length !== shapes.length) return "tensors are missing";
  for (const [index, tensor] of tensors.entries()) {
    if (`${tensor.shape}` !== `${shapes[index]}`) return "a shape is wrong";
    const { values } = decodeTensor(tensor);
    if (values.length !== shapes[index].reduce((a, b) => a * b)) {
      return "a tensor has too few or too many weights";
    }
    if (!values.every(Number.isFinite)) return "a weight is not finite";
  }
  const { parameters, multiplyAdds } = modelCost(spec);
  if (multiplyAdds <= MOST_MULTIPLY_ADDS) {
    const image = new Uint8Array(spec.input.reduce((a, b) => a * b));
    const { logits } = loadEncoded(model).classify(image);
    if (logits.length !== labels.length) return "it can't be run";
  }
  if (parameters > MOST_ENCODED) return;
  assertSameModel(decodeDram(encodeDram(model)), model);
}

/** The kind of error and its message, with `#` for each number or list of them. */
function signatureOf({ name, message }: Error): string {
  const text = message.replace(/-?(0x[\da-f]+|\d[\d.e+-]*)/g, "#")
    .replace(/#((, |×)#)+/g, "#");
  return `${name}: ${text}`;
}

/**
 * Decodes `bytes` as a `.dram`. A violation is: an error that is no `SyntaxError` or
 * `RangeError` of ours, a model that isn't one, one that is not the same when
 * encoded and decoded again, or can't be run, and a model from bytes whose checksum is wrong.
 */
export function judge(bytes: Uint8Array<ArrayBuffer>): Verdict {
  const before = usedBytes();
  const start = performance.now();
  let model: EncodedModel | undefined;
  let outcome = "decoded";
  let violation: string | undefined;
  let leftOver = 0;
  try {
    model = decodeDram(bytes);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    outcome = signatureOf(error);
    leftOver = Number(
      /(\d+) bytes are left over/.exec(error.message)?.[1] ?? 0,
    );
    const ours = error.message.startsWith("Cannot ") &&
      (error instanceof SyntaxError || error instanceof RangeError);
    if (!ours) violation = `it crashed: ${error.stack}`;
  }
  const milliseconds = performance.now() - start;
  const grown = usedBytes() - before;
  if (model) {
    try {
      violation = findFault(model);
    } catch (error) {
      violation = `it can't be encoded again: ${error}`;
    }
    if (!hasRightChecksum(bytes)) violation = "its checksum was wrong";
  }
  if (milliseconds > MOST_MS) violation = `it took ${milliseconds} ms`;
  if (grown > MOST_BYTES) violation = `it took ${grown} bytes`;
  const most = Math.max(0, grown);
  return { outcome, leftOver, milliseconds, bytes: most, violation };
}
