import type { Score } from "../../train/learner.ts";
import type { FreeLayer } from "../prune/prune_exactly.ts";
import type { Stage } from "./stage.ts";

/** What a model is like after a stage: a line of the table. */
export interface StageReport {
  /** What was done; `start` for the model as it came, `code` for the file as written. */
  stage: Stage["kind"] | "start" | "code";
  /** Numbers in its tensors. */
  parameters: number;
  /** Those of them that are not 0. */
  nonZeros: number;
  /** 8 · bytes / parameters. */
  bitsPerWeight: number;
  /** Length of the whole `.dram` file. */
  bytes: number;
  /** Of the tensors alone, with codes as Deep Compression has them, where values are shared or quantised. */
  huffmanBytes?: number;
  /** How many times smaller than others that file is. */
  compression: {
    /** Than the teacher's parameters as float32. */
    teacher: number;
    /** Than the parameters of the model that came, as float32. */
    own: number;
  };
  /** On the images to choose by: mean loss in training's units. */
  validation: Score;
  /** On the test images, of the file as written only: cross-entropy in nats. */
  test?: Score;
  /** Epoch of its last training that was best on validation, where it trained. */
  epoch?: number;
  /** What the stage took. */
  seconds: number;
  /** What exact pruning found, where the stage was that. */
  free?: FreeLayer[];
}
