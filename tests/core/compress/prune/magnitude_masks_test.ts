import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  magnitudeMasks,
  type PruningScope,
} from "../../../../core/compress/prune/magnitude_masks.ts";
import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { fc } from "../../../seeded_check.ts";

function array(shape: number[], ...values: number[]): FloatArray {
  return { shape, values: Float32Array.from(values) };
}

/** A kernel of small weights, its bias, and a kernel of large ones. */
const WEIGHTS = [
  array([2, 2], 0.1, -0.2, 0.3, 0.4),
  array([2], 0, 0),
  array([2, 2], -10, 20, 30, 1),
];

function prune(scope: PruningScope, sparsity: number | number[]): number[][] {
  const masks = magnitudeMasks(WEIGHTS, { scope, sparsity });
  return [[...masks[0]], [...masks[2]]];
}

Deno.test("scope `layer` prunes every kernel alike", () => {
  assertEquals(prune("layer", 0.5), [[0, 0, 1, 1], [0, 1, 1, 0]]);
});

Deno.test("scope `layer` takes a sparsity for each kernel", () => {
  assertEquals(prune("layer", [0.25, 0.75]), [[0, 1, 1, 1], [0, 0, 1, 0]]);
});

Deno.test("scope `global` has one threshold, which may empty a kernel of small weights", () => {
  assertEquals(prune("global", 0.5), [[0, 0, 0, 0], [1, 1, 1, 1]]);
});

Deno.test("scope `lamp` compares weights with what their own kernel keeps", () => {
  // By hand, w² / Σ of squares at least as large: 1/30, 4/29, 9/25, 1 for the one;
  // 100/1400, 400/1300, 1, 1/1401 for the other.
  assertEquals(prune("lamp", 0.5), [[0, 0, 1, 1], [0, 1, 1, 0]]);
  assertEquals(prune("lamp", 0.25), [[0, 1, 1, 1], [1, 1, 1, 0]]);
});

Deno.test("biases are never pruned", () => {
  for (const scope of ["layer", "global", "lamp"] as const) {
    const [, bias] = magnitudeMasks(WEIGHTS, { scope, sparsity: 0.75 });
    assertEquals(bias, Uint8Array.of(1, 1));
  }
});

Deno.test("lamp leaves every kernel its largest weight while there is room", () => {
  const [small, large] = prune("lamp", 0.75);
  assertEquals([small[3], large[2]], [1, 1]);
});

Deno.test("exactly ⌊s·n⌋ weights go, the lowest first, and none that went comes back", () => {
  const kernel = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 2,
    maxLength: 40,
  });
  fc.assert(fc.property(
    kernel,
    kernel,
    fc.constantFrom<PruningScope>("layer", "global", "lamp"),
    fc.double({ min: 0, max: 0.98, noNaN: true }),
    (a, b, scope, sparsity) => {
      const weights = [array([1, a.length], ...a), array([1, b.length], ...b)];
      const previous = magnitudeMasks(weights, { scope, sparsity });
      const zeros = previous.map((mask) => mask.filter((m) => !m).length);
      if (scope === "layer") {
        assertEquals(zeros, [a, b].map((w) => Math.floor(sparsity * w.length)));
      } else {
        const total = a.length + b.length;
        assertEquals(zeros[0] + zeros[1], Math.floor(sparsity * total));
      }
      if (scope === "layer") {
        previous.forEach((mask, index) => {
          const of = (kept: number) =>
            [...weights[index].values].map(Math.abs).filter((_, i) =>
              mask[i] === kept
            );
          assert(Math.max(...of(0)) <= Math.min(...of(1)));
        });
      }
      const turned = weights.map(({ shape, values }) => ({
        shape,
        values: values.toReversed(),
      }));
      const later = magnitudeMasks(turned, {
        scope,
        sparsity: (sparsity + 1) / 2,
        previous,
      });
      later.forEach((mask, index) =>
        assert(mask.every((kept, i) => kept <= previous[index][i]))
      );
    },
  ));
});

Deno.test("a sparsity out of range, or lists that don't fit, are refused", () => {
  assertThrows(() => prune("layer", 1), RangeError, "current value is 1");
  assertThrows(() => prune("layer", [0.5]), RangeError, "2 kernels");
  assertThrows(() => prune("global", [0.5, 0.5]), RangeError, "scope");
});
