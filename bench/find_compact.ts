import type { CompactConfiguration } from "../core/compress/compact/compact_configuration.ts";
import { readImages } from "../core/data/dataset.ts";
import { loadMnist } from "../core/data/mnist.ts";
import { isRecord, parseJsonObject } from "../core/files/json.ts";
import { decodeDram } from "../core/infer/decode_dram.ts";
import { modelCost } from "../core/models/cost.ts";
import type { ModelSpec } from "../core/models/spec.ts";

/** Test accuracy that a compact model must have to be measured. */
const ACCURACY = 0.99;
/** Images that are classified in turn. */
const IMAGES = 8;

/** A `.dram` file to run, and what on. */
export interface CompactModel {
  /** The file's name, without its ending. */
  name: string;
  /** The file's path. */
  file: string;
  /** Pixels of some of MNIST's test images. */
  images: number[];
  multiplyAdds: number;
}

/** What one of the shipped files was trained by. */
export interface CompactRecipe {
  /** The file's name, without its ending. */
  name: string;
  spec: ModelSpec;
  configuration: CompactConfiguration;
}

/** Files whose recipes are measured. */
export const RECIPES = ["digits-95", "digits-98", "digits-99"] as const;

/** The recipes of the files in `folder` called {@linkcode RECIPES}, as their manifests tell them. */
export async function readRecipes(folder: string): Promise<CompactRecipe[]> {
  return await Promise.all(RECIPES.map(async (name) => {
    const path = `${folder}/${name}.json`;
    const { spec, configuration } = JSON.parse(await Deno.readTextFile(path));
    return { name, spec, configuration };
  }));
}

/** The accuracy on test images that the manifest of a `.dram` file tells; 0 without one. */
async function accuracyOf(file: string): Promise<number> {
  const path = file.replace(/\.dram$/, ".json");
  try {
    const { scores } = parseJsonObject(await Deno.readTextFile(path), path);
    const test = isRecord(scores) ? scores.test : undefined;
    const accuracy = isRecord(test) ? test.accuracy : undefined;
    return typeof accuracy === "number" ? accuracy : 0;
  } catch {
    return 0;
  }
}

/**
 * The smallest `.dram` file in `folder` whose manifest tells a test accuracy of at
 * least 0.99. Throws an `Error` where there is none.
 */
export async function findCompact(folder: string): Promise<CompactModel> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)
    .catch(() => []);
  let best: { file: string; bytes: Uint8Array<ArrayBuffer> } | undefined;
  for (const name of names.filter((name) => name.endsWith(".dram")).sort()) {
    const file = `${folder}/${name}`;
    if (await accuracyOf(file) < ACCURACY) continue;
    const bytes = await Deno.readFile(file);
    if (!best || bytes.length < best.bytes.length) best = { file, bytes };
  }
  if (!best) {
    throw new Error(
      `no .dram file in ${folder} has a test accuracy of ${ACCURACY}`,
    );
  }
  const { test } = await loadMnist();
  return {
    name: best.file.slice(folder.length + 1, -".dram".length),
    file: best.file,
    images: [...readImages(test, 0, IMAGES)],
    multiplyAdds: modelCost(decodeDram(best.bytes).spec).multiplyAdds,
  };
}
