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
import { drawModel } from "./fuzz/draw_model.ts";
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
      files.push(
        ...[plain, wide].map(encodeDram),
        ...[plain, wide].map((model) => writeModel(random, model)),
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
        ...["version 1", "version 2", "version 3"],
        ...["conv2d", "depthwiseConv2d", "dense", "flatten", "softmax"],
        ...["maxPool2d", "averagePool2d", "residual"],
        ...["globalAveragePool2d", "globalMaxPool2d"],
        ...["linear", "relu", "leakyRelu", "relu6"],
        ...["elu", "sigmoid", "tanh", "swish"],
        ...["uniform", "codebook", "float"],
        ...["plain", "adaptive", "ascending", "gaps"],
        ...["fixed", "huffman", "huffmanGaps"],
      ].sort(),
    );
    await assertSame(files);
  },
);

testSecond(
  "both refuse the same of 2,000 files that were changed, and read the others alike",
  async () => {
    await using second = new SecondDecoder(path);
    const shipped = readShipped().map(({ bytes }) => bytes)
      .filter(({ length }) => length < 1500);
    const report = await runSecond(second, { files: 2000, seed: 100, shipped });
    assertEquals(report.differences, []);
    assertEquals(report.outcomes.differ, 0);
    // It gets where it should: to files of each version, and to many refusals.
    assert(report.ran > 300, JSON.stringify(report.outcomes));
    assert(report.outcomes["both refuse"] > 800);
    for (const version of [1, 2, 3]) {
      assert(report.written[`version ${version}`] > 20, JSON.stringify(report));
    }
    assert(Object.keys(report.refusals).length > 40);
  },
);

testSecond(
  "the second takes the steps of the document's example, each with its probability",
  async () => {
    const text = await Deno.readTextFile(
      new URL("../../../core/infer/DRAM.md", import.meta.url),
    );
    const blockOf = (kind: string) =>
      text.split("```" + kind + "\n")[1].split("```")[0];
    const bytes = Uint8Array.fromHex(
      blockOf("hex").replace(/ {2,}.*|\s/g, ""),
    );
    await Deno.writeFile(`${folder}/example.dram`, bytes);
    const { stdout } = await new Deno.Command(path, {
      args: ["--trace", `${folder}/example.dram`],
    }).output();
    assertEquals(new TextDecoder().decode(stdout), blockOf("trace"));
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
    const cut = bytes.slice(0, -1);
    const all = { ask: () => Promise.resolve(["cost\n"]) };
    const [{ difference }] = await compareDecoders(all, [{ bytes: cut }]);
    assertMatch(`${difference}`, /only the first refuses: .*cut short/);
  },
);
