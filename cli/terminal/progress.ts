import cliProgress from "cli-progress";
import { cleanText } from "../../core/text/clean_text.ts";
import type { TrainingProgress } from "../../core/train/train.ts";
import { formatTraining, formatWork } from "./format_progress.ts";
import {
  columnsOfTerminal,
  type Output,
  type Stream,
  writeNote,
  writeText,
} from "./output.ts";

/** What one report comes to, before it is drawn. */
interface ProgressLine {
  done: number;
  total: number;
  text: string;
}

/** Draws reports as they come. */
interface ProgressView extends Disposable {
  show(line: ProgressLine): void;
}

/** The part of cli-progress's bar that is used here; it carries no types. */
interface Bar {
  start(total: number, value: number, payload: { text: string }): void;
  update(value: number, payload: { text: string }): void;
  setTotal(total: number): void;
  stop(): void;
}

const SingleBar: new (options: Record<string, unknown>) => Bar =
  cliProgress.SingleBar;

const CLEAR_LINE = "\r\x1b[2K";

/**
 * The terminal that cli-progress draws on. Its own would put the cursor back to
 * where the bar began, over lines that were printed since.
 */
function barTerminal(stderr: Stream) {
  const write = (text: string) => writeText(stderr, text);
  return {
    cursorSave() {},
    cursorRestore() {},
    cursor() {},
    lineWrapping() {},
    cursorTo: () => write("\r"),
    clearRight: () => write("\x1b[K"),
    clearLine: () => write(CLEAR_LINE),
    newline: () => write("\n"),
    write: (text: string) => write(text.slice(0, columnsOfTerminal() - 1)),
    isTTY: () => true,
    getWidth: columnsOfTerminal,
  };
}

/** The bar itself, as long as the line has room for beside label and text. */
function barFor(progress: number, label: string, text: string): string {
  const room = columnsOfTerminal() - label.length - text.length - 3;
  const size = Math.min(Math.max(room, 5), 30);
  const complete = Math.round(progress * size);
  return "█".repeat(complete) + "░".repeat(size - complete);
}

/** A bar on a terminal, redrawn below whatever `output` prints meanwhile. */
function drawBar(
  label: string,
  stderr: Stream,
  output: Pick<Output, "beforeWriting">,
): ProgressView {
  let started = false;
  let latest = "";
  const bar = new SingleBar({
    format: `${label} {bar} {text}`,
    formatBar: (progress: number) => barFor(progress, label, latest),
    terminal: barTerminal(stderr),
    linewrap: true,
    forceRedraw: true,
  });
  return {
    show({ done, total, text }) {
      latest = text;
      if (!started) {
        started = true;
        output.beforeWriting = () => writeText(stderr, CLEAR_LINE);
        bar.start(total, done, { text });
      }
      bar.setTotal(total);
      bar.update(done, { text });
    },
    [Symbol.dispose]() {
      output.beforeWriting = () => {};
      if (started) bar.stop();
    },
  };
}

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
