import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeDram } from "../../../core/compress/mod.ts";
import {
  decodeDram,
  type DramBudget,
  inspectDram,
  measureDramCost,
} from "../../../core/infer/mod.ts";
import { listLayers } from "../../../core/models/layers/layers.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { writeModel } from "./fuzz/decisions.ts";
import { drawIntegerModel, drawModel } from "./fuzz/draw_model.ts";
import { compareDecoders } from "./second_decoder/compare.ts";
import { drawPlainModel } from "./second_decoder/draw_plain_model.ts";
import { runSecond } from "./second_decoder/run_second.ts";
import {
  compileSecondDecoder,
  HAS_GCC,
  readShipped,
  SecondDecoder,
} from "./second_decoder/second_decoder.ts";
import { specOf, type Unnamed, writeDram } from "./write_dram.ts";

// Compiled once, with checks: it dies where it reads or writes beyond its memory.
const folder = await Deno.makeTempDir();
const path = `${folder}/dram`;
if (HAS_GCC) await compileSecondDecoder(path, "checked");
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

function testSecond(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name} (needs gcc)`, ignore: !HAS_GCC, fn });
}

/** An image of noise, with ink here and there. */
function drawPixels({ input }: ModelSpec): Uint8Array<ArrayBuffer> {
  const random = randomStream(1, "pixels");
  return Uint8Array.from(
    { length: input.reduce((a, b) => a * b) },
    () => random.below(2) === 0 ? random.below(256) : 0,
  );
}

/** Asserts that both decoders accept each of `files`, and that an image gets the same logits. */
async function assertSame(files: Uint8Array<ArrayBuffer>[]): Promise<void> {
  await using second = new SecondDecoder(path);
  const asked = files.map((bytes) => ({
    bytes,
    pixels: drawPixels(decodeDram(bytes).spec),
  }));
  for (const comparison of await compareDecoders(second, asked)) {
    const { outcome, difference, ran } = comparison;
    assertEquals([outcome, difference, ran], ["both accept", undefined, true]);
  }
}

testSecond(
  "a decoder written from DRAM.md alone reads every file that we ship alike",
  async () => {
    const shipped = readShipped();
    assert(shipped.length > 60, `${shipped.length}`);
    await assertSame(shipped.map(({ bytes }) => bytes));
  },
);

testSecond(
  "both read all layers, tensors and codings of all versions alike",
  async () => {
    const random = randomStream(1, "fixtures");
    const files: Uint8Array<ArrayBuffer>[] = [];
    for (let place = 0; place < 100; place++) {
      const plain = drawPlainModel(random);
      const wide = drawModel(random);
      const integers = drawIntegerModel(random);
      const models = [plain, wide, integers];
      files.push(
        ...models.map(encodeDram),
        ...models.map((model) => writeModel(random, model)),
      );
    }
    const seen = new Set<string>();
    for (const bytes of files) {
      const { version, spec, tensors } = inspectDram(bytes);
      seen.add(`version ${version}`);
      for (const layer of listLayers(spec.layers)) {
        seen.add(layer.kind);
        if ("activation" in layer && layer.activation) {
          seen.add(layer.activation);
        }
      }
      for (const { kind, coding } of tensors) seen.add(kind).add(coding);
    }
    assertEquals(
      [...seen].sort(),
      [
        ...["version 1", "version 2", "version 3", "version 4"],
        ...["conv2d", "depthwiseConv2d", "dense", "flatten", "softmax"],
        ...["maxPool2d", "averagePool2d", "residual"],
        ...["globalAveragePool2d", "globalMaxPool2d"],
        ...["linear", "relu", "leakyRelu", "relu6"],
        ...["elu", "sigmoid", "tanh", "swish", "round"],
        ...["uniform", "codebook", "float"],
        ...["plain", "adaptive", "ascending", "gaps"],
        ...["fixed", "huffman", "huffmanGaps"],
      ].sort(),
    );
    await assertSame(files);
  },
);

testSecond(
  "both refuse the same of 3,000 files that were changed, and read the others alike",
  async () => {
    await using second = new SecondDecoder(path);
    const shipped = readShipped().map(({ bytes }) => bytes)
      .filter(({ length }) => length < 1500);
    const report = await runSecond(second, { files: 3000, seed: 100, shipped });
    assertEquals(report.differences, []);
    assertEquals(report.outcomes.differ, 0);
    // It gets where it should: to files of each version, and to many refusals.
    assert(report.ran > 300, JSON.stringify(report.outcomes));
    assert(report.outcomes["both refuse"] > 800);
    for (const version of [1, 2, 3, 4]) {
      assert(report.written[`version ${version}`] > 20, JSON.stringify(report));
    }
    assert(Object.keys(report.refusals).length > 40);
  },
);

for (const [hex, trace] of [["hex", "trace"], ["hex4", "trace4"]]) {
  testSecond(
    `the second takes the steps of the document's ${trace}, each with its probability`,
    async () => {
      const text = await Deno.readTextFile(
        new URL("../../../core/infer/DRAM.md", import.meta.url),
      );
      const blockOf = (kind: string) =>
        text.split("```" + kind + "\n")[1].split("```")[0];
      const bytes = Uint8Array.fromHex(
        blockOf(hex).replace(/ {2,}.*|\s/g, ""),
      );
      await Deno.writeFile(`${folder}/example.dram`, bytes);
      const { stdout } = await new Deno.Command(path, {
        args: ["--trace", `${folder}/example.dram`],
      }).output();
      assertEquals(new TextDecoder().decode(stdout), blockOf(trace));
    },
  );
}

/**
 * What must hold of models of integers: of 1×1×1, or as said, a file in which it just does, and
 * one in which it just doesn't.
 */
const INTEGER_EDGES: Record<string, [inside: string, beyond: string]> = {
  "a lift of at most 23, of a sum that is always 0": [
    "d78d71301efff81513a054360788ecfe395c80b514",
    "d79ca5611efff81513a054317979fcfe395c80b514",
  ],
  "a shift of logits of at most 23": [
    "d791e4781efff8128c0ec53c29",
    "d79e92bd1efff8128b6e4b3d29",
  ],
  "a shift of sums of at most 23": [
    "d79aeb771efff81157cf85be99bc937ea4",
    "d78998f61efff8115735a7e499bc937ea4",
  ],
  "shift 22, not 23, where a slope of 2^−2 shifts numbers below 0 by two more":
    [
      "d78329c11efff811583592059c19c7c89e",
      "d79d1f6b1efff811579bb42b9c19c7c89e",
    ],
  "256×257 pixels of 255 and a half of 2^8, not of 2^9": [
    "d79f6a4b10e88743f9ade72f1826",
    "d79a130910e88743f99fd72f1826",
  ],
  "the same of a window that is larger than its image, of 60×60": [
    "d790b0d31367b6bb4b98c8d80847c61445ff76f456923f",
    "d790b1f51367b6bb4b98c8d80847c61445cd73ca96923f",
  ],
  "a bias of −128 · 2^16, not of 2^24": [
    "d79972751efff812f5f72405a9",
    "d785f1721efff812f5f72379f5",
  ],
  "a bias's exponent of at most 23, of level 0": [
    "d78fcc911efff812f5f722411b",
    "d782be811efff812f5f7221e2e",
  ],
  "a residual sum of 2^16 · 255 + 255 and a half of 2^16, not of 2^17": [
    "d798c8851efff82897ac1080e41851157b3f0741",
    "d78463fd1efff8284caafa80e41851157b3f0741",
  ],
};

testSecond(
  "both hold models of integers to the same rules, at their very edges",
  async () => {
    await using second = new SecondDecoder(path);
    const inside = Object.values(INTEGER_EDGES).map(([hex]) => hex);
    await assertSame(inside.map((hex) => Uint8Array.fromHex(hex)));
    for (const [rule, [, hex]] of Object.entries(INTEGER_EDGES)) {
      const [{ outcome, refusal }] = await compareDecoders(
        second,
        [{ bytes: Uint8Array.fromHex(hex) }],
      );
      assertEquals([rule, outcome], [rule, "both refuse"]);
      assertMatch(`${refusal}`, /(from 0 to 23|to 2\^23|below 2\^24).* \| a /);
    }
    // A maximum of all pixels, which has no shift to be one of logits; and a flatten behind sums.
    for (const hex of ["d78c2c92f8", "d79437731d10ffffe3e05166"]) {
      const [{ outcome, refusal }] = await compareDecoders(
        second,
        [{ bytes: Uint8Array.fromHex(hex) }],
      );
      assertEquals(outcome, "both refuse");
      assertMatch(`${refusal}`, /must end in linear sums.* \| logits of a/);
    }
  },
);

const MEAN: Unnamed = { kind: "globalAveragePool2d" };
const POINT: Unnamed = {
  kind: "conv2d",
  filters: 1,
  size: 1,
  activation: "linear",
};
const held = (name: string): Unnamed => ({
  kind: "residual",
  layers: [{ ...POINT, kind: "depthwiseConv2d", name }],
  activation: "linear",
});

/** Of what a reader allows: the model of `extent` rows that it just allows, and the next that it doesn't. */
const EDGES: {
  [Key in keyof DramBudget]?: [
    extent: number,
    specOf: (extent: number) => ModelSpec,
  ];
} = {
  activations: [2048, (rows) => specOf([rows, 2048, 1], [MEAN])],
  operations: [2047, (rows) => {
    const layers = Array<Unnamed>(17).fill(POINT);
    return specOf([rows, 2048, 1], [...layers, MEAN]);
  }],
  memory: [1450, (rows) => {
    const layers = Array.from({ length: 10 }, (_, i) => held(`held-${i}`));
    return specOf([rows, 1024, 1], [...layers, MEAN]);
  }],
  decoding: [1191, (rows) => {
    const dense: Unnamed = { kind: "dense", units: 1, activation: "linear" };
    return specOf([rows, 800, 1], [{ kind: "flatten" }, dense]);
  }],
};

for (const [key, [extent, draw]] of Object.entries(EDGES)) {
  testSecond(
    `both reckon ${key} alike, and refuse a file just above what a reader allows`,
    async () => {
      const [inside, above] = [extent, extent + 1].map((extent) => {
        const version = key === "memory" ? 2 : 1;
        return writeDram(draw(extent), { version });
      });
      await using second = new SecondDecoder(path);
      const [accepted, refused] = await compareDecoders(
        second,
        [{ bytes: inside }, { bytes: above }],
      );
      assertEquals(accepted.outcome, "both accept", accepted.difference);
      assertEquals(refused.outcome, "both refuse", refused.difference);
      assertMatch(`${refused.refusal}`, /, or a larger budget \| .*, at most/);
    },
  );
}

testSecond(
  "a comparison sees another weight, another cost, another logit, and one refusal",
  async () => {
    await using second = new SecondDecoder(path);
    const bytes = encodeDram(drawModel(randomStream(3, "comparison")));
    const { spec } = decodeDram(bytes);
    const { operations } = measureDramCost(spec, bytes.length);
    const changes: [RegExp, string, RegExp][] = [
      [/(?<=\nweights \w{7})\w/, "x", /the first says weights/],
      [new RegExp(` ${operations}\n`), " 1\n", /the first says cost/],
      [/(?<=\nlogits )\S+/, "77", /logit 0 is .* 77 ±/],
      [/^[^]*$/, "refused: no\n", /only the second refuses: refused: no/],
      [/$/, "more\n", /the first says undefined, the second more/],
    ];
    for (const [pattern, text, expected] of changes) {
      const changed = {
        ask: async (requests: Parameters<typeof second.ask>[0]) =>
          (await second.ask(requests)).map((said) =>
            said.replace(pattern, text)
          ),
      };
      const [{ outcome, difference }] = await compareDecoders(
        changed,
        [{ bytes, pixels: drawPixels(spec) }],
      );
      assertEquals(outcome, "differ");
      assertMatch(`${difference}`, expected);
    }
    // Logits of integers are alike to the bit.
    const integers = encodeDram(drawIntegerModel(randomStream(4, "exact")));
    const nearly = {
      ask: async (requests: Parameters<typeof second.ask>[0]) =>
        (await second.ask(requests)).map((said) =>
          said.replace(
            /(?<=\nlogits .*)(.)\n$/,
            (_, digit: string) => `${(parseInt(digit, 16) ^ 1).toString(16)}\n`,
          )
        ),
    };
    const [exact] = await compareDecoders(second, [{ bytes: integers }]);
    const [changed] = await compareDecoders(nearly, [{ bytes: integers }]);
    assertEquals(exact.outcome, "both accept");
    assertMatch(`${changed.difference}`, /logits are \w+, the second/);
    const cut = bytes.slice(0, -1);
    const all = { ask: () => Promise.resolve(["cost\n"]) };
    const [{ difference }] = await compareDecoders(all, [{ bytes: cut }]);
    assertMatch(`${difference}`, /only the first refuses: .*cut short/);
  },
);
