/**
 * What it takes to use a `.dram` file, in a browser too: no tfjs, no Deno, no
 * package; see {@linkcode load}.
 *
 * @module
 */
export * from "./classification.ts";
export type { Images } from "./count_images.ts";
export * from "./decode_dram.ts";
export * from "./decode_tensor.ts";
export * from "./encoded_tensor.ts";
export { MAX_HALF, roundToHalf } from "./half.ts";
export * from "./inspect_dram.ts";
export * from "./link_text.ts";
export * from "./load.ts";
export * from "./score_answers.ts";
