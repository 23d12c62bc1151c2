let failure: Error | undefined;

/**
 * The device that computes can't be trusted, or is gone: whatever was being done
 * may be done again on a device that works.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DeviceError } from "./health.ts";
 *
 * assertEquals(new DeviceError("lost").name, "DeviceError");
 * ```
 */
export class DeviceError extends Error {
  /** What it is known by, across workers too. */
  override name = "DeviceError";
}

/**
 * Records that the device can't be trusted any more; the first report counts.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { assertDeviceHealthy, clearDeviceFailure, reportDeviceFailure } from "./health.ts";
 *
 * reportDeviceFailure(new Error("lost"));
 * assertThrows(assertDeviceHealthy, Error, "lost");
 * clearDeviceFailure();
 * ```
 */
export function reportDeviceFailure(error: Error): void {
  failure ??= error;
}

/**
 * Forgets an earlier failure: a new device is in use.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { assertDeviceHealthy, clearDeviceFailure, reportDeviceFailure } from "./health.ts";
 *
 * reportDeviceFailure(new Error("lost"));
 * clearDeviceFailure();
 * assertEquals(assertDeviceHealthy(), undefined);
 * ```
 */
export function clearDeviceFailure(): void {
  failure = undefined;
}

/**
 * Throws if the device in use was lost or has reported an error since it was
 * chosen: what it computed since may be silently wrong.
 *
 * Errors arrive with a turn of the event loop, so await a readback first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { assertDeviceHealthy } from "./health.ts";
 *
 * assertEquals(assertDeviceHealthy(), undefined);
 * ```
 */
export function assertDeviceHealthy(): void {
  if (failure) throw failure;
}

/** A turn of the event loop: timers, signals and messages are handled. */
function takeTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/**
 * The same, after a turn of the event loop: what has gone wrong so far has
 * arrived by then, and timers, signals and messages have been handled.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { confirmDeviceHealthy } from "./health.ts";
 *
 * assertEquals(await confirmDeviceHealthy(), undefined);
 * ```
 */
export async function confirmDeviceHealthy(): Promise<void> {
  await takeTurn();
  assertDeviceHealthy();
}

/**
 * What to throw in place of `error`, met while something was computed: where the
 * device has failed, what is said of that, with `error` as its cause. On a dead
 * device the first call that fails says no more than "validation error occurred".
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clearDeviceFailure, explainDeviceFailure, reportDeviceFailure } from "./health.ts";
 *
 * const error = new Error("Buffer with '' label is invalid");
 * assertEquals(await explainDeviceFailure(error), error);
 * const lost = new Error("the GPU device was lost");
 * reportDeviceFailure(lost);
 * assertEquals(await explainDeviceFailure(error), lost);
 * clearDeviceFailure();
 * ```
 */
export async function explainDeviceFailure(error: unknown): Promise<unknown> {
  await takeTurn();
  if (!failure || failure === error) return error;
  failure.cause ??= error;
  return failure;
}
