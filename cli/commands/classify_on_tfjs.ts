import { compareAnswers } from "../../core/compress/compare_answers.ts";
import { roundingBounds } from "../../core/compress/rounding_bounds.ts";
import { type Examples, readImages } from "../../core/data/dataset.ts";
import { selectBackend } from "../../core/device/select_backend.ts";
import type { Classification } from "../../core/infer/classification.ts";
import { classifyParts } from "../../core/infer/classify_parts.ts";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../core/infer/decode_tensor.ts";
import { load } from "../../core/infer/load.ts";
import { loadOnTfjs } from "../../core/infer/tfjs/load_on_tfjs.ts";
import type { Io } from "../command.ts";

/** Images by which a backend proves that it computes what it should. */
const PROOF = 100;

/**
 * What the model in `bytes` says of all of `examples` on a tfjs backend. Throws an
 * `Error` where the first of them are answered unlike on the direct path.
 */
export async function classifyOnTfjs(
  bytes: Uint8Array<ArrayBuffer>,
  examples: Examples,
  backend: "cpu" | "wasm" | "webgpu",
  io: Io,
): Promise<Classification> {
  io.note((await selectBackend(backend)).reason);
  using model = loadOnTfjs(bytes);
  const answers = await classifyParts(model.classify, examples);
  const first = readImages(examples, 0, Math.min(PROOF, examples.count));
  const { logits } = load(bytes).classify(first);
  const { spec, tensors } = decodeDram(bytes);
  const bounds = roundingBounds(spec, tensors.map(decodeTensor), first);
  const width = answers.logits.length / examples.count;
  const proof = answers.logits.slice(0, logits.length);
  compareAnswers({ logits, bounds, width }, proof, backend);
  return answers;
}
