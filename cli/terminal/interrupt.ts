import { EXIT, InterruptedError } from "./errors.ts";

/**
 * How long after the first signal another counts as the second: `deno task`
 * passes on a Ctrl-C that the terminal has sent here already.
 */
const SAME_PRESS_MS = 300;

const SIGNALS: Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** Signals being watched for, until disposed. */
export interface Interrupts extends Disposable {
  /** Aborted by the first one, with an {@linkcode InterruptedError}. */
  signal: AbortSignal;
}

/**
 * Watches for Ctrl-C and its like. Where the command `saves`, the first aborts a
 * signal and leaves it time to save, the second ends the process at once with
 * exit code 130; otherwise the first does.
 */
export function watchInterrupts(
  { saves, note }: { saves: boolean; note: (text: string) => void },
): Interrupts {
  const controller = new AbortController();
  let secondCounts = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Two timers in a row: after a long step, what arrived during it comes first.
  const awaitSecond = () => {
    timer = setTimeout(() => {
      timer = setTimeout(() => secondCounts = true, SAME_PRESS_MS / 2);
    }, SAME_PRESS_MS / 2);
  };
  const handle = () => {
    if (!saves || secondCounts) {
      note(`retort: ${saves ? "stopped at once" : "interrupted"}`);
      Deno.exit(EXIT.interrupted);
    }
    if (controller.signal.aborted) return;
    note(
      "retort: interrupted: saving what is done, then stopping; the same command goes on from there; press Ctrl-C again to stop at once",
    );
    controller.abort(new InterruptedError());
    awaitSecond();
  };
  for (const each of SIGNALS) Deno.addSignalListener(each, handle);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const each of SIGNALS) Deno.removeSignalListener(each, handle);
    },
  };
}
