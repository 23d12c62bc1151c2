import type { TrainingProgress } from "../../core/train/train.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { drawBar, type ProgressView } from "./progress_bar.ts";
import { formatTraining, formatWork } from "./format_progress.ts";
import { type Output, type Stream, writeNote } from "./output.ts";

/** How far some counted work has come. */
export interface WorkProgress {
  /** Pieces done, and pieces in all. */
  done: number;
  total: number;
  /** What a piece is called, in the plural: "images". */
  unit: string;
  /** What else to show: "hidden 6". */
  detail?: string;
}

/** Tells on standard error how far a command has come, until disposed. */
export interface Progress extends Disposable {
  /** Shows where a training stands; fits `TrainingOptions.onProgress`. */
  training: (progress: TrainingProgress) => void;
  /** Shows where other work stands, with its rate and the time left. */
  work: (progress: WorkProgress) => void;
}

const LINE_EVERY_MS = 5000;

/** Plain lines, one every few seconds, and the last one at the end. */
function writeLines(
  label: string,
  stderr: Stream,
  now: () => number,
): ProgressView {
  let last = now();
  let unwritten: string | undefined;
  const write = (text: string) => writeNote(stderr, `${label}: ${text}`);
  return {
    show({ text }) {
      unwritten = text;
      if (now() - last < LINE_EVERY_MS) return;
      last = now();
      unwritten = undefined;
      write(text);
    },
    [Symbol.dispose]() {
      if (unwritten !== undefined) write(unwritten);
    },
  };
}

/**
 * Starts telling progress on `stderr`: as a bar where it is a terminal, as plain
 * lines elsewhere. `now` is the clock, in milliseconds.
 */
export function startProgress(
  label: string,
  { stderr, output, now = () => performance.now() }: {
    stderr: Stream;
    output: Pick<Output, "beforeWriting">;
    now?: () => number;
  },
): Progress {
  const name = cleanText(label, { length: 60 });
  const view = stderr.isTerminal()
    ? drawBar(name, stderr, output)
    : writeLines(name, stderr, now);
  let began: { time: number; done: number } | undefined;
  return {
    training(progress) {
      const { step: done, steps: total } = progress;
      view.show({ done, total, text: formatTraining(progress) });
    },
    work(progress) {
      began ??= { time: now(), done: progress.done };
      const seconds = (now() - began.time) / 1000;
      const rate = (progress.done - began.done) / seconds;
      const { done, total } = progress;
      const detail = progress.detail && cleanText(progress.detail);
      view.show({
        done,
        total,
        text: formatWork({ ...progress, detail }, rate),
      });
    },
    [Symbol.dispose]: () => view[Symbol.dispose](),
  };
}
