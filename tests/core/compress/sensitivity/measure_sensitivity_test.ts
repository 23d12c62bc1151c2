import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import {
  levelEntropy,
  measureSensitivity,
} from "../../../../core/compress/sensitivity/measure_sensitivity.ts";
import { allocateBits } from "../../../../core/compress/quantise/allocate_bits.ts";
import { drawSensitivity } from "../../../../core/charts/sensitivity_chart.ts";
import * as tf from "../../../../core/tf.ts";
import { assertRejects } from "@std/assert";
import { parseXml } from "../../report/parse_xml.ts";
import { makeSmallModel, TASK } from "../pipeline/small_compression.ts";

const model = await makeSmallModel();
const { validation } = TASK;

Deno.test("each kernel alone is pruned and quantised, at every rate asked for", async () => {
  const before = tf.memory().numTensors;
  const told: number[] = [];
  const { layers, whole, sparsity, bits, images } = await measureSensitivity(
    model,
    validation,
    {
      sparsities: [0, 0.5, 0.99],
      bits: [1, 8],
      onProgress: (done, total) => told.push(done, total),
    },
  );
  assertEquals(tf.memory().numTensors, before);
  assertEquals(layers, ["conv1", "dense1", "logits"]);
  assertEquals(images, 24);
  assertEquals(
    sparsity.map(({ layer, sparsity }) => [layer, sparsity]),
    [0, 1, 2].flatMap((layer) => [0, 0.5, 0.99].map((s) => [layer, s])),
  );
  assertEquals(
    bits.map(({ layer, bits }) => [layer, bits]),
    [0, 1, 2].flatMap((layer) => [[layer, 1], [layer, 8]]),
  );
  assertEquals(told.slice(-2), [15, 15]);
  for (const { sparsity: share, loss } of sparsity) {
    if (share === 0) assertAlmostEquals(loss, whole.loss, 1e-6);
    if (share === 0.99) assert(loss > whole.loss);
  }
  for (const point of bits) {
    if (point.bits !== 8) continue;
    assertAlmostEquals(point.loss, whole.loss, 0.02); // A 256th of the largest weight.
  }
});

Deno.test("what it measures is what bits are allocated by", async () => {
  const { bits } = await measureSensitivity(model, validation, {
    ...{ sparsities: [], bits: [1, 2, 4, 6] },
  });
  const most = allocateBits(bits, 1e6);
  const least = Math.min(...most.map(({ bytes }) => bytes));
  const total = most.reduce((sum, { bytes }) => sum + bytes, 0);
  const fewer = allocateBits(bits, total - least + 1);
  assertEquals(fewer.length, 3);
  assert(fewer.reduce((sum, { bytes }) => sum + bytes, 0) < total);
});

Deno.test("bytes are the entropy of the levels", () => {
  assertEquals(levelEntropy(new Int8Array()), 0);
  assertEquals(levelEntropy(new Int8Array(9)), 0);
  assertEquals(levelEntropy(Int8Array.of(-1, 1, -1, 1)), 1);
  assertEquals(levelEntropy(Int8Array.of(0, 1, 2, 3, 0, 1, 2, 3)), 2);
});

Deno.test("it stops when told to", async () => {
  await assertRejects(
    () =>
      measureSensitivity(model, validation, {
        signal: AbortSignal.abort(new Error("stopped")),
      }),
    Error,
    "stopped",
  );
});

Deno.test("the charts are well-formed, with a line a layer", async () => {
  const sensitivity = await measureSensitivity(model, validation, {
    ...{ sparsities: [0.3, 0.6, 0.9], bits: [2, 4] },
  });
  for (const by of ["sparsity", "bits"] as const) {
    const svg = drawSensitivity(sensitivity, by);
    parseXml(svg);
    for (const layer of sensitivity.layers) {
      assert(svg.includes(`aria-description="${layer}"`), layer);
      assert(svg.includes(`>${layer}</text>`), layer);
    }
  }
  assertThrows(
    () => drawSensitivity({ ...sensitivity, bits: [] }, "bits"),
    RangeError,
    "points by bits",
  );
});
