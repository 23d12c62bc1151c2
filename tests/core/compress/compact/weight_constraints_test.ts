import { assertEquals, assertThrows } from "@std/assert";
import { COMPACT_CONFIGURATION } from "../../../../core/compress/compact/compact_configuration.ts";
import { weightConstraints } from "../../../../core/compress/compact/weight_constraints.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";

const spec = parseLayers("conv3x4/2,depth3,max2", {
  input: [14, 14, 1],
});
const LEVELS = { kind: "uniform", powerOfTwo: false, mask: undefined } as const;

Deno.test("kernels and biases have their own bits, and single layers others", () => {
  const constraints = weightConstraints(spec, {
    ...COMPACT_CONFIGURATION,
    bits: { kernel: 3, bias: 6 },
    layerBits: { depth1: { kernel: 8 }, logits: { kernel: 2, bias: 16 } },
    perChannel: true,
  });
  assertEquals(constraints, [
    { ...LEVELS, bits: 3, perChannel: true },
    { ...LEVELS, bits: 6, perChannel: false },
    { ...LEVELS, bits: 8, perChannel: true },
    { ...LEVELS, bits: 6, perChannel: false },
    { ...LEVELS, bits: 2, perChannel: true },
    { kind: "half" },
  ]);
});

Deno.test("32 bits are free; a mask stays with its weight, whatever its bits", () => {
  const mask = new Uint8Array(36).fill(1).fill(0, 0, 9);
  const withBits = (kernel: number) =>
    weightConstraints(
      spec,
      { ...COMPACT_CONFIGURATION, bits: { kernel, bias: 32 } },
      [mask],
    ).slice(0, 2);
  assertEquals(withBits(32), [{ kind: "mask", mask }, { kind: "free" }]);
  assertEquals(withBits(4), [
    { ...LEVELS, bits: 4, perChannel: false, mask },
    { kind: "free" },
  ]);
});

Deno.test("bits that no weight has, and layers that are none, are refused", () => {
  for (const kernel of [0, 9, 2.5, 31]) {
    assertThrows(
      () =>
        weightConstraints(spec, {
          ...COMPACT_CONFIGURATION,
          bits: { kernel, bias: 8 },
        }),
      RangeError,
      `current value is ${kernel}`,
    );
  }
  assertThrows(
    () =>
      weightConstraints(spec, {
        ...COMPACT_CONFIGURATION,
        layerBits: { max1: { kernel: 3 } },
      }),
    RangeError,
    "must be one of conv1, depth1, logits: current value is max1",
  );
});
