import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  COMPACT_CONFIGURATION,
  type CompactConfiguration,
} from "../../../../core/compress/compact/compact_configuration.ts";
import {
  type CompactProgress,
  type CompactTask,
  trainCompact,
  type TrainedCompact,
} from "../../../../core/compress/compact/train_compact.ts";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { scoreEncoded } from "../../../../core/compress/compact/score_encoded.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { runInWorker } from "../../../../core/workers/run_in_worker.ts";
import * as tf from "../../../../core/tf.ts";
import { tinyDigits } from "../../train/tiny_digits.ts";
import type { CompactWork } from "./compact_fixture.ts";

await useWasm();

const CONFIGURATION: CompactConfiguration = {
  ...COMPACT_CONFIGURATION,
  bits: { kernel: 4, bias: 8 },
  loss: { kind: "cross-entropy" },
  epochs: { float: 5, quantised: 3 },
  rates: { float: 0.02, quantised: 0.01 },
  examplesPerEpoch: 320, // of 400: 20 steps, so that stops are heard
  batchSize: 16,
  averaging: 0.9,
};
const TASK: CompactTask = {
  spec: parseLayers("conv3x4,max2,drop0.1", { input: [14, 14, 1] }),
  labels: [..."0123456789"],
  pool: { examples: tinyDigits(0, 400) },
  validation: { examples: tinyDigits(400, 100) },
  configuration: CONFIGURATION,
};

const before = tf.memory().numTensors;
const told: CompactProgress[] = [];
const trained = await trainCompact(TASK, {
  onProgress: (progress) => told.push(progress),
});

Deno.test("a compact model learns, and its second part keeps what the first has learnt", () => {
  const [float, quantised] = [trained.records.float, trained.records.quantised]
    .map(({ epochs, bestEpoch }) => epochs[bestEpoch - 1].validation.accuracy);
  assert(float > 0.7);
  assert(quantised > float - 0.1);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("what it encodes is what validation has chosen: levels, no dropout", async () => {
  const { encoded, records: { quantised }, validation } = trained;
  const kinds = encoded.tensors.map((tensor) =>
    tensor.kind === "uniform" ? tensor.bits : tensor.kind
  );
  assertEquals(kinds, [4, 8, 4, 8]);
  assert(encoded.spec.layers.every(({ kind }) => kind !== "dropout"));
  const { epochs, bestEpoch } = quantised;
  assertEquals(validation, epochs[bestEpoch - 1].validation);
  assertEquals(await scoreEncoded(encoded, TASK.validation), validation);
});

Deno.test("of epochs that are accurate enough the one with the smallest file is kept", async () => {
  // Files that shrink from epoch to epoch.
  const configuration = {
    ...CONFIGURATION,
    ratePenalty: 3,
    epochs: { float: 5, quantised: 8 },
  };
  const keep = async (atLeast: number) => {
    const task = { ...TASK, configuration: { ...configuration, atLeast } };
    const { encoded, records, validation } = await trainCompact(task);
    const { epochs, bestEpoch } = records.quantised;
    const kept = epochs[bestEpoch - 1].validation;
    assertEquals(kept.accuracy, validation.accuracy);
    return {
      scores: epochs.map(({ validation }) => validation),
      kept,
      encoded,
    };
  };
  const { scores, kept, encoded } = await keep(0.6);
  const sizes = scores.filter(({ accuracy }) => accuracy >= 0.6)
    .map(({ bytes = NaN }) => bytes);
  assert(sizes.length > 1);
  assertEquals(kept.bytes, Math.min(...sizes));
  // Channels are in a better order then, and only they.
  assert(encodeDram(encoded).length <= Math.min(...sizes));
  const never = await keep(1);
  assertEquals(
    never.kept.accuracy,
    Math.max(...scores.map(({ accuracy }) => accuracy)),
  );
});

Deno.test("progress counts epochs and steps over both parts", () => {
  const ends = told.filter(({ kind }) => kind === "epoch");
  assertEquals(ends.map(({ epoch }) => epoch), [1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(ends.map(({ step }) => step), [
    20,
    40,
    60,
    80,
    100,
    120,
    140,
    160,
  ]);
  assertEquals(
    ends.map(({ phase }) => phase).join(),
    [
      ...Array(5).fill("float"),
      ...Array(3).fill("quantised"),
    ].join(),
  );
  for (const { epochs, steps, secondsLeft } of told) {
    assertEquals([epochs, steps], [8, 160]);
    assert(secondsLeft >= 0);
  }
  assertEquals(told.at(-1)?.secondsLeft, 0);
});

Deno.test("stopped in either part, in this thread or a worker, it ends as if never stopped", async () => {
  const checkpoint = `${await Deno.makeTempDir()}/run`;
  for (const at of [40, 140]) {
    const controller = new AbortController();
    await assertRejects(
      () =>
        trainCompact(TASK, {
          checkpoint,
          signal: controller.signal,
          onProgress: ({ step }) =>
            step >= at && controller.abort(new Error("stop")),
        }),
      Error,
      "stop",
    );
  }
  let first: number | undefined;
  const resumed = await runInWorker<
    CompactWork,
    CompactProgress,
    TrainedCompact
  >(
    new URL("compact_fixture.ts", import.meta.url),
    { task: TASK, checkpoint, backend: "wasm" },
    { onEvent: ({ step }) => first ??= step },
  );
  assertEquals(resumed, trained);
  assert(first !== undefined && first >= 140);
});

Deno.test("another second part begins from a first part that was kept", async () => {
  const folder = await Deno.makeTempDir();
  const floatCheckpoint = `${folder}/float`;
  await trainCompact(TASK, { checkpoint: `${folder}/4`, floatCheckpoint });
  const phases = new Set<string>();
  const { float, encoded } = await trainCompact({
    ...TASK,
    configuration: { ...CONFIGURATION, bits: { kernel: 2, bias: 16 } },
  }, {
    checkpoint: `${folder}/2`,
    floatCheckpoint,
    onProgress: ({ phase }) => phases.add(phase),
  });
  assertEquals(float, trained.float);
  assertEquals([...phases], ["quantised"]);
  assertEquals(
    encoded.tensors[0].kind === "uniform" && encoded.tensors[0].bits,
    2,
  );
});

Deno.test("pruned weights are 0 in both parts", async () => {
  const mask = new Uint8Array(36).fill(1).fill(0, 4, 20);
  const { float, encoded } = await trainCompact({
    ...TASK,
    masks: [mask],
    configuration: { ...CONFIGURATION, epochs: { float: 1, quantised: 1 } },
  });
  const [tensor] = encoded.tensors;
  const levels = tensor.kind === "uniform" ? tensor.levels : new Int8Array();
  mask.forEach((kept, i) => {
    if (kept) return;
    assertEquals([float[0].values[i], levels[i]], [0, 0]);
  });
  assert(levels.some((level) => level !== 0));
});

Deno.test("a rate penalty makes levels smaller", async () => {
  const sumOfLevels = (model: TrainedCompact) =>
    model.encoded.tensors.flatMap((tensor) =>
      tensor.kind === "uniform" ? [...tensor.levels] : []
    ).reduce((sum, level) => sum + Math.log2(1 + Math.abs(level)), 0);
  const penalised = await trainCompact({
    ...TASK,
    configuration: { ...CONFIGURATION, ratePenalty: 2 },
  });
  assert(sumOfLevels(penalised) < 0.8 * sumOfLevels(trained));
});
