import { assert, assertEquals, assertThrows } from "@std/assert";
import { getHeapStatistics } from "node:v8";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import {
  DRAM_BUDGET,
  type DramBudget,
} from "../../../core/infer/dram_budget.ts";
import { decodeDram, peekDram } from "../../../core/infer/decode_dram.ts";
import { measureDramCost } from "../../../core/infer/measure_dram_cost.ts";
import { frameStream, unframeStream } from "../../../core/infer/dram_frame.ts";
import { inspectDram } from "../../../core/infer/inspect_dram.ts";
import { decodeLinkText } from "../../../core/infer/link_text.ts";
import { type DirectModel, load } from "../../../core/infer/load.ts";
import { GRAMMARS } from "../../../core/infer/stream/code_wide_layers.ts";
import { codeModel } from "../../../core/infer/stream/code_model.ts";
import type { SymbolCoding } from "../../../core/infer/stream/code_symbols.ts";
import { RangeDecoder } from "../../../core/infer/stream/range_decoder.ts";
import { modelCost } from "../../../core/models/cost.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { fc } from "../../seeded_check.ts";
import { drawModel } from "./fuzz/draw_model.ts";
import { drawSpec } from "./random_spec.ts";
import { smallDram } from "./small_model.ts";
import { specOf, type Unnamed, writeDram } from "./write_dram.ts";

const FLATTEN: Unnamed = { kind: "flatten" };
const MEAN: Unnamed = { kind: "globalAveragePool2d" };
const dense = (units: number): Unnamed => ({
  kind: "dense",
  units,
  activation: "linear",
});
const conv = (filters: number, size: number): Unnamed => ({
  kind: "conv2d",
  filters,
  size,
  padding: "same",
  activation: "relu",
});
const depthwise = (size: number): Unnamed => ({
  kind: "depthwiseConv2d",
  size,
  padding: "same",
  activation: "relu",
});

/** Millions of weights, all alike. */
const LARGE = specOf([2048, 1, 1], [FLATTEN, dense(1150)]);

/** Small files of high cost, each by what it costs; read before the budget was. */
const BOMBS: [string, keyof DramBudget, ModelSpec, SymbolCoding["kind"]][] = [
  [
    "a dense layer of one unit",
    "memory",
    specOf([2048, 2047, 1], [FLATTEN, dense(1)]),
    "gaps",
  ],
  [
    "a large depthwise window",
    "operations",
    specOf([1024, 1024, 1], [depthwise(32), MEAN]),
    "gaps",
  ],
  [
    "a large window and one filter",
    "operations",
    specOf([1024, 1024, 1], [conv(1, 32), MEAN]),
    "gaps",
  ],
  [
    "62 filters of one pixel",
    "operations",
    specOf([2048, 2048, 1], [...Array(62).fill(conv(1, 1)), MEAN]),
    "gaps",
  ],
  [
    "62 pools of one pixel",
    "operations",
    specOf([2048, 2048, 1], [
      ...Array(62).fill({ kind: "maxPool2d", size: 1 }),
      MEAN,
    ]),
    "gaps",
  ],
  [
    "62 averages of one pixel",
    "operations",
    specOf([2048, 2048, 1], [
      ...Array(62).fill({ kind: "averagePool2d", size: 1 }),
      MEAN,
    ]),
    "gaps",
  ],
  ["millions of zeros, adaptively", "decoding", LARGE, "adaptive"],
  ["millions of zeros, by one gap", "decoding", LARGE, "gaps"],
];

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

for (const [what, key, spec, kind] of BOMBS) {
  Deno.test(`a small file of ${what} is refused before it costs anything`, () => {
    const bytes = writeDram(spec, {
      coding: kind === "gaps" ? { kind } : { kind: "adaptive" },
    });
    assert(bytes.length < 3000, `${bytes.length} bytes`);
    const cost = measureDramCost(spec, bytes.length);
    for (const read of [decodeDram, load, inspectDram, peekDram]) {
      const [before, start] = [usedBytes(), performance.now()];
      assertThrows(
        () => read(bytes),
        RangeError,
        `it has ${cost[key]}; use a smaller one, or a larger budget`,
      );
      assert(performance.now() - start < 1000);
      assert(usedBytes() - before < 2 ** 22);
    }
    const budget = { [key]: Infinity, decoding: Infinity };
    assertEquals(peekDram(bytes, { budget }).cost, cost);
  });
}

Deno.test("files of 24 and 22 bytes that took 373 MB and 4.3 s are refused", () => {
  const found = [
    ["1yAYEB3iA7y3pK3Wyi5GFuqx2Razv-sI", "bytes of memory"],
    ["1yAWEDuIHceyCthMVARVR4KIL5RzzA", "operations"],
  ];
  for (const [link, what] of found) {
    assertThrows(() => load(decodeLinkText(link)), RangeError, what);
  }
});

Deno.test("a stream that runs on past what its tensors may take isn't followed", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const bytes = encodeDram(drawModel(randomStream(seed, "budget")));
      const { version, stream } = unframeStream(bytes);
      const decoder = new RangeDecoder(stream);
      let decisions = 0;
      codeModel({
        code(probability) {
          decisions++;
          return decoder.code(probability);
        },
      }, { grammar: GRAMMARS[version] });
      assert(decisions <= peekDram(bytes).cost.decoding, `${decisions}`);
    }),
    { numRuns: 60 },
  );
});

Deno.test("operations are no fewer than multiply-adds and numbers between layers", () => {
  fc.assert(fc.property(fc.nat(), (seed) => {
    const spec = drawSpec(randomStream(seed, "operations"));
    const { multiplyAdds, layers, parameters } = modelCost(spec);
    const cost = measureDramCost(spec, 100);
    const computed = layers.filter(({ layer }) =>
      layer.kind !== "flatten" && layer.kind !== "softmax"
    ).reduce((sum, { activationBytes }) => sum + activationBytes / 4, 0);
    assert(cost.operations >= Math.max(multiplyAdds, computed));
    assert(cost.memory >= 4 * parameters + 8 * cost.activations);
    assertEquals([cost.weights, cost.bytes], [parameters, 100]);
  }));
});

/** Each near a limit, and within all. */
const HEAVY: [string, ModelSpec][] = [
  ["many weights", specOf([2048, 1, 1], [FLATTEN, dense(450)])],
  ["many weights of one filter", specOf([900, 900, 1], [FLATTEN, dense(1)])],
  ["many numbers between layers", specOf([1500, 1500, 1], [conv(1, 1), MEAN])],
  [
    "a large pool",
    specOf([1900, 1900, 1], [{ kind: "maxPool2d", size: 1900 }, FLATTEN]),
  ],
  [
    "many depthwise weights",
    specOf([30, 30, 900], [{
      kind: "depthwiseConv2d",
      size: 30,
      activation: "linear",
    }, MEAN]),
  ],
  ["many classes", specOf([256, 256, 1], [FLATTEN])],
];
for (const [what, spec] of HEAVY) {
  Deno.test(`a model of ${what} holds no more memory than was reckoned`, () => {
    const bytes = writeDram(spec);
    const { memory } = peekDram(bytes).cost;
    // What others have left may be collected meanwhile: that only hides some of it. The
    // models are held, or each would take the place of the one before.
    const models: DirectModel[] = [];
    const grown = Array.from({ length: 3 }, () => {
      const before = getHeapStatistics().external_memory;
      models.push(load(bytes));
      return getHeapStatistics().external_memory - before;
    });
    const most = Math.max(...grown);
    assert(most > 2 ** 20 && most <= memory, `${grown} of ${memory}`);
  });
}

Deno.test("a caller may ask for less, of any cost, and is told which is too high", () => {
  const bytes = smallDram();
  const { cost } = peekDram(bytes);
  for (const key of Object.keys(DRAM_BUDGET) as (keyof DramBudget)[]) {
    assert(cost[key] <= DRAM_BUDGET[key]);
    for (const read of [decodeDram, load, inspectDram, peekDram]) {
      read(bytes, { budget: { [key]: cost[key] } });
      assertThrows(
        () => read(bytes, { budget: { [key]: cost[key] - 1 } }),
        RangeError,
        `at most ${cost[key] - 1} `,
      );
    }
  }
  load(bytes, { budget: cost });
});

Deno.test("a file that is too long is refused before a byte of it is read", () => {
  const bytes = new Uint8Array(101); // no .dram
  for (const read of [decodeDram, load, inspectDram, peekDram]) {
    assertThrows(
      () => read(bytes, { budget: { bytes: 100 } }),
      RangeError,
      "at most 100 bytes: it has 101",
    );
  }
});

Deno.test("a file's shape is seen without its weights, which are then refused", () => {
  const bytes = smallDram();
  const damaged = encodeDram(decodeDram(bytes));
  // What the frame says is right; the stream ends within the weights.
  const short = frameStream(unframeStream(damaged).stream.slice(0, 40), 1);
  assertEquals(peekDram(short).labels, decodeDram(bytes).labels);
  assertEquals(peekDram(short).spec, decodeDram(bytes).spec);
  assertThrows(() => decodeDram(short), SyntaxError, "ends before its model");
});

Deno.test("what no reader takes is not written", () => {
  const { spec, labels, tensors } = decodeDram(
    writeDram(specOf([1024, 1, 1], [FLATTEN, dense(1000)])),
    { budget: { decoding: Infinity } },
  );
  assertThrows(
    () => encodeDram({ spec, labels, tensors }),
    RangeError,
    "steps to decode",
  );
});
