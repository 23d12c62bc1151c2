/** Bytes of the line `name` in the text of a /proc/PID/status, which gives kB. */
export function readStatusBytes(
  status: string,
  name: string,
): number | null {
  const [, kilobytes] =
    status.match(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m")) ??
      [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/**
 * The most resident memory that the process `pid` has had at once, in bytes: Linux's
 * VmHWM; null where the system doesn't tell, or the process has ended.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { peakMemory } from "./peak_memory.ts";
 *
 * const bytes = await peakMemory(Deno.pid);
 * assert(bytes === null || bytes > 1e6);
 * ```
 */
export async function peakMemory(pid: number): Promise<number | null> {
  const path = `/proc/${pid}/status`;
  const status = await Deno.readTextFile(path).catch(() => "");
  return readStatusBytes(status, "VmHWM");
}
