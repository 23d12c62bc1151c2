/**
 * A recogniser in a worker, for models that anyone may have made: however long one
 * takes, the page goes on, and can stop it.
 *
 * A page imports this module to learn its address, and starts it as a worker from
 * there: so a build needs to know of no worker.
 *
 * @module
 */
import { effect } from "@preact/signals";
import type { Classification } from "../../../core/infer/classification.ts";
import { peekDram } from "../../../core/infer/decode_dram.ts";
import { load } from "../../../core/infer/load.ts";
import type { BackendChoice, BackendName } from "./backend.ts";
import { explainError } from "./explain_error.ts";
import {
  classifyDirect,
  type Latencies,
  startRecogniser,
} from "./recogniser.ts";

/** Where this module, or the script that it was built into, was loaded from. */
export const address: string = import.meta.url;

/** A model from elsewhere, as the page knows it. */
export interface ForeignModel {
  /** What its classes are called. */
  labels: string[];
  /** Trainable numbers. */
  parameters: number;
}

/** What the page asks, one question after another. */
export type Question =
  | { kind: "open"; dram: Uint8Array<ArrayBuffer> }
  | { kind: "classify"; image: Float32Array };

/** What the page orders. */
export type Order =
  | { kind: "choose"; choice: BackendChoice }
  | { kind: "allowTfjs" }
  | { kind: "declineTfjs"; why: string };

/** What the recogniser in the worker says of itself. */
export interface RecogniserStatus {
  backend: BackendName;
  reason: string;
  latencies: Latencies;
}

/** An answer to a question, or why there is none. */
export type Answered =
  | { opened: ForeignModel }
  | { answer: Classification | null }
  | { error: string };

/** What the page hears. */
export type Report = Answered | { status: RecogniserStatus };

/** Half ink everywhere: nothing is left out that a model can leave out of blank paper. */
const DENSE_IMAGE = new Float32Array(28 * 28).fill(0.5);

function serve(): void {
  const report = (what: Report) => postMessage(what);
  const recogniser = startRecogniser(
    () => import("../../../core/infer/tfjs/page.ts"),
    { peek: peekDram, load },
  );
  effect(() => {
    const { backend, reason, latencies } = recogniser;
    report({
      status: {
        backend: backend.value,
        reason: reason.value,
        latencies: latencies.value,
      },
    });
  });
  const answer = async (question: Question): Promise<Answered> => {
    if (question.kind === "classify") {
      return { answer: await recogniser.classify(question.image) };
    }
    const { model, parameters } = recogniser.use(question.dram);
    classifyDirect(model, DENSE_IMAGE); // Who can't answer in time is not let in.
    return { opened: { labels: model.labels, parameters } };
  };
  addEventListener("message", async (
    { data }: MessageEvent<Question | Order>,
  ) => {
    switch (data.kind) {
      case "choose":
        return recogniser.choose(data.choice);
      case "allowTfjs":
        return recogniser.allowTfjs();
      case "declineTfjs":
        return recogniser.declineTfjs(data.why);
      default:
        try {
          report(await answer(data));
        } catch (error) {
          report({ error: explainError(error) });
        }
    }
  });
}

if ("WorkerGlobalScope" in globalThis) serve();
