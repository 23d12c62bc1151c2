import type { SplitDataset } from "../data/split.ts";
import { isRecord } from "../files/json.ts";
import { modelCost } from "../models/cost.ts";
import { parseLayers } from "../models/parse_layers.ts";
import { randomStream } from "../random/stream.ts";
import type { Xoshiro128 } from "../random/xoshiro128.ts";
import { isLoss } from "../train/losses/losses.ts";
import {
  type Candidate,
  MAX_BITS,
  type Recipe,
  recipeKey,
  recipeOf,
} from "./candidate.ts";
import { findReference, type MeasuredFile, placeFile } from "./hypervolume.ts";
import {
  canonicalLayers,
  mutateLayers,
  parseIfBuildable,
  pick,
} from "./mutate_layers.ts";
import { measureContributions, rankFronts } from "./pareto.ts";
import type { SearchTraining } from "./search_training.ts";
import type { SearchStudy } from "./search_trials.ts";
import { sizeCandidates, type SizedCandidate } from "./size_candidates.ts";

/** A search by evolution, as plain data: its study holds it. */
export interface EvolutionSpec {
  /** What every draw, and every training's seed, derives from. */
  seed: number;
  /** Trials in all, founders and those that were stopped or failed among them. */
  trials: number;
  /** What it begins with, the smallest first. */
  founders: Recipe[];
  /** No student is proposed that is estimated to be larger, */
  mostBytes: number;
  /** nor one that takes more multiply-adds for an image. */
  mostMultiplyAdds: number;
}

/** What candidates are built for: the images, and how they are trained. */
export interface CandidateSetting {
  /** Shape and classes of the images. */
  dataset: Pick<SplitDataset, "shape" | "classes">;
  /** What their training has in common. */
  training: SearchTraining;
}

/** A trial that is done: what it is, and what its file measures. */
export interface Parent extends MeasuredFile {
  recipe: Recipe;
}

/** How many of the best are parents. */
const POPULATION = 20;
/** Estimated bytes, and multiply-adds, that children have at the most, beside the largest founder's. */
const ROOM = { bytes: 2, multiplyAdds: 4 };
/** Changes of one child, at the most; each after the first with a chance of 1 in 3. */
const MOST_CHANGES = 4;
const CHANCE_OF_MORE = 3;
/** Of 10 changes so many are of layers, and of bits; the rest of the penalty. */
const [OF_LAYERS, OF_BITS, OF_ALL] = [7, 2, 10];
/** A rate penalty is changed by one of these factors, and stays below the most, or is 0 below the least. */
const PENALTY_FACTORS = [0.5, 0.7, 1.4, 2];
const [LEAST_PENALTY, MOST_PENALTY] = [0.01, 1];
/** Draws before it is said that nothing new is found. */
const MOST_DRAWS = 10_000;

/** `recipe` with its layers in their canonical words. */
function canonicalRecipe(
  recipe: Recipe,
  { shape: input, classes }: CandidateSetting["dataset"],
): Recipe {
  const spec = parseLayers(recipe.layers, { input, classes });
  return { ...recipeOf(recipe), layers: canonicalLayers(spec) };
}

/**
 * An evolution of `trials` that begins with `founders`, each once, the smallest first.
 * Its students have at the most `mostBytes` by estimate, or twice as many as the
 * largest founder, and four times the multiply-adds of the slowest.
 *
 * Throws what `parseLayers` throws, and a `RangeError` where founders are none, more
 * than the trials, larger than `mostBytes`, or of several losses.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { beginEvolution } from "./evolution.ts";
 * import { SEARCH_TRAINING } from "./search_training.ts";
 *
 * const recipe = { bits: 3, ratePenalty: 0, loss: { kind: "logit-mse" } } as const;
 * const { founders, mostBytes } = beginEvolution(
 *   [{ layers: "pool2, dense8", ...recipe }, { layers: "pool2,conv3x4,mean", ...recipe }],
 *   { seed: 1, trials: 100 },
 *   { dataset: { shape: [28, 28, 1], classes: 10 }, training: SEARCH_TRAINING },
 * );
 * assertEquals(founders.map(({ layers }) => layers), ["pool2,conv3x4,mean", "pool2,dense8"]);
 * assertEquals(mostBytes, 2 * 667);
 * ```
 */
export function beginEvolution(
  founders: readonly Recipe[],
  { seed, trials, mostBytes }: {
    seed: number;
    trials: number;
    mostBytes?: number;
  },
  setting: CandidateSetting,
): EvolutionSpec {
  const { shape: input, classes } = setting.dataset;
  const refuse = (rule: string, value: unknown): never => {
    throw new RangeError(
      `Cannot evolve students: ${rule}: current value is ${value}`,
    );
  };
  const recipes = new Map(
    founders.map((founder) => canonicalRecipe(founder, setting.dataset))
      .map((recipe) => [recipeKey(recipe), { ...recipe, seed: 0 }]),
  );
  if (recipes.size === 0 || recipes.size > trials) {
    refuse(
      `there must be as many trials as it begins with, ${recipes.size}, or more`,
      trials,
    );
  }
  const sized = sizeCandidates([...recipes.values()], setting)
    .toSorted((a, b) => a.estimatedBytes - b.estimatedBytes);
  const losses = new Set(sized.map(({ loss }) => JSON.stringify(loss)));
  if (losses.size > 1) {
    refuse("there must be one loss", [...losses].join(", "));
  }
  const largest = sized[sized.length - 1].estimatedBytes;
  const most = mostBytes ?? ROOM.bytes * largest;
  if (largest > most) {
    refuse(
      `the largest allowed must be that it begins with, of about ${largest} bytes, or more`,
      most,
    );
  }
  const slowest = Math.max(
    ...sized.map(({ layers }) =>
      modelCost(parseLayers(layers, { input, classes })).multiplyAdds
    ),
  );
  return {
    seed,
    trials,
    founders: sized.map(recipeOf),
    mostBytes: most,
    mostMultiplyAdds: ROOM.multiplyAdds * slowest,
  };
}

/** The seed that trial `number` is trained with. */
function trainingSeed({ seed }: EvolutionSpec, number: number): number {
  return randomStream(seed, "evolution", number, "training").uint32();
}

/** What `evolution` begins with, each with a seed of its own: its first trials. */
export function listFounders(
  evolution: EvolutionSpec,
  setting: CandidateSetting,
): SizedCandidate[] {
  return evolution.founders.flatMap((recipe, index) =>
    sizeCandidates([
      { ...recipe, seed: trainingSeed(evolution, index + 1) },
    ], setting)
  );
}

/** `penalty` times one of {@linkcode PENALTY_FACTORS}, in two digits. */
function changePenalty(penalty: number, random: Xoshiro128): number {
  if (penalty === 0) return LEAST_PENALTY;
  const changed = penalty * (pick(PENALTY_FACTORS, random) ?? 1);
  if (changed < LEAST_PENALTY) return 0;
  return Math.min(MOST_PENALTY, Number(changed.toPrecision(2)));
}

/** `bits` more or fewer by one. */
function changeBits(bits: number, random: Xoshiro128): number {
  const others = [bits - 1, bits + 1].filter((each) =>
    each >= 1 && each <= MAX_BITS
  );
  return pick(others, random) ?? bits;
}

/**
 * `recipe` with one thing changed at random, or some: its layers (see
 * {@linkcode mutateLayers}), the bits by one, or the rate penalty. `undefined` where
 * what was drawn is no model.
 */
function mutateRecipe(
  recipe: Recipe,
  { shape, classes }: CandidateSetting["dataset"],
  random: Xoshiro128,
): Recipe | undefined {
  let changed = recipe;
  for (let change = 0; change < MOST_CHANGES; change++) {
    if (change > 0 && random.below(CHANCE_OF_MORE) > 0) break;
    const place = random.below(OF_ALL);
    if (place >= OF_LAYERS + OF_BITS) {
      const ratePenalty = changePenalty(changed.ratePenalty, random);
      changed = { ...changed, ratePenalty };
    } else if (place >= OF_LAYERS) {
      changed = { ...changed, bits: changeBits(changed.bits, random) };
    } else {
      const data = { shape, classes };
      const spec = parseLayers(changed.layers, { input: shape, classes });
      const layers = mutateLayers(spec, data, random);
      if (layers === undefined) return undefined;
      changed = { ...changed, layers };
    }
  }
  return changed;
}

/**
 * The {@linkcode POPULATION} best of `parents`, from the best: of an earlier front
 * first, and within it those that add most to its hypervolume in the logarithms of
 * bytes and validation error.
 */
function selectPopulation(
  parents: readonly Parent[],
  data: { validation: number; classes: number },
): Parent[] {
  const points = parents.map((parent) => placeFile(parent, data));
  const ranks = rankFronts(points);
  const added = measureContributions(points, findReference(points, data));
  return parents.map((_, index) => index)
    .toSorted((a, b) => ranks[a] - ranks[b] || added[b] - added[a] || a - b)
    .slice(0, POPULATION).map((index) => parents[index]);
}

/** What a proposal is made from: what the study holds. */
export interface EvolutionState {
  /** Trials that are done, in the order of the study. */
  parents: readonly Parent[];
  /** What parents are while none is done: trials that are still to be. */
  pending: readonly Recipe[];
  /** `recipeKey` of every trial, whatever became of it. */
  known: ReadonlySet<string>;
}

/**
 * Trial `number` of `evolution`, from 1: a child of one of the best that are done, with
 * something changed (mutation alone: no crossover). The parent is the better of two
 * that are drawn from the {@linkcode POPULATION} best (see `rankFronts` and
 * `measureContributions`); what isn't buildable, is too large, or was tried already is
 * drawn again. Equal `evolution`, `number` and `state` give an equal child; where all
 * have failed there is none.
 *
 * Source: the steady state of Beume, Naujoks and Emmerich, "SMS-EMOA", 2007, whose
 * children are made one by one; children by mutation of a tournament's winner as in
 * Real et al., "Regularized evolution for image classifier architecture search", 2019.
 *
 * Throws a `RangeError` where nothing new is found in 10,000 draws.
 */
export function proposeCandidate(
  evolution: EvolutionSpec,
  number: number,
  { parents, pending, known }: EvolutionState,
  setting: CandidateSetting & { dataset: Pick<SplitDataset, "validation"> },
): SizedCandidate | undefined {
  const { dataset } = setting;
  const { mostBytes, mostMultiplyAdds } = evolution;
  const random = randomStream(evolution.seed, "evolution", number);
  const population = parents.length === 0
    ? pending
    : selectPopulation(parents, {
      validation: dataset.validation.count,
      classes: dataset.classes,
    }).map(({ recipe }) => recipe);
  if (population.length === 0) return undefined;
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const place = Math.min(
      random.below(population.length),
      random.below(population.length),
    );
    const recipe = mutateRecipe(population[place], dataset, random);
    if (!recipe || known.has(recipeKey(recipe))) continue;
    const spec = parseIfBuildable(recipe.layers, dataset);
    if (!spec || modelCost(spec).multiplyAdds > mostMultiplyAdds) continue;
    const candidate: Candidate = {
      ...recipe,
      seed: trainingSeed(evolution, number),
    };
    const [sized] = sizeCandidates([candidate], setting);
    if (sized.estimatedBytes <= mostBytes) return sized;
  }
  throw new RangeError(
    `Cannot propose trial ${number}: a student must be new and of at most ${mostBytes} bytes: none was found in ${MOST_DRAWS} draws; allow larger ones with --largest`,
  );
}

function isRecipe(value: unknown): value is Recipe {
  return isRecord(value) && typeof value.layers === "string" &&
    typeof value.bits === "number" && typeof value.ratePenalty === "number" &&
    isLoss(value.loss);
}

function isEvolution(value: unknown): value is EvolutionSpec {
  return isRecord(value) && Array.isArray(value.founders) &&
    value.founders.every(isRecipe) &&
    [value.seed, value.trials, value.mostBytes, value.mostMultiplyAdds]
      .every((each) => typeof each === "number");
}

/**
 * How the study was begun to evolve; `undefined` of a grid's. Throws a `SyntaxError`
 * where it isn't what was written.
 */
export function readEvolution(study: SearchStudy): EvolutionSpec | undefined {
  const evolution = study.readSetting("evolution");
  if (evolution === undefined || isEvolution(evolution)) return evolution;
  throw new SyntaxError(
    `Cannot use the study ${study.path}: its evolution must say seed, trials, founders and limits: it does not; bring back a copy of the study, or choose another name with --study`,
  );
}

/**
 * What the study evolves by: `wanted`, kept in the study, or where that isn't given
 * what the study was begun with; `undefined` where it is a grid's, to which `grid`
 * candidates are to be added.
 *
 * Throws an `Error` where the study is of the other kind, or began otherwise. More
 * trials, or fewer, may be asked for: it goes on as it would have.
 */
export function keepEvolution(
  study: SearchStudy,
  wanted: EvolutionSpec | undefined,
  { grid }: { grid: number },
): EvolutionSpec | undefined {
  const stored = readEvolution(study);
  const refuse = (rule: string) => {
    throw new Error(
      `Cannot add to the study ${study.path}: ${rule}; choose another name with --study`,
    );
  };
  if (!wanted) {
    if (stored && grid > 0) {
      refuse("a study is a grid or an evolution: it is evolved, with --evolve");
    }
    return stored;
  }
  if (!stored && study.list().length > 0) {
    refuse("a study is a grid or an evolution: it was begun without --evolve");
  }
  const key = (each: EvolutionSpec) => JSON.stringify({ ...each, trials: 0 });
  if (stored && key(stored) !== key(wanted)) {
    refuse(
      "its evolution must go on from the same students, seed and limits: it was begun with others",
    );
  }
  if (JSON.stringify(stored) !== JSON.stringify(wanted)) {
    study.writeSetting("evolution", wanted);
  }
  return wanted;
}
