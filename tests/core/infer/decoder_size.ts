import { gzipSync } from "node:zlib";
import { bundleForBrowser } from "../../bundle_for_browser.ts";

/** What a browser loads to run a `.dram` file: decoder and direct path, bundled. */
export interface DecoderSize {
  /** Of the minified bundle. */
  bytes: number;
  /** Of that, gzipped. */
  gzipped: number;
}

/**
 * The decoder and the direct path as one minified module, for browsers: by `load`, or,
 * for files of versions 1 and 2 alone, by `loadPlain`.
 */
export function bundleDecoder(
  entry: "load" | "load_plain" | "load_integers",
): Promise<Uint8Array<ArrayBuffer>> {
  return bundleForBrowser(
    new URL(`../../../core/infer/${entry}.ts`, import.meta.url),
  );
}

/** Bundles the decoder and the direct path, and measures them. */
export async function measureDecoder(
  entry: "load" | "load_plain" | "load_integers",
): Promise<DecoderSize> {
  const bundle = await bundleDecoder(entry);
  const gzipped = gzipSync(bundle, { level: 9 }).length;
  return { bytes: bundle.length, gzipped };
}

if (import.meta.main) {
  const loadPlain = await measureDecoder("load_plain");
  console.log(
    JSON.stringify({
      loadPlain,
      load: await measureDecoder("load"),
      loadIntegers: await measureDecoder("load_integers"),
    }),
  );
}
