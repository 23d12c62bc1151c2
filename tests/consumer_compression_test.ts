import { assert, assertEquals } from "@std/assert";
import { runConsumer } from "./run_consumer.ts";
import { serveRepository } from "./serve_repository.ts";

const ROOT = new URL("../", import.meta.url);

/** What the consumer's program prints. */
interface Compressed {
  bytes: number;
  /** Images that the certificate is of. */
  certified: number;
  /** Images that the file classifies. */
  classified: number;
}

/** A program of another project: a compact model, its file, and the file's certificate. */
const PROGRAM = `
import {
  certify, COMPACT_CONFIGURATION, COMPACT_POOL, type EncodedModel, encodeDram,
  type Examples, initialWeights, load, loadMnist, openPools, parseLayers,
  selectBackend, selectExamples, splitDataset, trainCompact,
} from "MODULE";

await selectBackend("wasm");
const mnist = await loadMnist();
const first = (all: Examples<Uint8Array>, count: number): Examples<Uint8Array> =>
  selectExamples(all, Array.from({ length: count }, (_, index) => index));
const dataset = splitDataset({
  ...mnist,
  train: first(mnist.train, 300),
  test: first(mnist.test, 50),
}, { seed: 1, validation: 50 });
const spec = parseLayers("pool2,conv3x4,max2,mean");
const weights = initialWeights(spec, 1);
const { pool, validation } = await openPools(
  { kind: "row", spec, weights, sha256: "untrained", bytes: 0 },
  dataset,
  { ...COMPACT_POOL, copies: 2 },
  { cache: "cache", backend: "wasm", workers: 1 },
);
const labels = [..."0123456789"];
const { encoded }: { encoded: EncodedModel } = await trainCompact({
  ...{ spec, labels, pool, validation },
  configuration: {
    ...COMPACT_CONFIGURATION,
    epochs: { float: 1, quantised: 1 },
    examplesPerEpoch: 256,
  },
});
const bytes = encodeDram(encoded);
const { images } = dataset.test;
const certificate = await certify({ bytes, encoded, images, backends: ["wasm"] });
console.log(JSON.stringify({
  bytes: bytes.length,
  certified: certificate.images.count,
  classified: load(bytes).classify(images).classes.length,
}));
`;

Deno.test("another project trains, writes and certifies a compact model with Retort imported by URL", async () => {
  await using server = serveRepository(ROOT, {});
  const { printed } = await runConsumer(
    PROGRAM.replace("MODULE", `${server.url}mod.ts`),
    // Deno keeps what it has once loaded: of an older server at this port, too.
    ...["run", "-A", `--reload=${server.url}`],
  );
  const { bytes, certified, classified }: Compressed = JSON.parse(printed);
  assert(bytes < 100, `the file has ${bytes} bytes`);
  assertEquals([certified, classified], [50, 50]);
  assert(server.served.has("core/distill/pool_worker.ts"));
  assert(server.served.has("core/compress/certificate_worker.ts"));
});

Deno.test("another project's program of compression passes the type check", async () => {
  const module = new URL("mod.ts", ROOT).href;
  await runConsumer(PROGRAM.replace("MODULE", module), "check");
});
