import { assert, assertEquals } from "@std/assert";
import {
  canonicalLayers,
  mutateLayers,
} from "../../../core/search/mutate_layers.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { randomStream } from "../../../core/random/stream.ts";

const DATA = [
  { shape: [28, 28, 1], classes: 10 },
  { shape: [32, 32, 3], classes: 100 },
  { shape: [8, 8, 1], classes: 2 },
] as const;

const FOUNDERS = [
  "conv3x4,mean",
  "pool2,dense8",
  "flatten",
  "depth3*2:linear,conv1x4:leaky,max2,most,dense6",
  "conv3x2:same,res(conv3x2:same:linear),drop0.2,dense4",
];

Deno.test("thousands of mutations, one upon another, each give a model that is another and has one text", () => {
  const random = randomStream(1, "mutations");
  for (const data of DATA) {
    const { shape: input, classes } = data;
    for (const founder of FOUNDERS) {
      let spec = parseLayers(founder, { input, classes });
      let changes = 0;
      for (let i = 0; i < 400; i++) {
        const text = mutateLayers(spec, data, random);
        if (text === undefined) continue;
        const child = parseLayers(text, { input, classes });
        assertEquals(canonicalLayers(child), text);
        assert(text !== canonicalLayers(spec), text);
        changes++;
        // Else it would grow beyond all bounds, which an evolution sets.
        spec = child.layers.length > 12
          ? parseLayers(founder, { input, classes })
          : child;
      }
      assert(changes > 200, `${founder}: ${changes} of 400`);
    }
  }
});

/** All that one change makes of `text` in many draws. */
function listChildren(text: string): Set<string> {
  const [data] = DATA;
  const random = randomStream(2, text);
  const spec = parseLayers(text, { input: data.shape });
  const children = Array.from(
    { length: 1500 },
    () => mutateLayers(spec, data, random),
  );
  return new Set(children.filter((each) => each !== undefined));
}

Deno.test("mutations reach each kind of change, there and back", () => {
  const pairs = [
    ["conv3x8,mean", "conv3x8,most"],
    ["conv3x8", "conv3x8,mean"],
    ["conv3x8,mean", "conv3x9,mean"],
    ["conv3x8,mean", "conv4x8,mean"],
    ["conv3x8,mean", "conv5x8,mean"],
    ["conv3x8,mean", "conv3x8/2,mean"],
    ["conv3x8,mean", "conv3x8:same,mean"],
    ["conv3x8,mean", "conv3x8:leaky,mean"],
    ["conv3x8/2,mean", "conv3x8,max2,mean"],
    ["conv3x8/2,mean", "depth3/2:linear,conv1x8,mean"],
    ["conv5x8:same:leaky,mean", "depth5:same:linear,conv1x8:leaky,mean"],
    ["conv3x8,mean", "conv3x8,max2,mean"],
    ["conv3x8,mean", "pool2,conv3x8,mean"],
    ["conv3x8,mean", "conv3x8,conv3x8,mean"],
    ["conv3x8,mean", "depth3:linear,conv3x8,mean"],
    ["depth3:linear,mean", "depth3,mean"],
    ["depth3:linear,mean", "mean"],
    ["mean", "mean,dense12"],
  ];
  const texts = [...new Set(pairs.flat())];
  const children = new Map(texts.map((text) => [text, listChildren(text)]));
  for (const [from, to] of [...pairs, ...pairs.map(([a, b]) => [b, a])]) {
    assert(children.get(from)?.has(to), `${from} must become ${to}`);
  }
});

Deno.test("layers within res(…) stay as they are, and what doesn't fit them is no child", () => {
  for (const child of listChildren("conv3x4:same,res(conv3x4:same:linear)")) {
    assert(
      !child.includes("res(") || child.includes("res(conv3x4:same:linear)"),
      child,
    );
  }
});
