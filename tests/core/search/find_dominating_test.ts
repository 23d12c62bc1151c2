import { assertEquals } from "@std/assert";
import {
  findDominating,
  type Standing,
} from "../../../core/search/stopping.ts";
import type { SearchTrial } from "../../../core/search/search_trials.ts";
import { fc } from "../../seeded_check.ts";

/** A trial with accuracies by epoch, the first two of free weights. */
function standing(
  accuracies: number[],
  change: Partial<SearchTrial> = {},
): Standing {
  return {
    trial: {
      ...{ id: 1, layers: "dense2", bits: 4, ratePenalty: 0, seed: 1 },
      ...{ loss: { kind: "logit-mse" }, parameters: 9, estimatedBytes: 300 },
      ...{ state: "planned", error: "", ...change },
    },
    epochs: accuracies.map((accuracy, index) => ({
      epoch: index + 1,
      phase: index < 2 ? "float" : "quantised",
      training: { accuracy, loss: 0 },
      validation: { accuracy, loss: 0 },
    })),
  };
}

const LARGE = { layers: "dense9", estimatedBytes: 400 };

Deno.test("a larger trial is dominated where its error is above the smaller's by more than the margin", () => {
  const small = standing([0.9]);
  for (const [accuracy, found] of [[0.87, true], [0.88, false]] as const) {
    const large = standing([accuracy], LARGE);
    const rival = findDominating(large, [small], 1, 0.25);
    assertEquals(rival === small, found, `${accuracy}`);
  }
});

Deno.test("what stands at a rung is the best so far of its own phase", () => {
  const small = standing([0.9, 0.9, 0.5, 0.5]);
  const large = standing([0.9, 0.7, 0.6, 0.4], LARGE);
  assertEquals(findDominating(large, [small], 2, 0), undefined);
  assertEquals(findDominating(large, [small], 4, 0), undefined);
  const better = standing([0.1, 0.1, 0.7, 0.5]);
  assertEquals(findDominating(large, [better], 4, 0), better);
});

Deno.test("no trial is judged by one that hasn't reached the rung, or failed", () => {
  const large = standing([0.5, 0.5], LARGE);
  assertEquals(findDominating(large, [standing([0.9])], 2, 0), undefined);
  const failed = standing([0.9, 0.9], { state: "failed" });
  assertEquals(findDominating(large, [failed], 2, 0), undefined);
  assertEquals(findDominating(standing([]), [standing([1])], 1, 0), undefined);
});

Deno.test("no trial is judged by another seed of its recipe, another loss, or a weaker penalty", () => {
  const own = standing([0.5], { seed: 2, ratePenalty: 0.1 });
  const seed = standing([0.9], { seed: 1, ratePenalty: 0.1 });
  const loss = standing([0.9], {
    ...{ loss: { kind: "cross-entropy" }, ratePenalty: 0.1 },
  });
  const free = standing([0.9], { bits: 3 });
  assertEquals(findDominating(own, [seed, loss, free], 1, 0), undefined);
  const stronger = standing([0.9], { bits: 3, ratePenalty: 0.2 });
  assertEquals(findDominating(own, [stronger], 1, 0), stronger);
});

Deno.test("of any trials one is never dominated, and none by a larger one", () => {
  const trial = fc.record({
    bytes: fc.integer({ min: 100, max: 110 }),
    accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(trial, { minLength: 1 }), (trials) => {
      const all = trials.map(({ bytes, accuracy }, id) =>
        standing([accuracy], {
          ...{ id, layers: `dense${id}`, estimatedBytes: bytes },
        })
      );
      const rivals = all.map((own) => findDominating(own, all, 1, 0.1));
      assertEquals(rivals.includes(undefined), true);
      rivals.forEach((rival, index) => {
        if (!rival) return;
        const { estimatedBytes } = all[index].trial;
        assertEquals(rival.trial.estimatedBytes <= estimatedBytes, true);
      });
    }),
  );
});
