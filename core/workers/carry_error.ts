/** An error as a message between workers: what a structured clone would lose is kept. */
export interface CarriedError {
  name: string;
  message: string;
  stack?: string;
  /** What the system calls it: `ENOSPC`, for example. */
  code?: string;
}

/** A worker has died, or can't be understood: not of what it was told to do. */
export class WorkerError extends Error {
  override name = "WorkerError";

  constructor(reason: string) {
    super(`Cannot run a worker: ${reason}`);
  }
}

/** What the system calls the error. */
function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error &&
      typeof error.code === "string"
    ? error.code
    : undefined;
}

/** Whatever was thrown, ready to be sent. */
export function packError(thrown: unknown): CarriedError {
  const { name, message, stack } = thrown instanceof Error
    ? thrown
    : new Error(String(thrown));
  return { name, message, stack, code: systemCode(thrown) };
}

/** The error that was sent. */
export function unpackError(
  { name, message, stack, code }: CarriedError,
): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = stack;
  if (code !== undefined) Object.assign(error, { code });
  return error;
}
