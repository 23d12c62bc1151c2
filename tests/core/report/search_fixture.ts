import { MNIST_SHA256 } from "../../../core/data/mnist_hashes.ts";
import {
  findByteFrontier,
  groupRecipes,
} from "../../../core/search/byte_frontier.ts";
import type {
  CompactResult,
  SearchResult,
} from "../../../core/search/search_result.ts";

const TEACHER = 4_799_528;
const WIDTHS = [1, 2, 3, 4, 6, 8, 12];
const LOSSES = ["logit-mse", "cross-entropy"];

/** A file of `width` channels: smaller and worse with fewer bits, worse without a teacher. */
function makeTrial(
  width: number,
  bits: number,
  loss: string,
  seed: number,
): CompactResult {
  const parameters = 60 + 95 * width;
  const wobble = 1 + 0.05 * (((width * 7 + bits * 3 + seed * 2) % 5) - 2);
  const error = (0.0045 + 0.16 / width ** 1.45) * (bits === 3 ? 1.12 : 1) *
    (loss === "cross-entropy" ? 1.3 : 1) * wobble;
  const bytes = Math.round(parameters * bits / 8 * 0.93) + 42 + seed % 3;
  return {
    ...{ layers: `conv ${width} 5x5 | dense 10`, bits, ratePenalty: 0, loss },
    ...{ trial: bytes, parameters, seed, bytes },
    compression: TEACHER / bytes,
    accuracy: {
      validation: Math.round((1 - error) * 5000) / 5000,
      test: Math.round((1 - error * 1.03) * 10_000) / 10_000,
    },
    seconds: 340.2,
  };
}

/** A search of seven widths, two bit depths, two losses and three seeds, by formula. */
export function makeSearchResult(name = "compact"): SearchResult {
  const trials = [1, 2, 3].flatMap((seed) =>
    LOSSES.flatMap((loss) =>
      [3, 4].flatMap((bits) =>
        WIDTHS.map((width) => makeTrial(width, bits, loss, seed))
      )
    )
  ).toSorted((a, b) => a.bytes - b.bytes);
  const { layers, ratePenalty, loss, parameters } = trials[0];
  const recipe = { layers, bits: 8, ratePenalty, loss, parameters };
  const unfinished = [
    {
      ...{ ...recipe, seed: 1, state: "stopped" as const },
      reason: "dominated at epoch 4 by trial 3: conv 2 5x5 | dense 10, 3 bits",
    },
    {
      ...{ ...recipe, bits: 7, seed: 2, state: "failed" as const },
      reason: "Cannot go on training: the loss is NaN at step 12",
    },
  ];
  const recipes = groupRecipes(trials, unfinished);
  return {
    study: name,
    dataset: {
      ...{ name: "mnist", sha256: { ...MNIST_SHA256 } },
      ...{ train: 55_000, validation: 5_000, test: 10_000 },
    },
    backend: { name: "wasm", adapter: null },
    teacher: {
      ...{ parameters: TEACHER / 4, bytes: TEACHER },
      accuracy: { validation: 0.9924, test: 0.994 },
    },
    ...{ trials, recipes, unfinished },
    frontier: findByteFrontier(trials, recipes, [0.9, 0.95, 0.98, 0.99]),
    seconds: 28_577,
  };
}
