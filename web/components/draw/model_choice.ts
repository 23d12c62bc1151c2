import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { type ChosenModel, siteModel } from "./chosen_model.ts";
import { describeError } from "./describe_error.ts";
import type { ModelFacts } from "./model_facts.ts";
import type { ModelFiles } from "./model_files.ts";
import type { Recogniser } from "./recogniser.ts";

/** A model that can answer: what it is, and its file. */
interface RunningModel {
  chosen: ChosenModel;
  dram: Uint8Array<ArrayBuffer>;
  /** What its classes are called. */
  labels: string[];
}

/** Which model the page runs. */
export interface ModelChoice {
  /** What was chosen last; its file may still be on its way. */
  chosen: ReadonlySignal<ChosenModel>;
  /** What answers; null until the first file is here. */
  running: ReadonlySignal<RunningModel | null>;
  /** Chooses a model of the site; the one before stays where that fails. */
  choose(facts: ModelFacts): Promise<void>;
  /** Runs a file from elsewhere. Throws what `acceptModel` throws. */
  open(
    dram: Uint8Array<ArrayBuffer>,
    source: "link" | "file",
    name: string,
  ): void;
}

/** What a choice of models needs. */
export interface ModelChoiceOptions {
  /** What is chosen before anything is fetched. */
  first: ModelFacts;
  files: ModelFiles;
  recogniser: Recogniser;
  /** Tells the user of a failure. */
  say(message: string): void;
}

/**
 * Begins with the first model chosen and nothing fetched.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { keepModelChoice } from "./model_choice.ts";
 * import { keepModelFiles } from "./model_files.ts";
 * import { startRecogniser } from "./recogniser.ts";
 *
 * const first = { name: "a", file: "/a", bytes: 9, parameters: 3, test: 0.5 };
 * const choice = keepModelChoice({
 *   first,
 *   files: keepModelFiles(fetch),
 *   recogniser: startRecogniser(() => Promise.reject(new Error("no tfjs"))),
 *   say: console.warn,
 * });
 * choice.open(smallDram(), "link", "");
 * assertEquals(choice.chosen.value.parameters, 160);
 * ```
 */
export function keepModelChoice(
  { first, files, recogniser, say }: ModelChoiceOptions,
): ModelChoice {
  const asked = signal<ChosenModel>(siteModel(first));
  const running = signal<RunningModel | null>(null);
  const run = (chosen: ChosenModel, dram: Uint8Array<ArrayBuffer>) => {
    const { model, parameters } = recogniser.use(dram);
    const mine = { ...chosen, parameters };
    batch(() => {
      asked.value = mine;
      running.value = { chosen: mine, dram, labels: model.labels };
    });
  };
  return {
    chosen: computed(() => asked.value),
    running,
    async choose(facts) {
      const mine = siteModel(facts);
      asked.value = mine;
      try {
        const dram = await files.read(facts.file, facts.bytes);
        if (asked.value === mine) run(mine, dram);
      } catch (error) {
        if (asked.value !== mine) return;
        asked.value = running.value?.chosen ?? mine;
        say(describeError(error));
      }
    },
    open(dram, source, name) {
      const bytes = dram.length;
      run({ source, name, bytes, parameters: 0, test: null }, dram);
    },
  };
}
