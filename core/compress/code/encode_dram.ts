import { checkDramCost } from "../../infer/dram_budget.ts";
import { frameStream } from "../../infer/dram_frame.ts";
import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import { versionFor } from "../../infer/stream/code_layers.ts";
import { codeModel } from "../../infer/stream/code_model.ts";
import { codeTensor, startTensors } from "../../infer/stream/code_tensor.ts";
import { tensorGeometries } from "../../infer/stream/tensor_geometries.ts";
import { BitMeter } from "./bit_meter.ts";
import { canonicalTensor } from "./canonical_tensor.ts";
import { chooseHeaders } from "./choose_headers.ts";
import { checkEncodable } from "./check_encodable.ts";
import { planTensor } from "./plan_tensor.ts";
import { RangeEncoder } from "./range_encoder.ts";

/**
 * The `.dram` file of `model`: each tensor coded in the way that takes fewest
 * bits. The same model gives the same bytes on every machine.
 *
 * `decodeDram` gives back the same labels and weights, bit for bit (but that −0 may
 * become 0); names of the
 * model and of layers are not stored, and codebooks come back in ascending order.
 * Throws a `RangeError` where a file can't hold the model as it is, or would
 * cost more than `DRAM_BUDGET`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeDram } from "../../infer/decode_dram.ts";
 * import { encodeDram } from "./encode_dram.ts";
 *
 * const tensors = [
 *   { kind: "uniform", shape: [4, 2], bits: 2, scale: Float32Array.of(0.5), levels: Int8Array.of(0, 1, -1, 0, 0, 1, 1, -2) },
 *   { kind: "float", shape: [2], bits: 16, values: Float32Array.of(0.25, -1) },
 * ] as const;
 * const bytes = encodeDram({
 *   spec: {
 *     name: "tiny",
 *     input: [2, 2, 1],
 *     layers: [
 *       { kind: "flatten", name: "flatten" },
 *       { kind: "dense", name: "dense", units: 2, activation: "linear" },
 *       { kind: "softmax", name: "softmax" },
 *     ],
 *   },
 *   labels: ["0", "1"],
 *   tensors: tensors.map((tensor) => ({ ...tensor, shape: [...tensor.shape] })),
 * });
 * assertEquals(decodeDram(bytes).tensors.map(({ kind }) => kind), ["uniform", "float"]);
 * ```
 */
export function encodeDram(model: EncodedModel): Uint8Array<ArrayBuffer> {
  checkEncodable(model);
  const { spec, labels } = model;
  const geometries = tensorGeometries(spec);
  const context = startTensors();
  const canonical = model.tensors.map(canonicalTensor);
  const headers = chooseHeaders(canonical);
  const tensors = canonical.map((tensor, index) => {
    const geometry = geometries[index];
    const header = headers[index];
    const plan = planTensor({ tensor, header }, geometry, context.model);
    const { shape } = tensor;
    // Passed for what the model learns from it.
    codeTensor(new BitMeter(), context, { shape, geometry, plan });
    return plan;
  });
  const encoder = new RangeEncoder();
  const version = versionFor(spec.layers);
  codeModel(encoder, { version, plan: { spec, labels, tensors } });
  const bytes = frameStream(encoder.finish(), version);
  checkDramCost(spec, { bytes: bytes.length });
  return bytes;
}
