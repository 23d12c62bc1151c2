import {
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
} from "@preact/signals";
import type { Drawing } from "../../../core/data/drawing/drawing.ts";
import { readDrawing } from "../../../core/data/drawing/read_drawing.ts";
import type { DataFacts } from "../data_facts.ts";
import { type Answer, makeAnswer } from "./answer.ts";
import { type Capture, startCapture } from "./capture.ts";
import { describeAnswer } from "./describe_answer.ts";
import { explainError } from "./explain_error.ts";
import { keepLatest } from "./keep_latest.ts";
import { keepModelChoice, type ModelChoice } from "./model_choice.ts";
import type { ModelFacts } from "./model_facts.ts";
import { keepModelFiles, type ModelFiles } from "./model_files.ts";
import { type PageRecogniser, startPageRecogniser } from "./page_recogniser.ts";
import { keepPictures, type Pictures } from "./pictures.ts";
import type { NextSample } from "./samples.ts";

/** A finished drawing as the model sees it, and its answer; null of an empty canvas. */
interface Settled {
  image: Float32Array | null;
  answer: Answer | null;
}

/** Everything that the drawing page knows. */
export interface DrawState {
  /** What the site's models are for. */
  data: DataFacts;
  pictures: Pictures;
  capture: Capture;
  recogniser: PageRecogniser;
  choice: ModelChoice;
  files: ModelFiles;
  /** What is to be seen on the canvas, strokes under way included. */
  drawn: ReadonlySignal<Drawing>;
  /** What the model sees, `[28, 28]`; null of an empty canvas. */
  seen: ReadonlySignal<Float32Array | null>;
  /** What it saw and said when no stroke was under way, last. */
  settled: ReadonlySignal<Settled>;
  answer: ReadonlySignal<Answer | null>;
  /** How often drawing or model changed, and the change that the answer belongs to. */
  revision: ReadonlySignal<{ asked: number; answered: number }>;
  /** The last answer to a whole stroke, in words. */
  spoken: ReadonlySignal<string>;
  /** What went wrong last, until it is put away. */
  message: Signal<string | null>;
  /** The drawing or the model changed: reads it again with the next frame. */
  refresh(): void;
  /** Shows the next test image of a class. */
  showSample(label: number): Promise<void>;
}

/**
 * The state of a page with an empty canvas and a `first` model chosen. Nothing is
 * fetched before it is asked for.
 */
export function startDrawing(
  { first, data }: { first: ModelFacts; data: DataFacts },
): DrawState {
  const message = signal<string | null>(null);
  const say = (text: string) => message.value = text;
  const pictures = keepPictures();
  const capture = startCapture();
  const recogniser = startPageRecogniser({
    importTfjs: () => import("../../../core/infer/tfjs/page.ts"),
    importForeign: () => import("./open_foreign.ts"),
  });
  const files = keepModelFiles((path) => fetch(path));
  const choice = keepModelChoice({ first, files, recogniser, say });

  const drawn = signal<Drawing>(pictures.picture.peek());
  const seen = signal<Float32Array<ArrayBuffer> | null>(null);
  const settled = signal<Settled>({ image: null, answer: null });
  const answer = signal<Answer | null>(null);
  const spoken = signal("");
  const revision = signal({ asked: 0, answered: 0 });
  /** The change that `seen` shows. */
  let read = 0;

  const classify = keepLatest(async () => {
    const image = seen.peek();
    const change = read;
    const running = choice.running.peek();
    const labels = running?.labels;
    const found = image && labels
      ? await recogniser.classify(image).catch((error) => {
        // Of a model that was left meanwhile nobody wants to hear.
        if (running === choice.running.peek()) say(explainError(error));
        return null;
      })
      : null;
    // A canvas that was cleared meanwhile has no answer.
    answer.value = found && labels && seen.peek()
      ? makeAnswer(found, labels)
      : null;
    // The model before answers until the one that is chosen can.
    if (running?.chosen === choice.chosen.peek()) {
      revision.value = { ...revision.peek(), answered: change };
    }
    if (capture.strokes().length > 0) return;
    settled.value = { image: seen.peek(), answer: answer.peek() };
    if (seen.peek() || spoken.peek()) {
      spoken.value = describeAnswer(answer.peek());
    }
  }, queueMicrotask);

  const readCanvas = keepLatest(() => {
    read = revision.peek().asked;
    const { strokes, image } = pictures.picture.peek();
    drawn.value = { strokes: [...strokes, ...capture.strokes()], image };
    seen.value = readDrawing(drawn.peek());
    classify();
    return Promise.resolve();
  }, (run) => requestAnimationFrame(run));

  const countChange = () => {
    const { asked, answered } = revision.peek();
    revision.value = { asked: asked + 1, answered };
  };
  const refresh = () => {
    countChange();
    readCanvas();
  };
  effect(() => {
    // Both: a model counts as changed when it is chosen, before its file is here.
    const { running, chosen } = choice;
    if (chosen.value && running.value) refresh();
  });

  let samples: Promise<NextSample> | null = null;
  return {
    data,
    pictures,
    capture,
    recogniser,
    choice,
    files,
    drawn,
    seen,
    settled,
    answer: computed(() => answer.value),
    revision: computed(() => revision.value),
    spoken,
    message,
    refresh,
    async showSample(label) {
      countChange(); // Asked for now, answered once its image is here.
      try {
        samples ??= import("./samples.ts").then(({ loadSamples }) =>
          loadSamples((path) => fetch(path))
        );
        const { image, index } = (await samples)(label);
        pictures.show({ strokes: [], image, sample: index });
      } catch (error) {
        samples = null;
        say(explainError(error));
      }
      refresh();
    },
  };
}
