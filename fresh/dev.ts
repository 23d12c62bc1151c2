/**
 * The part of "fresh/dev" that the app uses: builds the app, for a folder or
 * in memory, and serves it while it is written.
 *
 * @module
 */
export { Builder, type BuildOptions } from "./dev/builder.ts";
