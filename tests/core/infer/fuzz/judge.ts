import { getHeapStatistics } from "node:v8";
import { assertSameModel } from "../../../../core/compress/certificate.ts";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { readDrawing } from "../../../../core/data/drawing/read_drawing.ts";
import { decodeDram, peekDram } from "../../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import type { DramBudget } from "../../../../core/infer/dram_budget.ts";
import { unframeStream } from "../../../../core/infer/dram_frame.ts";
import type { EncodedModel } from "../../../../core/infer/encoded_tensor.ts";
import { type DirectModel, loadEncoded } from "../../../../core/infer/load.ts";
import { decodeShareLink } from "../../../../core/infer/share_link/decode_share_link.ts";
import { loadPlain } from "../../../../core/infer/load_plain.ts";
import { classCount, weightShapes } from "../../../../core/models/cost.ts";
import { checkSpec } from "../../../../core/models/spec.ts";
import { readDecisions, writeDecisions } from "./decisions.ts";
import type { Input } from "./draw_input.ts";
import { hasRightChecksum } from "./fix_frame.ts";

/** Longer than any input may take to be refused or decoded, in ms, on a machine that does much else. */
const MOST_MS = 5_000;
/** More than what an input holds may grow by: what is garbage by then. */
const MOST_GARBAGE = 2 ** 25;
/** Operations up to which a model is run. */
const MOST_OPERATIONS = 2 ** 18;

/** What has become of one input. */
export interface Verdict {
  /** "decoded", or the error's kind and message with its numbers left out. */
  outcome: string;
  milliseconds: number;
  /** By how much the heap, and memory outside of it, grew. */
  bytes: number;
  /** What must not be, if it was. */
  violation?: string;
}

/** How thoroughly an input is judged. */
export interface JudgeOptions {
  budget: Partial<DramBudget>;
  /** Whether what was decoded is encoded anew, in the ways that take fewest bits. */
  encode: boolean;
}

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** The kind of error and its message, with `#` for each number, list of them, or text of the input. */
function signatureOf({ name, message }: Error): string {
  const text = message.replace(/it holds ".*"/s, "it holds …")
    .replace(/-?(0x[\da-f]+|\d[\d.e+-]*)/g, "#")
    .replace(/#((, |×)#)+/g, "#");
  return `${name}: ${text}`;
}

/** Whether `error` is one that a reader may give, of kinds and words that a caller can rely on. */
function isRefusal(error: unknown, begins: string): error is Error {
  return (error instanceof SyntaxError || error instanceof RangeError) &&
    error.message.startsWith(begins);
}

/** What a model says of one image; "overflow" where its sums do. */
function classify(
  { spec, classify }: DirectModel,
): Float32Array | "overflow" {
  const length = spec.input.reduce((a, b) => a * b);
  const image = Uint8Array.from({ length }, (_, i) => i * 89 & 255);
  try {
    return classify(image).logits;
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof RangeError && message.includes("must be finite")) {
      return "overflow";
    }
    throw error;
  }
}

function isSame(
  a: Float32Array | "overflow",
  b: Float32Array | "overflow",
): boolean {
  return a === b || typeof a !== "string" && typeof b !== "string" &&
      a.length === b.length && a.every((z, i) => z === b[i]);
}

/** Whether `loadPlain` refuses a file of versions 3 and 4, and reads others to the same answer. */
function isPlainAlike(
  bytes: Uint8Array<ArrayBuffer>,
  { logits, budget }: {
    logits: Float32Array | "overflow";
    budget: Partial<DramBudget>;
  },
): boolean {
  const { version } = unframeStream(bytes);
  try {
    const plain = loadPlain(bytes, { budget });
    return version < 3 && isSame(logits, classify(plain));
  } catch (error) {
    return version >= 3 && error instanceof SyntaxError &&
      error.message.includes(`of version ${version}`);
  }
}

/** What is wrong with a model that was decoded; undefined if it is a model. */
function findFault(model: EncodedModel): string | undefined {
  const { spec, labels, tensors } = model;
  checkSpec(spec);
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
}

/** What is wrong with what `bytes` were decoded to, by running it, and by writing and reading it again. */
function findDifference(
  bytes: Uint8Array<ArrayBuffer>,
  model: EncodedModel,
  { expected, budget, encode }: JudgeOptions & { expected?: EncodedModel },
): string | undefined {
  const logits = classify(loadEncoded(model));
  if (!isPlainAlike(bytes, { logits, budget })) {
    return "the plain reader answers otherwise";
  }
  if (logits !== "overflow") {
    if (logits.length !== model.labels.length) return "it can't be run";
    if (!logits.every(Number.isFinite)) return "a logit is not finite";
  }
  const written = expected ?? decodeDram(
    writeDecisions(readDecisions(bytes), { draw: () => 0, budget }).bytes,
    { budget },
  );
  if (!isSame(logits, classify(loadEncoded(written)))) {
    return "it answers otherwise";
  }
  if (!encode) return;
  const peeked = peekDram(bytes, { budget });
  if (`${peeked.labels}` !== `${model.labels}`) return "its shape is another";
  const again = decodeDram(encodeDram(model));
  assertSameModel(again, model);
  if (!isSame(logits, classify(loadEncoded(again)))) {
    return "encoded, it answers otherwise";
  }
}

/**
 * Decodes the file `bytes`, runs what it holds, and writes and reads that again. A
 * violation is: an error that is no `SyntaxError` or `RangeError` of ours, a whole file
 * that is refused, a model that isn't one, one that answers otherwise after it was
 * written again, an answer that isn't finite, a model from bytes whose checksum is
 * wrong, and time or memory beyond what the budget allows.
 */
function judgeFile(
  input: Extract<Input, { bytes: unknown }>,
  options: JudgeOptions,
): Verdict {
  const { bytes } = input;
  const before = usedBytes();
  const start = performance.now();
  let outcome = "decoded";
  let violation: string | undefined;
  let model: EncodedModel | undefined;
  try {
    model = decodeDram(bytes, options);
  } catch (error) {
    if (isRefusal(error, "Cannot ")) {
      outcome = signatureOf(error);
      if (input.model) violation = `it was refused: ${error.message}`;
    } else {
      violation = `it crashed: ${error instanceof Error ? error.stack : error}`;
    }
  }
  const milliseconds = performance.now() - start;
  const grown = usedBytes() - before;
  if (model) {
    try {
      violation = findFault(model);
      const { memory, operations } = peekDram(bytes, options).cost;
      if (grown > memory + MOST_GARBAGE) violation = `it took ${grown} bytes`;
      if (!violation && operations <= MOST_OPERATIONS) {
        const { model: coded } = input;
        const expected = coded &&
          { ...coded, tensors: coded.tensors.map(({ tensor }) => tensor) };
        violation = findDifference(bytes, model, { ...options, expected });
      }
    } catch (error) {
      violation = `it can't be run or written again: ${
        error instanceof Error ? error.stack : error
      }`;
    }
    if (!hasRightChecksum(bytes)) violation = "its checksum was wrong";
  } else if (grown > MOST_GARBAGE) {
    violation = `it took ${grown} bytes to be refused`;
  }
  return { outcome, milliseconds, bytes: Math.max(0, grown), violation };
}

/** Reads a link, and its drawing and model; a violation is what it is for a file, and a link that lost what it held. */
function judgeLink(
  { link, dram }: Extract<Input, { link: unknown }>,
  { budget }: JudgeOptions,
): Verdict {
  const before = usedBytes();
  const start = performance.now();
  let outcome = "link: decoded";
  let violation: string | undefined;
  try {
    const share = decodeShareLink(link);
    if (share) {
      if (dram && share.dram.toHex() !== dram.toHex()) {
        violation = "it holds another model";
      }
      const image = readDrawing(share.drawing);
      if (image && !image.every((ink) => ink >= 0 && ink <= 1)) {
        violation = "its drawing has no pixels";
      }
      decodeDram(share.dram, { budget });
    } else {
      outcome = "link: none";
      if (dram) violation = "it holds nothing";
    }
  } catch (error) {
    if (isRefusal(error, "This link ")) {
      outcome = `link: ${signatureOf(error)}`;
      if (dram) violation = `it was refused: ${error.message}`;
    } else if (isRefusal(error, "Cannot ")) {
      outcome = `link: ${signatureOf(error)}`;
    } else {
      violation = `it crashed: ${error instanceof Error ? error.stack : error}`;
    }
  }
  const milliseconds = performance.now() - start;
  const bytes = Math.max(0, usedBytes() - before);
  return { outcome, milliseconds, bytes, violation };
}

/** What becomes of `input`; one that took too long gets two more tries, for the machine may have been busy. */
export function judge(input: Input, options: JudgeOptions): Verdict {
  const tryOnce = () =>
    "bytes" in input ? judgeFile(input, options) : judgeLink(input, options);
  let verdict = tryOnce();
  for (let again = 0; again < 2 && verdict.milliseconds > MOST_MS; again++) {
    verdict = tryOnce();
  }
  if (verdict.milliseconds <= MOST_MS) return verdict;
  return { ...verdict, violation: `it took ${verdict.milliseconds} ms` };
}
