import { assert, assertEquals } from "@std/assert";
import {
  addLatency,
  LATENCY_WINDOW,
  medianLatency,
} from "../../../web/components/draw/median_latency.ts";
import { fc } from "../../seeded_check.ts";

const latencies = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), {
  minLength: 1,
});

Deno.test("at most half of the latencies are above the median, and half below", () => {
  fc.assert(fc.property(latencies, (values) => {
    const median = medianLatency(values) ?? NaN;
    assert(values.filter((each) => each > median).length <= values.length / 2);
    assert(values.filter((each) => each < median).length <= values.length / 2);
  }));
});

Deno.test("the median doesn't depend on the order, nor changes it", () => {
  fc.assert(fc.property(latencies, (values) => {
    const copy = [...values];
    assertEquals(medianLatency(values), medianLatency(values.toReversed()));
    assertEquals(values, copy);
  }));
});

Deno.test("only the last predictions count", () => {
  let kept: number[] = [];
  for (let i = 0; i < 3 * LATENCY_WINDOW; i++) kept = addLatency(kept, i);
  assertEquals([kept.length, kept[0]], [LATENCY_WINDOW, 2 * LATENCY_WINDOW]);
});
