import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Product } from "../../../../../core/kernels/webgpu/product/product.ts";
import {
  splitBroadcast,
  splitWorkgroup,
  spread,
} from "../../../../../core/kernels/webgpu/product/split.ts";
import { WORKGROUP_TILE } from "../../../../../core/kernels/webgpu/tile.ts";

/** A product of which only the sizes matter. */
function product(groups: number, length: number, rows = 1, columns = 1) {
  const tensor = { dataId: {}, shape: [], dtype: "float32" as const };
  const lanes = length % 4 === 0 ? 4 as const : 1 as const;
  return {
    kind: "dense",
    batch: 1,
    rows,
    columns,
    groups,
    length,
    valid: length,
    left: { tensor, lanes, key: "", uniforms: [], code: "", masked: false },
    right: { tensor, along: "columns", batched: false },
    epilogue: { relu: false },
    outputShape: [rows, columns],
  } satisfies Product;
}

const size = fc.integer({ min: 1, max: 5000 });

Deno.test("even pieces cover an extent, and none is too long or empty", () => {
  fc.assert(fc.property(size, size, (extent, most) => {
    const { pieces, size } = spread(extent, most, 1);
    assert(size <= most || size === 1);
    assert(pieces * size >= extent && (pieces - 1) * size < extent);
  }));
});

Deno.test("the parts of a broadcast tile cover every term and fit its code", () => {
  fc.assert(fc.property(size, size, (groups, length) => {
    const depth = 288;
    const split = splitBroadcast(product(groups, length), {
      kind: "broadcast",
      rows: 1024,
      columns: 32,
      depth,
    });
    const groupParts = split.parts / split.lengthParts;
    assert(split.groups * split.length <= depth);
    assert(groupParts * split.groups >= groups);
    assert(split.lengthParts * split.length >= length);
    assert((groupParts - 1) * split.groups < groups);
    assert((split.lengthParts - 1) * split.length < length);
  }));
});

Deno.test("the parts of a workgroup tile cover every term and are as many as allowed", () => {
  fc.assert(fc.property(size, size, size, (groups, length, most) => {
    const split = splitWorkgroup(product(groups, length), WORKGROUP_TILE, most);
    const terms = split.steps * WORKGROUP_TILE.depth;
    assert(split.parts >= 1 && split.parts <= Math.max(1, most));
    assert(split.parts * terms >= groups * length);
    assert((split.parts - 1) * terms < groups * length);
  }));
});

Deno.test("a result of many tiles isn't split on a GPU", () => {
  const large = product(9, 32, 10_000, 512);
  assertEquals(splitWorkgroup(large, WORKGROUP_TILE, 100).parts, 1);
});
