import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  COMPRESSION_SETTING,
  type CompressionSetting,
  planStages,
} from "../../../../core/compress/pipeline/plan_stages.ts";
import {
  type CompressionGoals,
  rungSparsity,
  searchSetting,
} from "../../../../core/compress/pipeline/search_setting.ts";
import { makeSmallModel, TASK } from "./small_compression.ts";

const start = await makeSmallModel();

const SETTING: CompressionSetting = {
  ...COMPRESSION_SETTING,
  form: { kind: "share", entries: 8 },
  epochs: { thin: 1, prune: 1, last: 4, form: 3 },
  rates: { float: 3e-3, form: 3e-3 },
  batchSize: 16,
};

async function search(goals: CompressionGoals, setting = SETTING) {
  return await searchSetting(
    { task: TASK, start, setting, goals },
    { folder: await Deno.makeTempDir() },
  );
}

Deno.test("for bytes it prunes until the file is small enough", async () => {
  const { chosen, trials, reports, reached } = await search({ bytes: 250 });
  assert(reached);
  assert(chosen.bytes <= 250);
  assertEquals(chosen, trials[trials.length - 1]);
  assert(trials.slice(0, -1).every(({ bytes }) => bytes > 250));
  assertEquals(
    trials.map(({ sparsity }) => sparsity),
    trials.map((_, rung) => rungSparsity(rung)),
  );
  const last = reports[reports.length - 1];
  assertEquals([last.bytes, last.stage], [chosen.bytes, "share"]);
  // Compared with the model that came, not with the pruned one.
  assertEquals(
    last.compression.own,
    reports[0].compression.own *
      reports[0].bytes / last.bytes,
  );
});

Deno.test("for an accuracy it gives the smallest file that still has it", async () => {
  const { chosen, trials, reached } = await search({ accuracy: 0.75 });
  assert(reached);
  assert(chosen.accuracy >= 0.75);
  const good = trials.filter(({ accuracy }) => accuracy >= 0.75);
  assertEquals(chosen.bytes, Math.min(...good.map(({ bytes }) => bytes)));
  assert(trials.length > good.length); // It went on until the accuracy was lost.
});

Deno.test("a goal that can't be had gives the nearest, and says so", async () => {
  const hopeless = await search(
    { accuracy: 0.999999, bytes: 20 },
    { ...SETTING, epochs: { thin: 1, prune: 1, last: 1, form: 1 } },
  );
  assertEquals(hopeless.reached, false);
  assertEquals(hopeless.chosen, hopeless.trials[hopeless.trials.length - 1]);
});

Deno.test("a search without a goal is refused", async () => {
  await assertRejects(() => search({}), RangeError, "neither is given");
});

Deno.test("a setting that its last stage would refuse is refused at once", async () => {
  const form: CompressionSetting["form"] = {
    ...{ kind: "quantise", bits: 1, perChannel: false, powerOfTwo: true },
  };
  await assertRejects(
    () => search({ bytes: 250 }, { ...SETTING, sparsity: 0, form }),
    RangeError,
    "2 or more where weights are pruned",
  );
});

Deno.test("stages follow from the setting: no pruning at 0, no thinning without widths", () => {
  const kinds = (changes: Partial<CompressionSetting>) =>
    planStages({ ...SETTING, ...changes }).map(({ kind }) => kind);
  assertEquals(kinds({}), ["exact", "prune", "exact", "share"]);
  assertEquals(kinds({ sparsity: 0 }), ["exact", "exact", "share"]);
  assertEquals(
    kinds({
      widths: { conv1: 2 },
      form: {
        ...{ kind: "quantise", bits: 3 },
        ...{ perChannel: false, powerOfTwo: true },
      },
    }),
    ["exact", "thin", "prune", "exact", "quantise"],
  );
});
