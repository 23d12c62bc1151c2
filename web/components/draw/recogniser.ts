import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Classification } from "../../../core/infer/classification.ts";
import type { DirectModel } from "../../../core/infer/load.ts";
import type { TfjsModel } from "../../../core/infer/tfjs/page.ts";
import {
  type AcceptedModel,
  acceptModel,
  type DramReader,
} from "./accept_model.ts";
import type { BackendChoice, BackendName } from "./backend.ts";
import { explainError } from "./explain_error.ts";
import { keepLatest } from "./keep_latest.ts";
import { addLatency } from "./median_latency.ts";
import type { TfjsPage } from "./tfjs_page.ts";

/** How long a model must stay before it is put on a GPU: a slider passes many. */
const REST_MS = 150;

/** Median's material: ms of the last predictions. */
export type Latencies = Record<BackendName, number[]>;

/** Classifies by the plain path at once, and by tfjs as soon as that is ready. */
export interface Recogniser {
  /** What the user asked for. */
  choice: ReadonlySignal<BackendChoice>;
  /** What the next image is classified by. */
  backend: ReadonlySignal<BackendName>;
  /** Why, in one line. */
  reason: ReadonlySignal<string>;
  /** Of the model that is in use. */
  latencies: ReadonlySignal<Latencies>;
  /** Makes a `.dram` file's model the one in use. Throws what `acceptModel` throws. */
  use(dram: Uint8Array): AcceptedModel;
  /**
   * What the model in use says of one image; null where there is no model. Throws
   * an `Error` where its answers are no numbers.
   */
  classify(image: Float32Array): Promise<Classification | null>;
  /** Lets tfjs load, unless it does already. */
  allowTfjs(): void;
  /** Says why tfjs isn't loaded unless the user asks for it. */
  declineTfjs(why: string): void;
  choose(choice: BackendChoice): void;
}

/** Of a model that hasn't answered yet. */
export const noLatencies = (): Latencies => ({ webgpu: [], wasm: [], cpu: [] });

const NO_NUMBERS = "This model’s answers to this drawing are no numbers";

/** A backend may give what is not a number, or no finite one. */
function assertFinite(answer: Classification): Classification {
  if (answer.logits.every(Number.isFinite)) return answer;
  throw new RangeError(NO_NUMBERS);
}

/** What `model` says of an image, in plain TypeScript. Throws a `RangeError` in the user's words. */
export function classifyDirect(
  model: DirectModel,
  image: Float32Array,
): Classification {
  try {
    return assertFinite(model.classify(image));
  } catch (cause) {
    throw new RangeError(NO_NUMBERS, { cause });
  }
}

/**
 * A recogniser without a model, which reads files by `reader`, and takes tfjs from
 * `importTfjs` once it may.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { PLAIN_READER } from "./plain_reader.ts";
 * import { startRecogniser } from "./recogniser.ts";
 *
 * const offline = () => Promise.reject(new Error("offline"));
 * const recogniser = startRecogniser(offline, PLAIN_READER);
 * recogniser.use(smallDram());
 * const answer = await recogniser.classify(new Float32Array(784));
 * assertEquals([answer?.probabilities.length, recogniser.backend.value], [10, "cpu"]);
 * ```
 */
export function startRecogniser(
  importTfjs: () => Promise<TfjsPage>,
  reader: DramReader,
): Recogniser {
  const choice = signal<BackendChoice>("auto");
  const reason = signal(
    "Plain TypeScript answers at once; a GPU may take over",
  );
  const latencies = signal(noLatencies());
  const onTfjs = signal<{ name: "webgpu" | "wasm"; model: TfjsModel } | null>(
    null,
  );
  let dram: Uint8Array | null = null;
  let direct: AcceptedModel | null = null;
  let allowed = false;
  let tried: BackendChoice | null = null;
  let started:
    | { page: TfjsPage; name: "webgpu" | "wasm"; reason: string }
    | null = null;
  let inFlight: Promise<unknown> = Promise.resolve();

  const leaveTfjs = () => {
    const model = onTfjs.peek()?.model;
    onTfjs.value = null;
    // Not under the feet of a classification that still reads its weights.
    if (model) inFlight.finally(() => model[Symbol.dispose]());
  };
  const giveUp = (why: unknown) => {
    leaveTfjs();
    started = null;
    // Who chose the plain path has it for that reason.
    if (choice.peek() !== "cpu") reason.value = explainError(why);
  };
  const startTfjs = async (wanted: Exclude<BackendChoice, "cpu">) => {
    leaveTfjs();
    started = null;
    tried = wanted;
    reason.value =
      "The first answers come from plain TypeScript while it starts";
    const page = await importTfjs();
    const backend = await page.startPageBackend(wanted, {
      wasmPath: "/wasm/",
    });
    const mine = { page, ...backend };
    started = mine;
    backend.lost.then((why) => started === mine && giveUp(why));
  };
  /** Brings tfjs to what is chosen, with the model that is in use. */
  const settle = keepLatest(async () => {
    const wanted = choice.peek();
    const bytes = dram;
    if (!allowed || wanted === "cpu" || !bytes) return;
    try {
      if (tried !== wanted) await startTfjs(wanted);
      if (!started || onTfjs.peek()) return;
      const { page, name, reason: why } = started;
      const model = await page.loadInPage(bytes);
      if (bytes !== dram || wanted !== choice.peek()) {
        model[Symbol.dispose]();
        return settle();
      }
      onTfjs.value = { name, model };
      reason.value = why;
    } catch (error) {
      if (wanted === choice.peek()) giveUp(error);
    }
  }, (run) => setTimeout(run, REST_MS));

  return {
    choice,
    backend: computed(() => onTfjs.value?.name ?? "cpu"),
    reason,
    latencies,
    use(bytes) {
      direct = acceptModel(bytes, reader);
      dram = bytes;
      latencies.value = noLatencies();
      leaveTfjs();
      settle();
      return direct;
    },
    async classify(image) {
      const running = onTfjs.peek();
      const asked = dram;
      const begin = performance.now();
      let answer: Classification | undefined;
      if (running) {
        try {
          const work = running.model.classify(image.slice());
          inFlight = work.catch(() => {});
          answer = assertFinite(await work);
        } catch (error) {
          giveUp(error);
        }
      }
      const name = answer && running ? running.name : "cpu";
      if (!answer && direct) answer = classifyDirect(direct.model, image);

      if (!answer) return null;
      const latency = performance.now() - begin;
      if (asked === dram) {
        const before = latencies.peek();
        latencies.value = {
          ...before,
          [name]: addLatency(before[name], latency),
        };
      }
      return answer;
    },
    allowTfjs() {
      if (allowed) return;
      allowed = true;
      settle();
    },
    declineTfjs: (why) => reason.value = why,
    choose(next) {
      choice.value = next;
      if (!started) tried = null; // Who chooses again wants it tried again.
      if (next === "cpu") {
        leaveTfjs();
        reason.value = "Chosen: plain TypeScript, without a GPU";
        return;
      }
      allowed = true;
      settle();
    },
  };
}
