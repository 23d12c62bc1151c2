/**
 * The part of "fresh/runtime" that the app uses.
 *
 * @module
 */
export { asset } from "./asset.ts";
export { Head } from "./head.ts";
