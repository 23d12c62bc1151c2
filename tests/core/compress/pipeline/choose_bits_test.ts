import { assert, assertEquals, assertRejects } from "@std/assert";
import { chooseBits } from "../../../../core/compress/pipeline/run_quantise_stage.ts";
import { runPipeline } from "../../../../core/compress/pipeline/run_pipeline.ts";
import { measureSensitivity } from "../../../../core/compress/sensitivity/measure_sensitivity.ts";
import { makeSmallModel, RETRAINING, TASK } from "./small_compression.ts";

const model = await makeSmallModel();
const { bits: table } = await measureSensitivity(model, TASK.validation, {
  sparsities: [],
  bits: [2, 3, 4, 5, 6, 7, 8],
  loss: TASK.loss,
});

/** Bytes and loss that the sensitivity table has for bits, one a kernel. */
function costOf(bits: number[]): { bytes: number; loss: number } {
  const chosen = bits.map((count, kernel) =>
    table.find((row) => row.layer === kernel && row.bits === count)
  );
  const sum = (key: "bytes" | "loss") =>
    chosen.reduce((total, row) => total + (row?.[key] ?? NaN), 0);
  return { bytes: sum("bytes"), loss: sum("loss") };
}

async function choose(budget: number): Promise<number[]> {
  const chosen = [await chooseBits(TASK, model, { budget })].flat();
  assertEquals(chosen.length, 3);
  return chosen;
}

Deno.test("in the bytes of equal bits, chosen ones lose no more, and can differ", async () => {
  const differing = [];
  for (const bits of [2, 3, 4, 5]) {
    const equal = costOf([bits, bits, bits]);
    const chosen = await choose(equal.bytes);
    const { bytes, loss } = costOf(chosen);
    assert(bytes <= equal.bytes && loss <= equal.loss, `${chosen}`);
    if (new Set(chosen).size > 1) differing.push(chosen);
  }
  assert(differing.length > 0);
});

Deno.test("a stage with a budget of bytes trains kernels at the bits it chooses", async () => {
  const { bytes: budget } = costOf([3, 3, 3]);
  const { result } = await runPipeline({
    task: TASK,
    start: model,
    stages: [{
      ...{ kind: "quantise", bits: { budget }, biasBits: 6 },
      ...{ perChannel: false, powerOfTwo: false, training: RETRAINING },
    }],
  }, { folder: await Deno.makeTempDir() });
  assertEquals(
    result.tensors.map((each) => each.kind === "uniform" && each.bits),
    (await choose(budget)).flatMap((bits) => [bits, 6]),
  );
});

Deno.test("bits that are given stay, and a budget below two bits a weight is refused", async () => {
  assertEquals(await chooseBits(TASK, model, 5), 5);
  assertEquals(await chooseBits(TASK, model, [2, 3, 4]), [2, 3, 4]);
  const least = Math.min(...table.map(({ bytes }) => bytes));
  await assertRejects(
    () => chooseBits(TASK, model, { budget: least }),
    RangeError,
    "allow more, or prune",
  );
});
