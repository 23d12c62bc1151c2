import { assertEquals } from "@std/assert";
import {
  COMPACT_OPTIONS,
  compactConfiguration,
  POOL_OPTIONS,
  poolSpec,
} from "../../cli/options/compact_options.ts";
import { parseOptions } from "../../cli/options/parse_options.ts";
import {
  COMPACT_CONFIGURATION,
  COMPACT_POOL,
} from "../../core/compress/compact/compact_configuration.ts";

function configure(...args: string[]) {
  const values = parseOptions(args, COMPACT_OPTIONS);
  return compactConfiguration(values, { seed: 1, images: 55_000 });
}

Deno.test("without options compact trains as core's defaults say", () => {
  assertEquals(configure(), COMPACT_CONFIGURATION);
  assertEquals(poolSpec(parseOptions([], POOL_OPTIONS)), COMPACT_POOL);
});

Deno.test("layers may have bits of their own, of the kernel or of both", () => {
  const { layerBits } = configure("--layer-bits", "conv1=8, logits=3/16");
  assertEquals(layerBits, {
    conv1: { kernel: 8 },
    logits: { kernel: 3, bias: 16 },
  });
});

Deno.test("steps are float16s or powers of two, losses have their terms", () => {
  assertEquals(configure("--steps", "powers").powerOfTwo, true);
  assertEquals(configure("--steps", "halves").powerOfTwo, false);
  assertEquals(configure("--loss", "labels").loss, { kind: "cross-entropy" });
  assertEquals(configure("--temperature", "2", "--alpha", "0.5").loss, {
    kind: "distillation",
    temperature: 2,
    alpha: 0.5,
  });
});
