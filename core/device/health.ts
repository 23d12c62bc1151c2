let failure: Error | undefined;

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
  await new Promise((resolve) => setTimeout(resolve));
  assertDeviceHealthy();
}
