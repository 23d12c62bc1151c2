import { computed, signal } from "@preact/signals";
import type { BackendChoice } from "./backend.ts";
import type { ForeignRecogniser, openForeign } from "./open_foreign.ts";
import { PLAIN_READER } from "./plain_reader.ts";
import { type Recogniser, startRecogniser } from "./recogniser.ts";
import type {
  ForeignModel,
  Order,
  RecogniserStatus,
} from "./recogniser_worker.ts";
import type { TfjsPage } from "./tfjs_page.ts";

/** Runs the site's models in the page, and those from elsewhere each in a worker of its own. */
export interface PageRecogniser extends Recogniser {
  /**
   * Makes a model from elsewhere the one in use, once it has answered in its worker;
   * `signal` stops that. Throws an `Error` that tells the user why it can't run.
   */
  open(
    dram: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<ForeignModel>;
}

/** What is loaded only when it is needed. */
export interface PageRecogniserParts {
  importTfjs: () => Promise<TfjsPage>;
  importForeign: () => Promise<{ openForeign: typeof openForeign }>;
}

/**
 * A recogniser without a model.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { startPageRecogniser } from "./page_recogniser.ts";
 *
 * const recogniser = startPageRecogniser({
 *   importTfjs: () => Promise.reject(new Error("offline")),
 *   importForeign: () => import("./open_foreign.ts"),
 * });
 * const { signal } = new AbortController();
 * assertEquals((await recogniser.open(smallDram(), signal)).parameters, 160);
 * const answer = await recogniser.classify(new Float32Array(784));
 * recogniser.use(smallDram()); // which ends the worker
 * assertEquals(answer, await recogniser.classify(new Float32Array(784)));
 * ```
 */
export function startPageRecogniser(
  { importTfjs, importForeign }: PageRecogniserParts,
): PageRecogniser {
  const own = startRecogniser(importTfjs, PLAIN_READER);
  const foreign = signal<ForeignRecogniser | null>(null);
  const choice = signal<BackendChoice>("auto");
  /** What was ordered last of each kind: a worker that starts later must hear it. */
  const ordered = new Map<string, Order>();
  const order = (each: Order, tellOwn: () => void) => {
    ordered.set(each.kind, each);
    if (foreign.peek()) foreign.peek()?.order(each);
    else tellOwn();
  };
  const leaveForeign = () => {
    foreign.peek()?.stop();
    foreign.value = null;
  };
  const status = computed<RecogniserStatus>(() =>
    foreign.value?.status.value ?? {
      backend: own.backend.value,
      reason: own.reason.value,
      latencies: own.latencies.value,
    }
  );

  return {
    choice,
    backend: computed(() => status.value.backend),
    reason: computed(() => status.value.reason),
    latencies: computed(() => status.value.latencies),
    use(dram) {
      const accepted = own.use(dram);
      leaveForeign();
      // What was ordered while another answered.
      if (choice.peek() !== own.choice.peek()) own.choose(choice.peek());
      if (ordered.has("allowTfjs")) own.allowTfjs();
      return accepted;
    },
    async open(dram, signal) {
      const { openForeign } = await importForeign();
      const orders = [...ordered.values()];
      const model = await openForeign(dram, { signal, orders });
      for (const each of ordered.values()) {
        if (!orders.includes(each)) model.order(each);
      }
      leaveForeign();
      foreign.value = model;
      return model;
    },
    classify: (image) => (foreign.peek() ?? own).classify(image),
    allowTfjs: () => order({ kind: "allowTfjs" }, own.allowTfjs),
    declineTfjs: (why) =>
      order({ kind: "declineTfjs", why }, () => own.declineTfjs(why)),
    choose(next) {
      choice.value = next;
      order({ kind: "choose", choice: next }, () => own.choose(next));
    },
  };
}
