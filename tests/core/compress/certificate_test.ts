import { assert, assertEquals, assertRejects } from "@std/assert";
import { certify } from "../../../core/compress/certificate.ts";
import { writeCertificate } from "../../../core/compress/write_certificate.ts";
import { hashValues } from "../../../core/data/dataset.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { smallDram, smallModel } from "../infer/small_model.ts";
import { hasAdapter } from "../../vulkan.ts";

const random = randomStream(1, "certificate");
const IMAGES = Uint8Array.from(
  { length: 5 * 784 },
  () => random.below(2) * random.below(256),
);
const WHOLE = { bytes: smallDram(), encoded: smallModel(), images: IMAGES };

Deno.test("a certificate names file, images, tolerance, backends and versions", async () => {
  const certificate = await certify(WHOLE);
  const { file, images, weights, tolerance, backends, versions } = certificate;
  const { bytes } = WHOLE;
  assertEquals(file, { bytes: bytes.length, sha256: hashValues(bytes) });
  assertEquals(images, { count: 5, sha256: hashValues(IMAGES) });
  assertEquals(weights, 45 + 5 + 45 + 5 + 50 + 10);
  assert(0 < tolerance.least && tolerance.most < 1e-3);
  assertEquals(
    backends.map((each) => [each.backend, "absent" in each]),
    [["cpu", false], ["wasm", false], ["webgpu", !hasAdapter]],
  );
  for (const each of backends) {
    if ("absent" in each) continue;
    assertEquals(each.images, 5);
    assert(each.largestShare <= 1 && each.largestDifference < 1e-4);
  }
  assertEquals(Object.keys(versions), ["retort", "deno", "tfjs"]);

  const path = `${await Deno.makeTempDir()}/small.dram`;
  const beside = await writeCertificate(path, certificate);
  assertEquals(beside, path.replace(".dram", ".certificate.json"));
  assertEquals(JSON.parse(await Deno.readTextFile(beside)), certificate);
});

Deno.test("a file of another model, or no images, is no certificate", async () => {
  const refuse = (changed: Partial<typeof WHOLE>, what: string) =>
    assertRejects(
      () => certify({ ...WHOLE, ...changed, backends: [] }),
      Error,
      what,
    );
  await refuse({ bytes: smallDram(2) }, "weight 0 of tensor 0 is");
  const { spec, labels } = smallModel();
  const words = labels.map((label) => `digit ${label}`);
  await refuse({ encoded: { ...smallModel(), labels: words } }, "its labels");
  const wider = {
    ...spec,
    layers: spec.layers.with(1, {
      kind: "averagePool2d",
      name: "pool",
      size: 2,
    }),
  };
  await refuse({ encoded: { ...smallModel(), spec: wider } }, "its layers");
  await refuse({ images: IMAGES.subarray(1) }, "there are 3919 pixels");
  await refuse({ images: new Uint8Array(0) }, "there are 0 pixels");
});

Deno.test("a certificate that is no longer wanted stops", async () => {
  const reason = new Error("enough");
  const stopped = new AbortController();
  const running = certify({ ...WHOLE, signal: stopped.signal });
  stopped.abort(reason);
  assertEquals(await running.catch((error) => error), reason);
});
