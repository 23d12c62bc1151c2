import cliProgress from "cli-progress";
import {
  columnsOfTerminal,
  type Output,
  type Stream,
  writeText,
} from "./output.ts";

/** What one report comes to, before it is drawn. */
export interface ProgressLine {
  done: number;
  total: number;
  text: string;
}

/** Draws reports as they come. */
export interface ProgressView extends Disposable {
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
export function drawBar(
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
