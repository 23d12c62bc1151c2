import { selectBackend } from "../../../../core/device/select_backend.ts";
import { decodeDram } from "../../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { buildModel } from "../../../../core/models/build_model.ts";
import { collectArtifacts } from "../../../../core/models/save_model.ts";
import { wasmBinaryFolder } from "../../../../core/tf.ts";
import { bundleForBrowser } from "../../../bundle_for_browser.ts";

/** The pages of stock tfjs. */
export const STOCK_PAGES = ["default", "wasm"] as const;

const WASM_FILES = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"];

function htmlOf(name: string, image: Float32Array): string {
  const pixels = JSON.stringify([...image].map((x) => Number(x.toFixed(4))));
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Stock tfjs</title><link rel="modulepreload" href="/${name}.js"></head><body><p data-testid="answer"></p><script type="application/json" id="image">${pixels}</script><script type="module" src="/${name}.js"></script></body></html>`;
}

/**
 * The files, by their paths, of pages that classify `image` with stock tfjs by the
 * model of the `.dram` file `dram`, saved as tfjs saves models.
 */
export async function buildStock(
  dram: Uint8Array,
  image: Float32Array,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of STOCK_PAGES) {
    files.set(`/${name}`, encode(htmlOf(name, image)));
    const entry = new URL(`${name}_page.ts`, import.meta.url);
    files.set(`/${name}.js`, await bundleForBrowser(entry));
  }
  await selectBackend("cpu");
  const { spec, tensors } = decodeDram(dram);
  const model = buildModel(spec, tensors.map(decodeTensor));
  const { json, data } = await collectArtifacts(model);
  model.dispose();
  files.set("/model/model.json", encode(json));
  files.set("/model/weights.bin", new Uint8Array(data));
  for (const name of WASM_FILES) {
    files.set(
      `/wasm/${name}`,
      await Deno.readFile(`${wasmBinaryFolder()}${name}`),
    );
  }
  return files;
}
