import { assertThrows } from "@std/assert";
import { checkSetting } from "../../../../core/compress/pipeline/check_setting.ts";
import {
  COMPRESSION_SETTING,
  type CompressionSetting,
} from "../../../../core/compress/pipeline/plan_stages.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";

const spec = parseLayers("conv3x6,max2,dense12");
const model = { spec, weights: initialWeights(spec, 1) };

const check = (change: Partial<CompressionSetting>) =>
  checkSetting({ ...COMPRESSION_SETTING, ...change }, model);

/** Checks the usual setting for a model of images of 64×64×3; what its weights are is the same. */
function checkModel(layers: string): void {
  const spec = parseLayers(layers, { input: [64, 64, 3], classes: 10 });
  checkSetting(COMPRESSION_SETTING, { spec, weights: initialWeights(spec, 1) });
}

const levelsOf = (bits: number | number[]) =>
  ({ kind: "quantise", bits, perChannel: false, powerOfTwo: true }) as const;

Deno.test("a setting that goes with its model passes", () => {
  check({ widths: { conv1: 6, dense1: 1 } });
  check({ form: { kind: "share", entries: [2, 3, 4] } });
  check({ form: levelsOf([4, 3, 2]) });
  check({ form: levelsOf(1), sparsity: 0 });
  check({ form: { ...levelsOf(1), bits: { budget: 100 } } });
});

Deno.test("what the last stage would refuse is refused before the first", () => {
  const cases: [Partial<CompressionSetting>, string][] = [
    [{ widths: { conv2: 2 } }, "Cannot thin layer conv2"],
    [{ widths: { conv1: 7 } }, "from 1 to 6"],
    [{ widths: { logits: 2 } }, "Cannot thin layer logits"],
    [{ form: { kind: "share", entries: [2, 3] } }, "each of 3 kernels"],
    [{ form: levelsOf([4, 4, 4, 4]) }, "each of 3 kernels"],
    [{ form: levelsOf([4, 1, 4]) }, "2 or more where weights are pruned"],
  ];
  for (const [change, message] of cases) {
    assertThrows(() => check(change), RangeError, message);
  }
});

Deno.test("a model of LeNet-5 for 64×64×3 may be a file, one of ten times its weights not", () => {
  // 4,257,080 weights.
  const lenet = "conv5x20:linear,max2,conv5x50:linear,max2,dense500";
  checkModel(lenet);
  assertThrows(
    () => checkModel(`${lenet},dense40000`),
    RangeError,
    "Cannot make a .dram of",
  );
});
