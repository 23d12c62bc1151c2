import { gzipSync } from "node:zlib";
import { bundleForBrowser } from "../../bundle_for_browser.ts";

/** What a browser loads to run a `.dram` file: decoder and direct path, bundled. */
export interface DecoderSize {
  /** Of the minified bundle. */
  bytes: number;
  /** Of that, gzipped. */
  gzipped: number;
}

/** The decoder and the direct path as one minified module, for browsers. */
export function bundleDecoder(): Promise<Uint8Array<ArrayBuffer>> {
  const entry = new URL("../../../core/infer/load.ts", import.meta.url);
  return bundleForBrowser(entry);
}

/** Bundles the decoder and the direct path, and measures them. */
export async function measureDecoder(): Promise<DecoderSize> {
  const bundle = await bundleDecoder();
  const gzipped = gzipSync(bundle, { level: 9 }).length;
  return { bytes: bundle.length, gzipped };
}

if (import.meta.main) console.log(JSON.stringify(await measureDecoder()));
