/** Okabe and Ito's blue, purple and vermillion: readable on white and on near-black. */
const STOPS = [[0, 114, 178], [204, 121, 167], [213, 94, 0]];

/**
 * `count` colours from blue through purple to vermillion, as CSS.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { colourRamp } from "./colour_ramp.ts";
 *
 * assertEquals(colourRamp(2), ["rgb(0,114,178)", "rgb(213,94,0)"]);
 * ```
 */
export function colourRamp(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const place = index / Math.max(1, count - 1) * (STOPS.length - 1);
    const from = Math.min(STOPS.length - 2, Math.floor(place));
    const mixed = STOPS[from].map((channel, at) =>
      Math.round(channel + (place - from) * (STOPS[from + 1][at] - channel))
    );
    return `rgb(${mixed.join(",")})`;
  });
}
