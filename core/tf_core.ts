/**
 * tfjs without its layers, its data API and its backends: what a web page takes of
 * it. In Deno it is the very instance that `tf.ts` exports.
 *
 * @module
 */
export * from "npm:@tensorflow/tfjs-core@4.22.0";
