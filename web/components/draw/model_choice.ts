import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { type ChosenModel, siteModel } from "./chosen_model.ts";
import { explainError } from "./explain_error.ts";
import type { ModelFacts } from "./model_facts.ts";
import type { ModelFiles } from "./model_files.ts";
import type { PageRecogniser } from "./page_recogniser.ts";

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
  /** What is being opened from elsewhere, and answers soon or never. */
  opening: ReadonlySignal<ChosenModel | null>;
  /**
   * Runs a file from elsewhere, unless something else is chosen meanwhile; whether
   * it runs. Throws an `Error` that tells the user why it can't.
   */
  open(
    dram: Uint8Array<ArrayBuffer>,
    source: "link" | "file",
    name: string,
  ): Promise<boolean>;
  /** Stops opening. */
  stop(): void;
}

/** What a choice of models needs. */
export interface ModelChoiceOptions {
  /** What is chosen before anything is fetched. */
  first: ModelFacts;
  files: ModelFiles;
  recogniser: PageRecogniser;
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
 * import { startPageRecogniser } from "./page_recogniser.ts";
 *
 * const first = { name: "a", file: "/a", bytes: 9, parameters: 3, test: 0.5 };
 * const files = keepModelFiles(fetch);
 * const recogniser = startPageRecogniser({
 *   importTfjs: () => Promise.reject(new Error("offline")),
 *   importForeign: () => import("./open_foreign.ts"),
 * });
 * const choice = keepModelChoice({ first, files, recogniser, say: console.warn });
 * await choice.open(smallDram(), "link", "");
 * assertEquals(choice.chosen.value.parameters, 160);
 * recogniser.use(smallDram()); // which ends the worker
 * ```
 */
export function keepModelChoice(
  { first, files, recogniser, say }: ModelChoiceOptions,
): ModelChoice {
  const asked = signal<ChosenModel>(siteModel(first));
  const running = signal<RunningModel | null>(null);
  const opening = signal<ChosenModel | null>(null);
  let controller = new AbortController();
  /** Stops what is being opened; gives what stops that which comes in its place. */
  const stop = () => {
    controller.abort();
    opening.value = null;
    controller = new AbortController();
    return controller.signal;
  };
  const run = (mine: RunningModel) =>
    batch(() => {
      asked.value = mine.chosen;
      running.value = mine;
    });
  return {
    chosen: computed(() => asked.value),
    running,
    opening,
    stop,
    async choose(facts) {
      stop();
      const mine = siteModel(facts);
      asked.value = mine;
      try {
        const dram = await files.read(facts.file, facts.bytes);
        if (asked.value !== mine) return;
        const { model, parameters } = recogniser.use(dram);
        run({ chosen: { ...mine, parameters }, dram, labels: model.labels });
      } catch (error) {
        if (asked.value !== mine) return;
        asked.value = running.value?.chosen ?? mine;
        say(explainError(error));
      }
    },
    async open(dram, source, name) {
      const signal = stop();
      const bytes = dram.length;
      const mine = { source, name, bytes, parameters: 0, test: null };
      opening.value = mine;
      try {
        const { labels, parameters } = await recogniser.open(dram, signal);
        if (signal.aborted) return false;
        run({ chosen: { ...mine, parameters }, dram, labels });
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        throw error;
      } finally {
        if (opening.value === mine) opening.value = null;
      }
    },
  };
}
