import type { Examples } from "../core/data/dataset.ts";
import { decodeDram } from "../core/infer/decode_dram.ts";
import { inspectDram } from "../core/infer/inspect_dram.ts";
import { loadEncoded } from "../core/infer/load.ts";
import { modelCost } from "../core/models/cost.ts";
import { countConfusions } from "../core/sweep/summarise_study.ts";
import type { InsideGap, SiteInside } from "./inside_data.ts";
import { copyFilters } from "./inside/copy_filters.ts";
import { divideBytes } from "./inside/divide_bytes.ts";
import { listDisagreements } from "./inside/list_disagreements.ts";
import { listTensors } from "./inside/list_tensors.ts";
import { pictureBorder } from "./inside/picture_border.ts";
import { pictureFeatures } from "./inside/picture_features.ts";
import { pictureMasks } from "./inside/picture_masks.ts";
import { pictureUnits, readsImage } from "./inside/picture_units.ts";
import { roundFraction } from "./inside/round_fraction.ts";
import { weighedLayers } from "./inside/weighed_layers.ts";

/** A model to look into, and what it was seen to do. */
export interface InspectedModel {
  /** Its name, as in `SiteModel`. */
  name: string;
  /** Its file. */
  dram: Uint8Array;
  /** The test images, of one channel. */
  test: Examples;
  /** The class that the file gives to each of them. */
  classes: ArrayLike<number>;
  /** The teacher's; null where the model is the teacher. */
  teacher: ArrayLike<number> | null;
  /** Pixels that are the same in all images to learn from: see `findBlankPixels`. */
  blank: readonly boolean[];
}

/** What `inside` has nothing to show of, and why. */
function listGaps(inside: Omit<SiteInside, "gaps">): InsideGap[] {
  const { filters, units, features, masks, disagreement } = inside;
  const gaps: (InsideGap | false)[] = [
    !filters && {
      section: "filters",
      why: "Its first layer is no convolution: it has no filters.",
    },
    !units && {
      section: "units",
      why: "Its first layer is no dense one: no weight belongs to one pixel.",
    },
    !features && {
      section: "features",
      why: units
        ? "It has no convolutions before its dense layers."
        : "Its dense layer reads a map of fewer than 6×6 places: too few for a picture.",
    },
    masks.length === 0 && {
      section: "masks",
      why: "No layer of it is pruned: less than half of each is zeros.",
    },
    !disagreement && {
      section: "disagreement",
      why: "It is the teacher: it agrees with itself.",
    },
  ];
  return gaps.filter((gap) => gap !== false);
}

/**
 * What the Inside page shows of a model: its first layer, what was removed, where
 * the bytes of its file go, what it takes for what, and where it and the teacher
 * disagree. Deterministic; runs the model itself, in plain TypeScript, for at most
 * 24 images.
 *
 * Throws what `decodeDram` throws, and a `RangeError` where answers are missing or
 * the images are not the model's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../tests/core/infer/small_model.ts";
 * import { inspectModel } from "./inspect_model.ts";
 *
 * const inside = inspectModel({
 *   name: "small",
 *   dram: smallDram(),
 *   test: { count: 2, shape: [28, 28, 1], images: new Uint8Array(2 * 784), labels: Uint8Array.of(3, 4) },
 *   classes: [3, 3],
 *   teacher: [3, 4],
 *   blank: new Array(784).fill(true),
 * });
 * assertEquals([inside.confusion[3][3], inside.confusion[4][3], inside.disagreement?.count], [1, 1, 1]);
 * ```
 */
export function inspectModel(
  { name, dram, test, classes, teacher, blank }: InspectedModel,
): SiteInside {
  for (const answers of [classes, teacher ?? classes]) {
    if (answers.length !== test.count) {
      throw new RangeError(
        `Cannot inspect ${name}: it must have a class for each of ${test.count} images: it has ${answers.length}`,
      );
    }
  }
  const model = decodeDram(dram);
  const { spec } = model;
  if (spec.input.join() !== test.shape.join() || spec.input[2] !== 1) {
    throw new RangeError(
      `Cannot inspect ${name}: images must be ${
        spec.input.join("×")
      } and of one channel: they are ${test.shape.join("×")}`,
    );
  }
  const layers = weighedLayers(model);
  const [first] = layers;
  const inspection = inspectDram(dram);
  const zeros = inspection.tensors.reduce((sum, { zeros }) => sum + zeros, 0);
  const inside = {
    name,
    bytes: dram.length,
    parameters: inspection.parameters,
    left: inspection.parameters - zeros,
    multiplyAdds: modelCost(spec).multiplyAdds,
    bitsPerWeight: roundFraction(inspection.bitsPerWeight),
    parts: divideBytes(inspection),
    tensors: listTensors(layers, inspection),
    filters: copyFilters(first),
    units: readsImage(spec, first) ? pictureUnits(first, spec.input[1]) : null,
    border: pictureBorder(spec, first, blank),
    features: pictureFeatures(spec, layers, blank),
    masks: pictureMasks(layers),
    confusion: countConfusions(classes, test.labels, model.labels.length),
    disagreement: teacher &&
      listDisagreements(test, { classes, teacher, direct: loadEncoded(model) }),
  };
  return { ...inside, gaps: listGaps(inside) };
}
