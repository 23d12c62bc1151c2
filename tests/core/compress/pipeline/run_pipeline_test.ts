import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { codeResult } from "../../../../core/compress/pipeline/code_result.ts";
import type { CompressionTask } from "../../../../core/compress/pipeline/compression_task.ts";
import { encodedModelOf } from "../../../../core/compress/pipeline/encoded_model_of.ts";
import { scoreTensors } from "../../../../core/compress/pipeline/measure_stage.ts";
import { runPipeline } from "../../../../core/compress/pipeline/run_pipeline.ts";
import type { Stage } from "../../../../core/compress/pipeline/stage.ts";
import type { StageReport } from "../../../../core/compress/pipeline/stage_report.ts";
import { type Examples, readImages } from "../../../../core/data/dataset.ts";
import { decodeDram } from "../../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { countParameters, weightShapes } from "../../../../core/models/cost.ts";
import * as tf from "../../../../core/tf.ts";
import { makeSmallModel, RETRAINING, TASK, TEST } from "./small_compression.ts";

const start = await makeSmallModel();
const OWN_BYTES = 4 * countParameters(start.spec);

/** Every kind of stage but the last two, which end a pipeline. */
const FLOAT_STAGES: Stage[] = [
  { kind: "exact" },
  {
    ...{ kind: "thin", widths: { conv1: 4, dense1: 8 }, rounds: 2 },
    ...{ importance: "activation", training: RETRAINING },
  },
  { kind: "tune", training: RETRAINING },
  {
    ...{ kind: "prune", scope: "lamp", rounds: 2, training: RETRAINING },
    schedule: { kind: "polynomial", initial: 0, final: 0.6 },
    last: RETRAINING,
  },
];
const SHARE: Stage = {
  ...{ kind: "share", sizes: 8, biasBits: 6, training: RETRAINING },
};
const QUANTISE: Stage = {
  ...{ kind: "quantise", bits: [4, 3, 4], biasBits: 6, training: RETRAINING },
  ...{ perChannel: false, powerOfTwo: true, ratePenalty: 0.01 },
};

/** All that training decides: reports without times. */
function withoutSeconds(reports: StageReport[]): unknown {
  return reports.map((report) => ({ ...report, seconds: 0 }));
}

for (const last of [SHARE, QUANTISE]) {
  Deno.test(`each stage's report is of the file that it would be: ${last.kind}`, async () => {
    const tensorsBefore = tf.memory().numTensors;
    const seen: StageReport[] = [];
    const { result, reports } = await runPipeline(
      { task: TASK, start, stages: [...FLOAT_STAGES, last] },
      {
        folder: await Deno.makeTempDir(),
        onReport: (report) => seen.push(report),
      },
    );
    assertEquals(tf.memory().numTensors, tensorsBefore);
    assertEquals(
      reports.map(({ stage }) => stage),
      ["start", "exact", "thin", "tune", "prune", last.kind],
    );
    assertEquals(seen.length, reports.length);

    const bytes = encodeDram(encodedModelOf(result, TASK.labels));
    const report = reports[reports.length - 1];
    assertEquals(report.bytes, bytes.length);
    const { tensors } = decodeDram(bytes);
    const values = tensors.flatMap((each) => [...decodeTensor(each).values]);
    assertEquals(report.parameters, values.length);
    assertEquals(report.parameters, countParameters(result.model.spec));
    assertEquals(report.nonZeros, values.filter((w) => w !== 0).length);
    assertEquals(report.bitsPerWeight, 8 * bytes.length / values.length);
    assertEquals(report.compression.own, OWN_BYTES / bytes.length);
    assertEquals(report.compression.teacher, 123_456 / bytes.length);
    const fromFile = { model: result.model, tensors };
    assertEquals(
      report.validation,
      await scoreTensors(fromFile, TASK.validation, TASK.loss),
    );
    assert(reports.every(({ test }) => test === undefined));
    const coded = await codeResult(TASK, result, {
      ownBytes: OWN_BYTES,
      test: TEST,
      tries: 20,
    });
    assertEquals(coded.report.bytes, coded.bytes.length);
    assert(coded.bytes.length <= bytes.length);
    const written = {
      model: result.model,
      tensors: decodeDram(coded.bytes).tensors,
    };
    assertEquals(
      coded.report.test,
      await scoreTensors(written, { examples: TEST }),
    );
    assert((report.huffmanBytes ?? 0) > 0);
    assert(report.validation.accuracy > 0.8, `${report.validation.accuracy}`);
  });
}

Deno.test("thinning leaves the widths asked for, and what is pruned stays 0", async () => {
  const { result, reports } = await runPipeline(
    { task: TASK, start, stages: [...FLOAT_STAGES, QUANTISE] },
    { folder: await Deno.makeTempDir() },
  );
  const { spec, weights, masks } = result.model;
  assertEquals(weightShapes(spec), [
    ...[[3, 3, 1, 4], [4], [36, 8], [8], [8, 3], [3]],
  ]);
  const kernels = masks.filter((_, i) => i % 2 === 0);
  const total = kernels.reduce((sum, { length }) => sum + length, 0);
  const pruned = kernels.reduce(
    (sum, mask) => sum + mask.filter((kept) => !kept).length,
    0,
  );
  assert(pruned >= Math.floor(0.6 * total));
  masks.forEach((mask, i) =>
    assert(mask.every((kept, j) => kept || weights[i].values[j] === 0))
  );
  const [before, , thin] = reports;
  assert(thin.parameters < before.parameters);
  assert(thin.bytes < before.bytes);
});

Deno.test("a pipeline that was stopped goes on where it stood, and makes the same", async () => {
  const stages = [FLOAT_STAGES[0], FLOAT_STAGES[3], SHARE];
  const whole = await runPipeline(
    { task: TASK, start, stages },
    { folder: await Deno.makeTempDir() },
  );

  const folder = await Deno.makeTempDir();
  const controller = new AbortController();
  let epochs = 0;
  await assertRejects(
    () =>
      runPipeline({ task: TASK, start, stages }, {
        folder,
        signal: controller.signal,
        onProgress: ({ kind }) => {
          // In the second round of pruning.
          if (kind === "epoch" && ++epochs === 3) {
            controller.abort(new Error("stopped"));
          }
        },
      }),
    Error,
    "stopped",
  );
  let more = 0;
  const numbers: number[] = [];
  const resumed = await runPipeline({ task: TASK, start, stages }, {
    folder,
    onStage: (number) => numbers.push(number),
    onProgress: ({ kind }) => more += Number(kind === "epoch"),
  });
  assertEquals(withoutSeconds(resumed.reports), withoutSeconds(whole.reports));
  assertEquals(resumed.result.model, whole.result.model);
  assertEquals(numbers, [1, 2, 3]);
  assert(more < 6, `${more} of 6 epochs were trained again`);

  let again = 0;
  const third = await runPipeline({ task: TASK, start, stages }, {
    folder,
    onProgress: () => again++,
  });
  assertEquals(again, 0);
  assertEquals(third.result.model, whole.result.model);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert(!names.some((name) => name.includes("checkpoint")), `${names}`);
});

Deno.test("what a stopped stage of another setting left does no harm", async () => {
  const folder = await Deno.makeTempDir();
  const run = (stage: Stage, signal?: AbortSignal, onProgress?: () => void) =>
    runPipeline(
      { task: TASK, start, stages: [stage] },
      { folder, signal, onProgress },
    );
  const controller = new AbortController();
  await assertRejects(() =>
    run(SHARE, controller.signal, () => controller.abort(new Error("stopped")))
  );
  await run({ ...SHARE, sizes: 3 });
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert(!names.some((name) => name.includes("checkpoint")), `${names}`);
});

Deno.test("stages kept of another setting, or damaged, are done again", async () => {
  const folder = await Deno.makeTempDir();
  const run = (stage: Stage) =>
    runPipeline({ task: TASK, start, stages: [stage] }, { folder });
  const { reports: [, first] } = await run({ ...SHARE, sizes: 8 });
  const { reports: [, second] } = await run({ ...SHARE, sizes: 3 });
  assert(second.bytes < first.bytes);
  for (const extension of ["json", "dram", "safetensors"]) {
    const path = `${folder}/stage-1.${extension}`;
    const whole = await Deno.readFile(path);
    // Cut short, or with a bit turned round.
    const turned = whole.slice();
    turned[whole.length - 1] ^= 0x80;
    for (const damaged of [whole.subarray(0, -1), turned]) {
      if (damaged === turned && extension === "safetensors") continue;
      await Deno.writeFile(path, damaged);
      const { reports } = await run({ ...SHARE, sizes: 3 });
      const name = `${damaged.length} bytes of ${extension}`;
      assertEquals(
        withoutSeconds(reports.slice(1)),
        withoutSeconds([second]),
        name,
      );
      // The index tells seconds, so that its length may differ.
      if (extension === "json") JSON.parse(await Deno.readTextFile(path));
      else assertEquals((await Deno.readFile(path)).length, whole.length, name);
    }
  }
});

Deno.test("stages kept of other images are done again, whatever their labels", async () => {
  const folder = await Deno.makeTempDir();
  const darken = (examples: Examples): Examples => ({
    ...examples,
    images: readImages(examples).map((pixel) => pixel >> 1),
  });
  const secondsOf = async (task: CompressionTask) => {
    const { reports } = await runPipeline(
      { task, start, stages: [FLOAT_STAGES[0]] },
      { folder },
    );
    return reports[1].seconds;
  };
  const { training, validation, observed } = TASK;
  const others: Partial<CompressionTask>[] = [
    { training: { examples: darken(training.examples) } },
    { validation: { examples: darken(validation.examples) } },
    { observed: darken(observed) },
  ];
  for (const change of others) {
    // A stage that was kept tells the time that it took when it was made.
    const kept = await secondsOf(TASK);
    assertEquals(await secondsOf(TASK), kept);
    assertNotEquals(await secondsOf({ ...TASK, ...change }), kept);
  }
});

Deno.test("a setting for another number of kernels is refused", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(
    () =>
      runPipeline({
        task: TASK,
        start,
        stages: [{ ...QUANTISE, bits: [4, 4] }],
      }, { folder }),
    RangeError,
    "`bits` must be one number, or one for each of 3 kernels",
  );
});

Deno.test("compression is told against the task's own teacher, of stages kept from before too", async () => {
  const folder = await Deno.makeTempDir();
  const stages = [{ kind: "exact" } as const];
  const options = { folder, ownBytes: OWN_BYTES };
  const before = await runPipeline({ task: TASK, start, stages }, options);
  const task = { ...TASK, teacherBytes: 2 * TASK.teacherBytes };
  const after = await runPipeline({ task, start, stages }, options);
  before.reports.forEach((report, index) => {
    assertEquals(report.compression.teacher, TASK.teacherBytes / report.bytes);
    const { compression, ...same } = after.reports[index];
    assertEquals(compression.teacher, task.teacherBytes / report.bytes);
    // The stage was not done again.
    if (index > 0) assertEquals(same.seconds, report.seconds);
  });
  await Deno.remove(folder, { recursive: true });
});
