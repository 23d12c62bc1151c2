import { formatCount } from "../../../core/text/format_numbers.ts";
import { formatPercent } from "../format_percent.ts";
import type { ModelFacts } from "./model_facts.ts";

/**
 * A stop of the slider in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeStop } from "./describe_stop.ts";
 *
 * assertEquals(describeStop({ bytes: 1192, test: 0.9903 }), "1,192 bytes, 99.03% of test images");
 * ```
 */
export function describeStop(
  { bytes, test }: Pick<ModelFacts, "bytes" | "test">,
): string {
  return `${formatCount(bytes)} bytes, ${
    formatPercent(test, 2)
  } of test images`;
}
