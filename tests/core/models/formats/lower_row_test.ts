import { assertEquals } from "@std/assert";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { numberClasses } from "../../../../core/data/dataset.ts";
import { decodeDram } from "../../../../core/infer/decode_dram.ts";
import { lowerRow } from "../../../../core/models/formats/lower_row.ts";
import type { RowStep } from "../../../../core/models/formats/row.ts";

const weights = [{ shape: [4, 3], values: new Float32Array(12).fill(0.5) }];

Deno.test("a slope is what a .dram file says, of the float32 that is nearest to it", () => {
  for (
    const [slope, settled] of [
      [Math.fround(0.3), 0.3],
      [Math.fround(0.2512341), 0.251234],
      [0.125, undefined], // the usual one, which isn't said
    ] as const
  ) {
    const { spec, weights: placed } = lowerRow({
      name: "leaky",
      input: [4],
      steps: [
        {
          kind: "layer",
          layer: { kind: "dense", name: "fc", units: 3, activation: "linear" },
          weights,
        },
        { kind: "activation", name: "leaky", activation: "leakyRelu", slope },
      ],
    }, "it");
    const [, dense] = spec.layers;
    assertEquals("slope" in dense ? dense.slope : undefined, settled);
    const read = decodeDram(encodeDram({
      spec,
      labels: numberClasses(3),
      tensors: placed.map((each) => ({
        kind: "float",
        bits: 16,
        ...each,
      })),
    }));
    const [, again] = read.spec.layers;
    assertEquals({ ...again, name: "fc" }, dense);
  }
});

Deno.test("100,000 layers of one name are called by names of their own, soon", () => {
  const step = (name: string): RowStep => ({
    kind: "layer",
    layer: { kind: "dropout", name, rate: 0.5 },
    weights: [],
  });
  const { spec } = lowerRow({
    name: "many",
    input: [2, 2, 1],
    steps: [step("drop_3"), ...Array.from({ length: 1e5 }, () => step("drop"))],
  }, "it");
  const names = spec.layers.map(({ name }) => name);
  assertEquals(names.slice(0, 4), ["drop_3", "drop", "drop_2", "drop_4"]);
  assertEquals(new Set(names).size, names.length);
});
