import type { SplitSpec } from "../data/split.ts";
import type { ModelSpec } from "./spec.ts";

/** How a model was made and what it scored: `manifest.json` beside a model. */
export interface Manifest {
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** Everything that `train` or `distill` was told. */
  configuration: Record<string, unknown>;
  /** Decides weights, order, dropout and augmentation. */
  seed: number;
  /** Where it was computed. */
  backend: { name: string; adapter: string | null };
  /** What it learnt from, was chosen by and reported on. */
  dataset: {
    name: string;
    sha256: Record<string, string>;
    split: SplitSpec;
  };
  /** SHA-256 of the teacher's model folder, for a student. */
  teacher?: string;
  /** Scores of the weights that were chosen, those of `epoch`. */
  scores: {
    epoch: number;
    validation: { accuracy: number; loss: number };
    test: { accuracy: number; loss: number };
  };
  /** Versions of what made it. */
  versions: { retort: string; deno: string; tfjs: string };
  /** Day on which it was made, `YYYY-MM-DD`. */
  date: string;
}
