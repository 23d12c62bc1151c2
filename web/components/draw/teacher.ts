import { type ReadonlySignal, signal } from "@preact/signals";
import type { DirectModel } from "../../../core/infer/load.ts";
import { acceptModel } from "./accept_model.ts";
import { PLAIN_READER } from "./plain_reader.ts";
import { type Answer, makeAnswer } from "./answer.ts";
import { explainError } from "./explain_error.ts";
import type { ModelFacts } from "./model_facts.ts";
import type { ModelFiles } from "./model_files.ts";

/** The large model that the small ones learned from, to compare them with. */
export interface Teacher {
  facts: ModelFacts;
  /** Bytes of its file that are here; null until it is asked for. */
  loaded: ReadonlySignal<number | null>;
  /** Whether it can answer. */
  ready: ReadonlySignal<boolean>;
  /** What it says of the drawing as it was at the end of the last stroke. */
  answer: ReadonlySignal<Answer | null>;
  load(): Promise<void>;
  /** Asks it of an image `[28, 28]`; null clears its answer. */
  ask(image: Float32Array | null): void;
}

/**
 * The teacher of these `facts`, nothing of it fetched; `say` tells the user of a failure.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { keepModelFiles } from "./model_files.ts";
 * import { keepTeacher } from "./teacher.ts";
 *
 * const dram = smallDram();
 * const facts = { name: "teacher", file: "/t", bytes: dram.length, parameters: 160, test: 0.99 };
 * const files = keepModelFiles(() => Promise.resolve(new Response(dram)));
 * const teacher = keepTeacher(facts, files, console.warn);
 * await teacher.load();
 * assertEquals([teacher.ready.value, teacher.loaded.value], [true, dram.length]);
 * ```
 */
export function keepTeacher(
  facts: ModelFacts,
  files: ModelFiles,
  say: (message: string) => void,
): Teacher {
  const loaded = signal<number | null>(null);
  const ready = signal(false);
  const answer = signal<Answer | null>(null);
  let model: DirectModel | null = null;
  let image: Float32Array | null = null;
  const ask = (next: Float32Array | null) => {
    image = next;
    answer.value = model && image
      ? makeAnswer(model.classify(image), model.labels)
      : null;
  };
  return {
    facts,
    loaded,
    ready,
    answer,
    ask,
    async load() {
      if (loaded.value !== null) return;
      loaded.value = 0;
      try {
        const dram = await files.read(facts.file, facts.bytes, (bytes) => {
          loaded.value = bytes;
        });
        loaded.value = facts.bytes;
        model = acceptModel(dram, PLAIN_READER).model;
        ready.value = true;
        ask(image);
      } catch (error) {
        loaded.value = null;
        say(explainError(error));
      }
    },
  };
}
