import { assertEquals, assertRejects } from "@std/assert";
import { certify } from "../../../core/compress/certificate.ts";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { askC } from "../../../core/export/ask_c.ts";
import { loadEncoded } from "../../../core/infer/load.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { drawIntegers } from "../models/random_integers.ts";

const spec = parseLayers("conv3x4/2:round7,max2,conv3x6:round6s3,mean:linear", {
  shift: 6,
});
const random = randomStream(4, "certified integers");
const encoded = {
  ...drawIntegers(random, spec),
  labels: [..."0123456789"],
};
const images = Uint8Array.from({ length: 6 * 784 }, () => random.below(256));

Deno.test("a model of integers is certified to be exact, to the bit, on each path", async () => {
  const bytes = encodeDram(encoded);
  const certificate = await certify({
    bytes,
    encoded,
    images,
    backends: ["cpu", "wasm"],
    askC,
  });
  const { exact, close, tolerance, backends } = certificate;
  assertEquals(
    exact?.claim,
    "exact on every backend that adds in float32 or int32",
  );
  assertEquals(exact && exact.largestSum < exact.limit, true);
  assertEquals([close.count, tolerance.most], [0, 0]);
  assertEquals(backends.map(({ backend }) => backend), ["cpu", "wasm", "c"]);
  for (const agreement of backends) {
    if ("absent" in agreement) continue;
    assertEquals([agreement.images, agreement.largestDifference], [6, 0]);
  }
});

Deno.test("one bit of one logit is a mismatch", async () => {
  const { logits } = loadEncoded(encoded).classify(images);
  logits[7] += 2 ** -6;
  await assertRejects(
    () =>
      certify({
        ...{ bytes: encodeDram(encoded), encoded, images, backends: [] },
        askC: () => Promise.resolve({ logits }),
      }),
    Error,
    "the C export",
  );
});
