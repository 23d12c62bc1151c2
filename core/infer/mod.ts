/**
 * What it takes to use a `.dram` file, in a browser too: no tfjs, no Deno, no
 * package; see {@linkcode load}. What one draws becomes what a model sees by
 * {@linkcode readDrawing}, and goes with the model into a link by
 * {@linkcode encodeShareLink}.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { load, readDrawing } from "./mod.ts";
 *
 * const { classify, labels } = load(await Deno.readFile("models/compact/digits-99.dram"));
 * const strokes = [{ points: [{ x: 14, y: 4 }, { x: 14, y: 24 }] }]; // one line down
 * const image = readDrawing({ strokes, image: null }); // [28, 28]; null where nothing is drawn
 * assertEquals(image && labels[classify(image).classes[0]], "1");
 * ```
 *
 * @module
 */
export type { ImageShape } from "../data/dataset.ts";
export * from "../data/drawing/drawing.ts";
export { normaliseImage } from "../data/drawing/normalise_image.ts";
export * from "../data/drawing/rasterise_strokes.ts";
export * from "../data/drawing/read_drawing.ts";
export { snapPoint } from "../data/drawing/snap_point.ts";
export type { FloatArray } from "../files/safetensors.ts";
export type {
  Activation,
  ActivationFields,
  ConvolutionFields,
  Extent,
  LayerFields,
  LayerKind,
  LayerSpec,
  ModelSpec,
  Padding,
  WindowFields,
} from "../models/spec.ts";
export * from "./classification.ts";
export type { Images } from "./count_images.ts";
export * from "./decode_dram.ts";
export * from "./decode_tensor.ts";
export { DRAM_BUDGET, type DramBudget } from "./dram_budget.ts";
export * from "./encoded_tensor.ts";
export type { DramVersion } from "./dram_frame.ts";
export { MAX_HALF, roundToHalf } from "./half.ts";
export * from "./inspect_dram.ts";
export * from "./link_text.ts";
export * from "./load.ts";
export * from "./load_integers.ts";
export * from "./load_plain.ts";
export * from "./measure_dram_cost.ts";
export * from "./score_answers.ts";
export * from "./share_link/clean_link_text.ts";
export * from "./share_link/decode_share_link.ts";
export * from "./share_link/encode_share_link.ts";
export type { ShareLink } from "./share_link/share_link.ts";
