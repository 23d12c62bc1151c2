import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import {
  COMPACT_CONFIGURATION,
  type CompactConfiguration,
} from "../../../../core/compress/compact/compact_configuration.ts";
import { scoreEncoded } from "../../../../core/compress/compact/score_encoded.ts";
import {
  type CompactTask,
  trainCompact,
} from "../../../../core/compress/compact/train_compact.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import { decodeDram } from "../../../../core/infer/decode_dram.ts";
import { load } from "../../../../core/infer/load.ts";
import { isInteger } from "../../../../core/models/integer.ts";
import { listLayers } from "../../../../core/models/layers/layers.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import * as tf from "../../../../core/tf.ts";
import { makeBars } from "../../bars.ts";

await useWasm();

const BARS = makeBars();
const CONFIGURATION: CompactConfiguration = {
  ...COMPACT_CONFIGURATION,
  integers: { activationBits: 8 },
  loss: { kind: "cross-entropy" },
  epochs: { float: 12, quantised: 4 },
  examplesPerEpoch: 320, // 20 steps, so that stops are heard
  batchSize: 16,
  averaging: 0.5,
};
const taskOf = (
  layers: string,
  changes: Partial<CompactConfiguration> = {},
): CompactTask => ({
  spec: parseLayers(layers, { input: BARS.shape, classes: BARS.classes }),
  labels: ["stands", "lies", "leans"],
  pool: { examples: BARS.train },
  validation: { examples: BARS.validation },
  configuration: { ...CONFIGURATION, ...changes },
});

const TASK = taskOf("conv5x24,max2,drop0.1");
const before = tf.memory().numTensors;
const trained = await trainCompact(TASK);

Deno.test("a model of integers learns bars, and leaks no tensor", () => {
  assertEquals(tf.memory().numTensors, before);
  assert(trained.validation.accuracy > 0.9, `${trained.validation.accuracy}`);
  assert(isInteger(trained.encoded.spec.layers));
});

Deno.test("what validation has judged is what the file gives, to the bit", async () => {
  const { records: { quantised: { epochs, bestEpoch } } } = trained;
  const decoded = decodeDram(encodeDram(trained.encoded));
  const score = await scoreEncoded(decoded, TASK.validation);
  assertEquals(score, epochs[bestEpoch - 1].validation);
  assertEquals(trained.validation, score);
  const { images, labels, count } = BARS.validation;
  const { classes } = load(encodeDram(trained.encoded)).classify(images);
  const hits = classes.filter((each, i) => each === labels[i]).length;
  assertEquals(hits / count, score.accuracy);
});

Deno.test("stopped in its second part, it ends as if never stopped", async () => {
  const checkpoint = `${await Deno.makeTempDir()}/run`;
  const controller = new AbortController();
  const stopped = trainCompact(TASK, {
    checkpoint,
    signal: controller.signal,
    onProgress: ({ step }) =>
      step >= 280 && controller.abort(new Error("stop")),
  });
  await assertRejects(() => stopped, Error, "stop");
  assertEquals(await trainCompact(TASK, { checkpoint }), trained);
});

Deno.test("layers of every kind are trained as integers, with few bits and shifts of channels", async () => {
  for (
    const [layers, changes] of [
      ["conv3x4:leaky,pool2,depth3:same:leaky0.25,mean", {}],
      ["conv3x4,res(conv3x4:same,conv3x4:same:linear),max2,dense6", {}],
      ["conv3x6,max2,conv3x4", { perChannel: true }],
      ["conv3x6/2:same,most", { integers: { activationBits: 3 } }],
      ["conv3x4,max2", { bits: { kernel: 1, bias: 16 } }],
    ] as [string, Partial<CompactConfiguration>][]
  ) {
    const task = taskOf(layers, {
      epochs: { float: 2, quantised: 2 },
      examplesPerEpoch: 64,
      ...changes,
    });
    const { encoded, records, validation } = await trainCompact(task);
    const { epochs, bestEpoch } = records.quantised;
    assertEquals(epochs[bestEpoch - 1].validation, validation, layers);
    const decoded = decodeDram(encodeDram(encoded));
    assertEquals(
      await scoreEncoded(decoded, task.validation),
      validation,
      layers,
    );
    for (const layer of listLayers(encoded.spec.layers)) {
      if (!("activation" in layer) || layer.activation !== "round") continue;
      assertEquals(layer.bits ?? 8, changes.integers?.activationBits ?? 8);
    }
  }
});

Deno.test("what can't be of integers is refused before anything is trained", async () => {
  for (
    const [layers, changes, rule] of [
      ["conv3x4:tanh,max2", {}, "tanh of conv1"],
      ["conv3x4:leaky0.2,max2", {}, "leakyRelu 0.2"],
      ["conv3x4,max2", { bits: { kernel: 16, bias: 4 } }, "1 to 8 bits"],
      ["conv3x4,max2", { integers: { activationBits: 9 } }, "from 1 to 8"],
    ] as [string, Partial<CompactConfiguration>, string][]
  ) {
    await assertRejects(
      () =>
        trainCompact(taskOf(layers, changes), {
          onProgress: () => {
            throw new Error("trained");
          },
        }),
      RangeError,
      rule,
    );
  }
});
