import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { load } from "../../../core/infer/load.ts";
import { PLAIN_READER } from "../../../web/components/draw/plain_reader.ts";
import {
  type Recogniser,
  startRecogniser,
} from "../../../web/components/draw/recogniser.ts";
import { smallDram, smallModel } from "../../core/infer/small_model.ts";
import { fakeTfjs } from "./fake_tfjs.ts";

const image = Float32Array.from(
  { length: 784 },
  (_, i) => (i * 37 % 101) / 101,
);

/** Waits until `isTrue`, for a second at most. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isTrue(); tries++) {
    await new Promise((done) => setTimeout(done, 5));
  }
  assertEquals(isTrue(), true);
}

/** What `recogniser` says of the image, and by what. */
async function ask(recogniser: Recogniser): Promise<[string, number]> {
  const answer = await recogniser.classify(image);
  return [recogniser.backend.value, answer?.classes[0] ?? -1];
}

/** A recogniser that computes by the GPU of `tfjs`. */
async function startOnWebGpu(
  tfjs: ReturnType<typeof fakeTfjs>,
): Promise<Recogniser> {
  const recogniser = startRecogniser(
    () => Promise.resolve(tfjs.page),
    PLAIN_READER,
  );
  recogniser.use(smallDram());
  recogniser.choose("webgpu");
  await until(() => recogniser.backend.value === "webgpu");
  return recogniser;
}

const [expected] = load(smallDram()).classify(image).classes;

Deno.test("without a model there is no answer", async () => {
  const recogniser = startRecogniser(
    () => Promise.reject(new Error("unused")),
    PLAIN_READER,
  );
  assertEquals(await recogniser.classify(image), null);
});

Deno.test("the first answers come from the plain path, and tfjs isn't asked for until it may load", async () => {
  let imports = 0;
  const recogniser = startRecogniser(() => {
    imports++;
    return Promise.resolve(fakeTfjs({ backends: ["webgpu"] }).page);
  }, PLAIN_READER);
  recogniser.use(smallDram());
  assertEquals(await ask(recogniser), ["cpu", expected]);
  await new Promise((done) => setTimeout(done, 300));
  assertEquals(imports, 0);
  recogniser.allowTfjs();
  await until(() => recogniser.backend.value === "webgpu");
  assertEquals(await ask(recogniser), ["webgpu", expected]);
  assertEquals(recogniser.reason.value, "webgpu it is");
  const { cpu, webgpu, wasm } = recogniser.latencies.value;
  assertEquals([cpu.length, webgpu.length, wasm.length], [1, 1, 0]);
});

Deno.test("a model that is swapped answers at once, and the one before frees its memory", async () => {
  const tfjs = fakeTfjs({ backends: ["wasm"] });
  const recogniser = startRecogniser(
    () => Promise.resolve(tfjs.page),
    PLAIN_READER,
  );
  recogniser.use(smallDram(1));
  recogniser.choose("wasm");
  await until(() => recogniser.backend.value === "wasm");
  for (const seed of [2, 3, 4]) {
    const [other] = load(smallDram(seed)).classify(image).classes;
    recogniser.use(smallDram(seed));
    assertEquals(await ask(recogniser), ["cpu", other]);
  }
  await until(() => recogniser.backend.value === "wasm");
  assertEquals(tfjs.alive(), 1);
  assertEquals(tfjs.log.filter((each) => each.startsWith("start")).length, 1);
});

Deno.test("a backend that can't start leaves the plain path, and says why", async () => {
  const tfjs = fakeTfjs({ backends: ["wasm"] });
  const recogniser = startRecogniser(
    () => Promise.resolve(tfjs.page),
    PLAIN_READER,
  );
  recogniser.use(smallDram());
  recogniser.choose("webgpu");
  await until(() => recogniser.reason.value === "there is no webgpu");
  assertEquals(await ask(recogniser), ["cpu", expected]);
  recogniser.choose("auto");
  await until(() => recogniser.backend.value === "wasm");
});

Deno.test("tfjs that can't be loaded leaves the plain path, and says why", async () => {
  const recogniser = startRecogniser(
    () => Promise.reject(new Error("offline")),
    PLAIN_READER,
  );
  recogniser.use(smallDram());
  recogniser.allowTfjs();
  await until(() => recogniser.reason.value === "offline");
  assertEquals(await ask(recogniser), ["cpu", expected]);
});

Deno.test("who chooses again has tfjs tried again, after the plain path too", async () => {
  const tfjs = fakeTfjs({ backends: ["webgpu"] });
  let isOnline = false;
  const importTfjs = () =>
    isOnline
      ? Promise.resolve(tfjs.page)
      : Promise.reject(new Error("offline"));
  const recogniser = startRecogniser(importTfjs, PLAIN_READER);
  recogniser.use(smallDram());
  recogniser.allowTfjs();
  await until(() => recogniser.reason.value === "offline");
  recogniser.choose("cpu");
  isOnline = true;
  recogniser.choose("auto");
  await until(() => recogniser.backend.value === "webgpu");
  assertEquals(recogniser.reason.value, "webgpu it is");
});

Deno.test("an answer that fails on a GPU comes from the plain path instead", async () => {
  let broken = false;
  const tfjs = fakeTfjs({ backends: ["webgpu"], fails: () => broken });
  const recogniser = await startOnWebGpu(tfjs);
  broken = true;
  assertEquals(await ask(recogniser), ["cpu", expected]);
  assertEquals(recogniser.reason.value, "the device is gone");
  await until(() => tfjs.alive() === 0);
});

Deno.test("a device that is lost is left, and the page says so", async () => {
  const tfjs = fakeTfjs({ backends: ["webgpu"] });
  const recogniser = await startOnWebGpu(tfjs);
  tfjs.lose("the driver reset");
  await until(() => recogniser.backend.value === "cpu");
  assertEquals(recogniser.reason.value, "the driver reset");
});

Deno.test("who chose the plain path hears nothing of a device that is lost later", async () => {
  const tfjs = fakeTfjs({ backends: ["webgpu"] });
  const recogniser = await startOnWebGpu(tfjs);
  recogniser.choose("cpu");
  const { value } = recogniser.reason;
  tfjs.lose("the driver reset");
  await new Promise((done) => setTimeout(done));
  assertEquals(recogniser.reason.value, value);
});

Deno.test("who chooses the plain path gets it, and the GPU back without a new start", async () => {
  const tfjs = fakeTfjs({ backends: ["webgpu"] });
  const recogniser = await startOnWebGpu(tfjs);
  recogniser.choose("cpu");
  assertEquals(await ask(recogniser), ["cpu", expected]);
  recogniser.choose("webgpu");
  await until(() => recogniser.backend.value === "webgpu");
  assertEquals(tfjs.log.filter((each) => each === "start webgpu").length, 1);
});

Deno.test("a file that is no model leaves the one that was in use", async () => {
  const recogniser = startRecogniser(
    () => Promise.reject(new Error("unused")),
    PLAIN_READER,
  );
  recogniser.use(smallDram());
  assertThrows(() => recogniser.use(new Uint8Array(9)), SyntaxError);
  assertEquals(await ask(recogniser), ["cpu", expected]);
});

/** A model whose sums are larger than any float32. */
function overflowingDram(): Uint8Array<ArrayBuffer> {
  const model = smallModel();
  const tensors = model.tensors.map(({ shape }) => ({
    kind: "float" as const,
    shape,
    bits: 32 as const,
    values: new Float32Array(shape.reduce((a, b) => a * b)).fill(3e38),
  }));
  return encodeDram({ ...model, tensors });
}

Deno.test("answers that are no numbers are an error, on the plain path and on tfjs", async () => {
  const recogniser = startRecogniser(
    () => Promise.reject(new Error("unused")),
    PLAIN_READER,
  );
  recogniser.use(overflowingDram());
  await assertRejects(() => recogniser.classify(image), Error);

  const tfjs = fakeTfjs({ backends: ["wasm"], overflows: () => true });
  const onWasm = startRecogniser(
    () => Promise.resolve(tfjs.page),
    PLAIN_READER,
  );
  onWasm.use(smallDram());
  onWasm.choose("wasm");
  await until(() => onWasm.backend.value === "wasm");
  // One infinite logit leaves probabilities that look like any: 0 and a share.
  assertEquals(await ask(onWasm), ["cpu", expected]);
  assertEquals(
    onWasm.reason.value,
    "This model’s answers to this drawing are no numbers",
  );
});
