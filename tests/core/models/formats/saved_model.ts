/**
 * A model folder as text and bytes, to be changed into what others write.
 *
 * @module
 */
import { initialWeights } from "../../../../core/models/initialise.ts";
import { saveModel } from "../../../../core/models/save_model.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import { MANIFEST } from "../tiny_folder.ts";

/** Two dense layers of one shape, which by place nobody could tell apart. */
export const SPEC: ModelSpec = {
  name: "twins",
  input: [6, 6, 1],
  layers: [
    { kind: "conv2d", name: "conv", filters: 2, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout", rate: 0.5 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "first", units: 8, activation: "relu" },
    { kind: "dense", name: "second", units: 8, activation: "relu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};
/** Its weights, no two layers' the same. */
export const WEIGHTS = initialWeights(SPEC, 1).map((
  { shape, values },
  index,
) => ({
  shape,
  values: shape.length > 1 ? values : values.fill(index / 8),
}));

interface Entry {
  name: string;
  [key: string]: unknown;
}
interface SavedLayer extends Record<string, unknown> {
  class_name: string;
  config: Record<string, unknown>;
}

/** A saved model, to be changed. */
export class Saved {
  constructor(
    readonly json: Record<string, unknown>,
    readonly topology: Record<string, unknown>,
    readonly model: Record<string, unknown>,
    readonly layers: SavedLayer[],
    readonly group: { paths: unknown[]; weights: Entry[] },
    public bytes: Uint8Array<ArrayBuffer>,
    /** What `model.json` holds, where it isn't `json`. */
    public text?: string,
  ) {}

  /** The layer called `name`. */
  layer(name: string): SavedLayer {
    const found = this.layers.find(({ config }) => config.name === name);
    if (!found) throw new Error(`There is no layer ${name}`);
    return found;
  }

  /** Sets `keys` in the configuration of the layer called `name`. */
  set(name: string, keys: Record<string, unknown>): void {
    Object.assign(this.layer(name).config, keys);
  }

  /** The weights in the order of `places`, their bytes too. */
  reorder(places: number[]): void {
    const parts = WEIGHTS.map(({ values }) => new Uint8Array(values.buffer));
    const { weights } = this.group;
    this.group.weights = places.map((place) => weights[place]);
    const sorted = places.map((place) => parts[place]);
    const length = sorted.reduce((sum, part) => sum + part.length, 0);
    this.bytes = new Uint8Array(length);
    let at = 0;
    for (const part of sorted) {
      this.bytes.set(part, at);
      at += part.length;
    }
  }
}

/** Saves the model, `change`d, in a folder that is there while `use` runs. */
export async function withSaved(
  change: (saved: Saved) => unknown,
  use: (folder: string) => Promise<unknown>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await saveModel(folder, WEIGHTS, { ...MANIFEST, spec: SPEC });
    const json = JSON.parse(await Deno.readTextFile(`${folder}/model.json`));
    const saved = new Saved(
      json,
      json.modelTopology,
      json.modelTopology.config,
      json.modelTopology.config.layers,
      json.weightsManifest[0],
      await Deno.readFile(`${folder}/weights.bin`),
    );
    change(saved);
    await Deno.writeTextFile(
      `${folder}/model.json`,
      saved.text ?? JSON.stringify(json),
    );
    await Deno.writeFile(`${folder}/weights.bin`, saved.bytes);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
