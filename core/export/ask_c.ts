import type { EncodedModel } from "../infer/encoded_tensor.ts";
import { EXPORTERS } from "./exporters.ts";
import type { RuntimeAnswer } from "./exporter.ts";

/**
 * The logits of `images` by the C export of `model`, compiled by what compiler there is; or
 * why there is none. For `certify`, which asks it of a model of integers.
 */
export async function askC(
  model: EncodedModel,
  images: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<RuntimeAnswer> {
  const { files } = await EXPORTERS.c.write(model, "model");
  const [height, width, channels] = model.spec.input;
  return await EXPORTERS.c.ask({
    files,
    input: [height, width, channels],
    classes: model.labels.length,
    images,
    signal,
  });
}
