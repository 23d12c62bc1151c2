import { hashValues } from "../core/data/dataset.ts";
import type { FloatArray } from "../core/files/safetensors.ts";
import { classifyLogits } from "../core/infer/classification.ts";
import type { Images } from "../core/infer/count_images.ts";
import {
  directSteps,
  type LayerStep,
} from "../core/infer/direct/direct_steps.ts";
import { WIDE_STEPS } from "../core/infer/direct/wide_steps.ts";
import { modelCost } from "../core/models/cost.ts";
import { listLayers } from "../core/models/layers/layers.ts";
import type { ModelSpec } from "../core/models/spec.ts";

/** A model with its weights as numbers. */
export interface WeighedModel {
  /** Its layers. */
  spec: ModelSpec;
  /** In the order of `weightShapes(spec)`. */
  weights: FloatArray[];
}

/** A model, ready to run. */
interface Prepared {
  /** What its layers before the first dense one compute, as text. */
  trunk: string;
  /** How many steps those take. */
  shared: number;
  steps: LayerStep[];
  largest: number;
  /** Pixels of an image. */
  size: number;
  classes: number;
}

/** What `model` computes before its first dense layer, and how many steps that takes. */
function describeTrunk({ spec, weights }: WeighedModel) {
  const parts: unknown[] = [spec.input];
  const costs = modelCost(spec).layers;
  let [place, taken, shared] = [0, 0, 0];
  for (const layer of spec.layers) {
    const held = listLayers([layer]);
    if (held.some(({ kind }) => kind === "dense")) break;
    for (const { name: _, ...rest } of held) {
      parts.push(Object.entries(rest).toSorted());
      for (const _ of costs[place++].weights) {
        parts.push(hashValues(weights[taken++].values));
      }
    }
    if (layer.kind !== "flatten" && layer.kind !== "dropout") shared++;
  }
  return { trunk: JSON.stringify(parts), shared };
}

function prepare(model: WeighedModel): Prepared {
  const { spec, weights } = model;
  const steps = directSteps(spec, weights, WIDE_STEPS);
  const size = spec.input.reduce((a, b) => a * b);
  return { ...steps, ...describeTrunk(model), size };
}

/** The logits of every model of one family, each `[count, classes]`. */
function runFamily(
  family: Prepared[],
  images: Images,
  [a, b, c]: Float64Array[],
): Float32Array<ArrayBuffer>[] {
  const [{ size, shared, steps }] = family;
  const count = images.length / size;
  const scale = images instanceof Uint8Array ? 255 : 1;
  const logits = family.map(({ classes }) => new Float32Array(count * classes));
  for (let image = 0; image < count; image++) {
    let [features, other] = [a, b];
    for (let i = 0; i < size; i++) {
      features[i] = images[image * size + i] / scale;
    }
    for (const { run } of steps.slice(0, shared)) {
      run(features, other);
      [features, other] = [other, features];
    }
    for (const [index, { steps, classes }] of family.entries()) {
      // The features stay as they are: each model's own steps use the other two.
      let [x, y, z] = [features, other, c];
      for (const { run } of steps.slice(shared)) {
        run(x, y);
        [x, y, z] = [y, z, y];
      }
      logits[index].set(x.subarray(0, classes), image * classes);
    }
  }
  return logits;
}

/** Gives the class of each image `[n, height, width, channels]` by each model, `[models][n]`. */
export type ClassifyAll = (images: Images) => Uint16Array<ArrayBuffer>[];

/**
 * Makes `models`, which read images of one shape, ready to classify them together:
 * as the direct path does, sum by sum. Layers before the first dense one are run once for
 * all models in which they are the same, as students of one teacher have the same
 * convolutions.
 *
 * Throws a `RangeError` where a model is unusable, or weights are not its.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallModel } from "../tests/core/infer/small_model.ts";
 * import { decodeTensor } from "../core/infer/decode_tensor.ts";
 * import { loadEncoded } from "../core/infer/load.ts";
 * import { classifyTogether } from "./classify_together.ts";
 *
 * const model = smallModel();
 * const classify = classifyTogether([{ spec: model.spec, weights: model.tensors.map(decodeTensor) }]);
 * const images = new Uint8Array(784).fill(128);
 * assertEquals([...classify(images)[0]], [...loadEncoded(model).classify(images).classes]);
 * ```
 */
export function classifyTogether(
  models: readonly WeighedModel[],
): ClassifyAll {
  const prepared = models.map(prepare);
  const families = Map.groupBy(prepared, ({ trunk }) => trunk);
  const workspaces = new Map([...families.values()].map((family) => [
    family,
    [0, 1, 2].map(() =>
      new Float64Array(Math.max(...family.map(({ largest }) => largest)))
    ),
  ]));
  return (images) => {
    const answers = new Map<Prepared, Uint16Array<ArrayBuffer>>();
    for (const [family, workspace] of workspaces) {
      const logits = runFamily(family, images, workspace);
      for (const [index, member] of family.entries()) {
        const { classes } = classifyLogits(logits[index], member.classes);
        answers.set(member, Uint16Array.from(classes));
      }
    }
    return prepared.map((member) => answers.get(member) ?? new Uint16Array());
  };
}
