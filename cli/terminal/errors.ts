/** The command line was wrong: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The user stopped the command: exit code 130. */
export class InterruptedError extends Error {
  override name = "InterruptedError";

  constructor() {
    super("Interrupted");
  }
}

/** Nobody reads standard output any more: the command ends quietly. */
export class ClosedOutputError extends Error {
  override name = "ClosedOutputError";
}

/** What a process returns. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The exit code that belongs to what a command has thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof ClosedOutputError) return EXIT.done;
  return EXIT.failed;
}
