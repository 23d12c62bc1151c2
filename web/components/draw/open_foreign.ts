import { type ReadonlySignal, signal } from "@preact/signals";
import type { Classification } from "../../../core/infer/classification.ts";
import { noLatencies } from "./recogniser.ts";
import {
  address,
  type Answered,
  type ForeignModel,
  type Order,
  type Question,
  type RecogniserStatus,
  type Report,
} from "./recogniser_worker.ts";

/** How long a worker may take to open a model, or for one answer. */
const MOST_SECONDS = 10;

const TICKS_PER_SECOND = 4;

/** A model from elsewhere, in a worker of its own. */
export interface ForeignRecogniser extends ForeignModel {
  status: ReadonlySignal<RecogniserStatus>;
  /** What it says of one image. Throws an `Error` that tells the user why there is no answer. */
  classify(image: Float32Array): Promise<Classification | null>;
  order(order: Order): void;
  /** Ends it, whatever it does. */
  stop(): void;
}

/** Options of {@linkcode openForeign}. */
export interface OpenForeignOptions {
  /** Ends it while it is being opened. */
  signal: AbortSignal;
  /** What the worker is told at first. */
  orders?: readonly Order[];
  mostSeconds?: number;
  startWorker?: () => Worker;
}

/** Calls `ring` after `seconds`, unless it is stopped by what this gives. */
function startClock(seconds: number, ring: () => void): () => void {
  // In ticks: a page that slept meanwhile, its worker too, wakes to one of them.
  let left = Math.ceil(seconds * TICKS_PER_SECOND);
  const timer = setInterval(() => {
    if (--left <= 0) ring();
  }, 1000 / TICKS_PER_SECOND);
  return () => clearInterval(timer);
}

/**
 * Reads a `.dram` file from anywhere in a worker, which is ended where that, or an
 * answer later, takes longer than `mostSeconds`.
 *
 * Throws an `Error` that tells the user why the model can't run.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { openForeign } from "./open_foreign.ts";
 *
 * const { signal } = new AbortController();
 * const foreign = await openForeign(smallDram(), { signal });
 * const answer = await foreign.classify(new Float32Array(784));
 * foreign.stop();
 * assertEquals([foreign.parameters, answer?.classes.length], [160, 1]);
 * ```
 */
export async function openForeign(
  dram: Uint8Array<ArrayBuffer>,
  options: OpenForeignOptions,
): Promise<ForeignRecogniser> {
  const {
    orders = [],
    mostSeconds = MOST_SECONDS,
    startWorker = () => new Worker(address, { type: "module" }),
  } = options;
  const status = signal<RecogniserStatus>({
    backend: "cpu",
    reason: "Plain TypeScript answers at once; a GPU may take over",
    latencies: noLatencies(),
  });
  const worker = startWorker();
  let hear: (answered: Answered) => void = () => {};
  let ended: string | null = null;
  const end = (why: string) => {
    ended ??= why;
    worker.terminate();
    hear({ error: ended });
  };
  const order = (each: Order) => worker.postMessage(each);
  const ask = (question: Question): Promise<Answered> =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(new Error(ended));
      const stopClock = startClock(mostSeconds, () =>
        end(
          `This model was stopped: it must be ready, and answer, within ${mostSeconds} s`,
        ));
      hear = (answered) => {
        stopClock();
        if ("error" in answered) reject(new Error(answered.error));
        else resolve(answered);
      };
      worker.postMessage(question);
    });

  worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
    if ("status" in data) status.value = data.status;
    else hear(data);
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault(); // The user hears of it in these words:
    end(
      "What runs such models failed, or could not be loaded. Are you offline?",
    );
  });
  const stop = () => end("This model was stopped");
  options.signal.addEventListener("abort", stop);

  if (options.signal.aborted) stop();
  orders.forEach(order);
  let opened: ForeignModel;
  try {
    const answered = await ask({ kind: "open", dram });
    if (!("opened" in answered)) throw new Error("Cannot open this model");
    opened = answered.opened;
    if (ended !== null) throw new Error(ended); // as it became ready
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    options.signal.removeEventListener("abort", stop);
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...opened,
    status,
    order,
    stop,
    async classify(image) {
      // One question at a time, so that its clock measures nothing else.
      const asked = last.then(() => ask({ kind: "classify", image }));
      last = asked.catch(() => {});
      const answered = await asked;
      return "answer" in answered ? answered.answer : null;
    },
  };
}
