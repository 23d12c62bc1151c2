import { cleanText } from "./clean_text.ts";

/** Failures that are told apart; what else fails is counted together. */
const MOST_KINDS = 64;

/** How long a failure that comes again is only counted. */
const QUIET_MS = 60_000;

/** Lines of a failure, and characters of a line, that are logged. */
const LINES = 20;

/** How a log is written. */
export interface LogOptions {
  /** Writes a line; `console.error` unless given. */
  write?: (line: string) => void;
  /** Milliseconds since some moment. */
  now?: () => number;
}

/**
 * Makes a function that logs failures of a server: cleaned, since requests have a
 * say in what they are called, and each kind once a minute, with how often it came.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openFailureLog } from "./log_failure.ts";
 *
 * const lines: string[] = [];
 * const log = openFailureLog({ write: (line) => lines.push(line) });
 * for (let time = 0; time < 1000; time++) log("seven\u001b[31m");
 * assertEquals(lines, ["seven\\u{1b}[31m"]);
 * ```
 */
export function openFailureLog(
  { write = console.error, now = Date.now }: LogOptions = {},
): (error: unknown) => void {
  const kinds = new Map<string, { logged: number; more: number }>();
  return (error) => {
    const said = describeFailure(error);
    // The place tells kinds apart: a message may hold what was asked for.
    const place = said.find((line) => /^ +at /.test(line)) ?? said[0];
    const name = kinds.has(place) || kinds.size < MOST_KINDS ? place : "";
    const kind = kinds.get(name);
    if (kind && now() - kind.logged < QUIET_MS) {
      kind.more++;
      return;
    }
    if (kind?.more) {
      write(`This failure came ${kind.more} more times since it was logged:`);
    }
    kinds.set(name, { logged: now(), more: 0 });
    write(said.join("\n"));
  };
}

/** Lines that tell of an error and where it was thrown. */
function describeFailure(error: unknown): string[] {
  const text = error instanceof Error ? error.stack ?? `${error}` : `${error}`;
  return text.split("\n", LINES).map((line) => cleanText(line));
}

/** Logs a failure of this process's server: see {@linkcode openFailureLog}. */
export const logFailure: (error: unknown) => void = openFailureLog({
  write: (line) => console.error(line), // as it is when it fails
});
