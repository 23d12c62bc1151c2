import { type Colours, coloursFor } from "./colours.ts";
import {
  cleanText,
  escapeJson,
  escapeUnseen,
} from "../../core/text/clean_text.ts";
import { ClosedOutputError } from "./errors.ts";

/** Characters of a note. */
const LONGEST_NOTE = 1000;

/** Where bytes go: `Deno.stdout` and `Deno.stderr` are two. */
export interface Stream {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** The two streams of a process. */
export interface Streams {
  stdout: Stream;
  stderr: Stream;
}

/** Writes the whole of `text`; a stream may take it in parts. */
export function writeText(stream: Stream, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let start = 0; start < bytes.length;) {
    start += stream.writeSync(bytes.subarray(start));
  }
}

/** Columns of the process's terminal; 80 where there is none, or it won't say. */
export function columnsOfTerminal(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

/** What a command says, and where. */
export interface Output {
  /** Whether one JSON document is all that standard output gets. */
  json: boolean;
  /** Marks for `print`; they do nothing where standard output is no terminal. */
  colours: Colours;
  /** Columns of a line, and whether `colours` do anything. */
  terminal: { columns: number; colour: boolean };
  /** Prints a line (or lines) of the result on standard output; nothing under --json. */
  print(text: string): void;
  /** Prints the result as the one JSON document under --json; nothing otherwise. */
  printJson(value: unknown): void;
  /** Prints one line on standard error, clean and short: what happens, beside the result. */
  note(text: string): void;
  /** Clears the line that progress has drawn, until it draws the next; set by it. */
  beforeWriting: () => void;
}

/** Writes to standard output; throws a `ClosedOutputError` where nobody reads it. */
function writeResult(stdout: Stream, text: string): void {
  try {
    writeText(stdout, text);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new ClosedOutputError();
    if (!(error instanceof Error)) throw error;
    throw new Error(
      `Cannot write to standard output: ${error.message}; send it elsewhere`,
      { cause: error },
    );
  }
}

/** `text` without what a terminal would obey, but for our own colours where it has them. */
function showColours(text: string, colour: boolean): string {
  if (!colour) return escapeUnseen(text);
  const [first, ...rest] = text.split("\x1b");
  const parts = rest.map((part) => {
    const paint = /^\[[\d;]*m/.exec(part)?.[0];
    return paint === undefined
      ? escapeUnseen(`\x1b${part}`)
      : `\x1b${paint}${escapeUnseen(part.slice(paint.length))}`;
  });
  return escapeUnseen(first) + parts.join("");
}

/** Writes a line to standard error; that nobody reads it must not stop the work. */
export function writeNote(stderr: Stream, text: string): void {
  try {
    writeText(stderr, `${escapeUnseen(text)}\n`);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/**
 * What a command writes to: results to `stdout`, as text or as one JSON
 * document, all else to `stderr`.
 */
export function makeOutput(
  { stdout, stderr }: Streams,
  json: boolean,
): Output {
  let documents = 0;
  const isTerminal = stdout.isTerminal();
  const output: Output = {
    json,
    colours: coloursFor(stdout),
    terminal: {
      columns: isTerminal ? columnsOfTerminal() : 80,
      colour: isTerminal && !Deno.noColor,
    },
    print(text) {
      if (json) return;
      output.beforeWriting();
      writeResult(stdout, `${showColours(text, output.terminal.colour)}\n`);
    },
    printJson(value) {
      if (!json) return;
      if (++documents > 1) {
        throw new Error("Cannot print JSON: it must be one document: a second");
      }
      output.beforeWriting();
      writeResult(stdout, `${escapeJson(JSON.stringify(value, null, 2))}\n`);
    },
    note(text) {
      output.beforeWriting();
      writeNote(stderr, cleanText(text, { length: LONGEST_NOTE }));
    },
    beforeWriting: () => {},
  };
  return output;
}
