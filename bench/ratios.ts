import { RECIPES } from "./find_compact.ts";
import type { Measurement } from "./measurement.ts";
import { COHORT_SIZES } from "./work.ts";

/** How much faster ours is than another, in one run of the benchmark. */
export interface Ratio {
  name: string;
  /** The other's time over ours. */
  value: number;
  /** What it must be, where something is asked of it. */
  at_least: number | null;
  /** What it should be. */
  aim: number | null;
  /** Whether it is what it must be. */
  met: boolean | null;
}

/** What is asked of ratios, on two cores without a GPU. */
const TARGETS: Readonly<Record<string, { at_least: number; aim: number }>> = {
  ...Object.fromEntries(
    RECIPES.flatMap((recipe) =>
      ["float", "quantised"].map((phase) => [
        `compact-step ${recipe} ${phase} best over pytorch cpu`,
        { at_least: 1, aim: 3 },
      ])
    ),
  ),
  "teacher-step webgpu over tfjs webgpu": { at_least: 20, aim: 40 },
  "teacher-step webgpu over jax-js webgpu": { at_least: 3, aim: 6 },
  "teacher-step wasm over jax-js wasm": { at_least: 15, aim: 40 },
  "teacher-step best over pytorch cpu": { at_least: 0.25, aim: 1 },
  "student alone over in a cohort of 36, webgpu": { at_least: 8, aim: 25 },
  "student alone over in a cohort of 36, wasm": { at_least: 8, aim: 25 },
  "black-box teacher wasm over onnxruntime-web wasm": { at_least: 0.9, aim: 1 },
  "black-box small wasm over onnxruntime-web wasm": { at_least: 0.9, aim: 1 },
  "sweep wasm over tfjs wasm one by one (estimated)": {
    at_least: 20,
    aim: 100,
  },
  "sweep webgpu over tfjs webgpu one by one (estimated)": {
    at_least: 20,
    aim: 100,
  },
};

function makeRatio(name: string, value: number, judged: boolean): Ratio {
  const target = judged ? TARGETS[name] : undefined;
  return {
    name,
    value,
    at_least: target?.at_least ?? null,
    aim: target?.aim ?? null,
    met: target ? value >= target.at_least : null,
  };
}

/** What tells measurements of the same work from others. */
function labelOf({ work, model, batch }: Measurement): string {
  if (work === "inference") return `${work} ${model} ${batch}`;
  if (work === "black-box" || work === "compact-step") {
    return `${work} ${model}`;
  }
  if (work === "compact-inference" && batch > 1) return `${work} ${batch}`;
  return work;
}

/** Ours against the others' on the same backend, and our best against PyTorch. */
function comparePeers(
  label: string,
  measured: Measurement[],
): [string, number][] {
  const ours = measured.filter(({ system }) => system === "retort");
  const best = Math.min(...ours.map(({ median_ms }) => median_ms));
  return measured.flatMap((other): [string, number][] => {
    const { system, backend, median_ms } = other;
    if (system === "retort" || ours.length === 0) return [];
    if (system === "pytorch") {
      return [[`${label} best over pytorch ${backend}`, median_ms / best]];
    }
    // The direct path is ours alone: it is compared with every backend.
    const alike = ours.filter((each) =>
      each.backend === backend || each.backend === "direct"
    );
    return alike.map((each) => [
      `${label} ${each.backend} over ${system} ${backend}${
        label === "sweep" ? " one by one (estimated)" : ""
      }`,
      median_ms / each.median_ms,
    ]);
  });
}

/** A student's time alone over its share of that of some, in one `whole`. */
function compareShares(
  whole: string,
  measured: Measurement[],
): [string, number][] {
  const alone = measured.filter(({ students }) => students === 1);
  return alone.flatMap(({ backend, median_ms }) =>
    COHORT_SIZES.flatMap((size) =>
      measured
        .filter((each) => each.backend === backend && each.students === size)
        .map((each): [string, number] => [
          `student alone over in a ${whole} of ${size}, ${backend}`,
          median_ms / (each.median_ms / size),
        ])
    )
  );
}

/**
 * The ratios of one run's medians, those of which something is asked with what it
 * is: only where `software` does all the work, as the targets are for a machine
 * without a GPU. Crippled peers are left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { computeRatios } from "./ratios.ts";
 *
 * assertEquals(computeRatios([], { software: true }), []);
 * ```
 */
export function computeRatios(
  measurements: Measurement[],
  { software }: { software: boolean },
): Ratio[] {
  const groups = Map.groupBy(
    measurements.filter(({ work, crippled }) =>
      work !== "student-step" && !crippled
    ),
    labelOf,
  );
  return [...groups].flatMap(([label, measured]) => {
    if (label === "cohort") return compareShares("cohort", measured);
    if (label === "student-sweep") return compareShares("sweep", measured);
    return comparePeers(label, measured);
  }).map(([name, value]) => makeRatio(name, value, software));
}
