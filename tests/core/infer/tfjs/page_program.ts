/**
 * What a page does with core/infer/tfjs/page.ts, in a process that tfjs takes for a
 * browser: run with the name of a scenario, it prints what became of it as JSON.
 *
 * @module
 */
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { load } from "../../../../core/infer/load.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import models from "../../../../web/static/data/models.json" with {
  type: "json",
};
import samples from "../../../../web/static/data/samples.json" with {
  type: "json",
};
import { drawSpec, drawWeights } from "../random_spec.ts";
import { smallDram } from "../small_model.ts";

const [scenario] = Deno.args;
const root = new URL("../../../../", import.meta.url);

// Before tfjs looks: Node's globals are why it wouldn't take this for a browser.
Reflect.deleteProperty(globalThis, "process");
Reflect.set(globalThis, "WorkerGlobalScope", Object);

const { startPageBackend, loadInPage } = await import(
  "../../../../core/infer/tfjs/page.ts"
);

const asked: string[] = [];
const server = Deno.serve(
  { hostname: "localhost", port: 0, onListen: () => {} },
  async (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    if (pathname.startsWith("/missing/")) {
      return new Response(null, { status: 404 });
    }
    const name = pathname.replace("/wasm/", "");
    const path = `node_modules/@tensorflow/tfjs-backend-wasm/dist/${name}`;
    return new Response(await Deno.readFile(new URL(path, root)), {
      headers: { "content-type": "application/wasm" },
    });
  },
);
const origin = `http://localhost:${server.addr.port}`;
const wasmPath = `${origin}/wasm/`;

type Choice = "auto" | "webgpu" | "wasm";
const start = (choice: Choice) => startPageBackend(choice, { wasmPath });

/** What a promise was rejected for. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "nothing was refused";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** One model of each architecture of the site; units of its last hidden layer vary. */
const architectures = Map.groupBy(
  models.models,
  ({ layers }) => layers.replace(/,dense\d+$/, ""),
);

function everyTenth(images: Uint8Array): Uint8Array {
  const size = 784;
  return images.filter((_, i) => Math.floor(i / size) % 10 === 0);
}

/** How the site's models and drawn ones differ from the direct path. */
async function compare(choice: "webgpu" | "wasm"): Promise<unknown> {
  const { name } = await start(choice);
  const all = await Deno.readFile(
    new URL(`web/static${samples.file}`, root),
  );
  const differing: Record<string, number> = {};
  for (const [{ name, file, parameters }] of architectures.values()) {
    // Of large models every tenth, two of each class.
    const images = parameters < 20_000 ? all : everyTenth(all);
    const bytes = await Deno.readFile(new URL(`web/static${file}`, root));
    using model = await loadInPage(bytes);
    const { classes } = await model.classify(images);
    const expected = load(bytes).classify(images).classes;
    differing[name] = classes.filter((x, i) => x !== expected[i]).length;
  }
  const drawn: number[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const random = randomStream(seed, "page");
    const spec = drawSpec(random);
    const labels = drawLabels(spec.layers);
    const bytes = encodeDram({
      spec,
      labels,
      tensors: drawWeights(random, spec).map(({ shape, values }) => ({
        kind: "float",
        shape,
        bits: 32,
        values: Float32Array.from(values),
      })),
    });
    const size = 2 * spec.input.reduce((a, b) => a * b);
    const pixels = Float32Array.from({ length: size }, () => random.uniform());
    const expected = load(bytes).classify(pixels).logits;
    using model = await loadInPage(bytes);
    const { logits } = await model.classify(pixels);
    drawn.push(Math.max(...logits.map((z, i) => Math.abs(z - expected[i]))));
  }
  return { name, differing, drawn: Math.max(...drawn) };
}

function drawLabels(layers: { kind: string; units?: number }[]): string[] {
  const { units = 0 } = layers.findLast(({ kind }) => kind === "dense") ?? {};
  return Array.from({ length: units }, (_, i) => String(i));
}

/** The only device there is, as soon as a page has asked for it. */
function catchDevice(): Promise<GPUDevice> {
  const request = GPUAdapter.prototype.requestDevice;
  return new Promise((resolve) => {
    GPUAdapter.prototype.requestDevice = async function (options) {
      const device = await request.call(this, options);
      resolve(device);
      return device;
    };
  });
}

/** Has every adapter say that it is a GPU. */
function pretendHardware(): void {
  Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", {
    value: false,
  });
}

const scenarios: Record<string, () => Promise<unknown>> = {
  webgpu: () => compare("webgpu"),
  wasm: () => compare("wasm"),

  async auto() {
    const { name, adapter, reason } = await start("auto");
    return { name, adapter, reason, asked };
  },

  async hardware() {
    pretendHardware();
    const { name, adapter, reason } = await start("auto");
    return { name, reason: reason.replace(adapter ?? "", "ADAPTER") };
  },

  /** A driver that runs nothing: results are memory's zeros. */
  async zeros() {
    pretendHardware();
    GPUComputePassEncoder.prototype.dispatchWorkgroups = () => {};
    const { name, adapter, reason } = await start("auto");
    const explicit = await refusal(start("webgpu"));
    return { name, adapter, reason, explicit };
  },

  async noAdapter() {
    GPU.prototype.requestAdapter = () => Promise.resolve(null);
    const { reason } = await start("auto");
    return { reason, explicit: await refusal(start("webgpu")) };
  },

  async noWebGpu() {
    Reflect.deleteProperty(Navigator.prototype, "gpu");
    const { reason } = await start("auto");
    Reflect.set(globalThis, "isSecureContext", false);
    return { reason, insecure: (await start("auto")).reason };
  },

  /** An extension, or a browser, that throws what is no error. */
  async noError() {
    GPU.prototype.requestAdapter = () => Promise.reject("blocked for privacy");
    return { reason: (await start("auto")).reason };
  },

  async noSimd() {
    WebAssembly.validate = () => false;
    return { wasm: await refusal(start("wasm")) };
  },

  /** A browser from before adapters described themselves. */
  async noInfo() {
    Reflect.deleteProperty(GPUAdapter.prototype, "info");
    const { name, adapter, reason } = await start("auto");
    using model = await loadInPage(smallDram());
    const { classes } = await model.classify(new Uint8Array(784));
    return { name, adapter, reason, answers: classes.length };
  },

  async noDevice() {
    pretendHardware();
    GPUAdapter.prototype.requestDevice = () =>
      Promise.reject(new TypeError("unsupported"));
    const { reason } = await start("auto");
    return { reason };
  },

  async missing() {
    const wasmPath = `${origin}/missing/`;
    GPU.prototype.requestAdapter = () => Promise.resolve(null);
    return {
      auto: await refusal(startPageBackend("auto", { wasmPath })),
      wasm: await refusal(startPageBackend("wasm", { wasmPath })),
    };
  },

  async lost() {
    const caught = catchDevice();
    const { lost } = await start("webgpu");
    const model = await loadInPage(smallDram());
    (await caught).destroy();
    const { message } = await lost;
    const image = new Uint8Array(784);
    const classify = await refusal(model.classify(image));
    model[Symbol.dispose]();
    const { name } = await start("wasm");
    using again = await loadInPage(smallDram());
    const { classes } = await again.classify(image);
    const expected = load(smallDram()).classify(image).classes;
    const webgpu = await start("webgpu");
    using third = await loadInPage(smallDram());
    const after = await third.classify(image);
    return {
      message,
      classify,
      name,
      right: classes[0] === expected[0] && after.classes[0] === expected[0],
      again: webgpu.name,
    };
  },

  /** Something else on the device goes wrong, and with it perhaps our results. */
  async fault() {
    const caught = catchDevice();
    const { lost } = await start("webgpu");
    using model = await loadInPage(smallDram());
    const { MAP_READ, STORAGE } = GPUBufferUsage; // Which don't go together.
    (await caught).createBuffer({ size: 16, usage: MAP_READ | STORAGE });
    const { message } = await lost;
    const classify = await refusal(model.classify(new Uint8Array(784)));
    const { name } = await start("webgpu");
    using again = await loadInPage(smallDram());
    // The end of the device that isn't used any more is nothing to the new one.
    const device = await caught;
    device.destroy();
    await device.lost;
    const { classes } = await again.classify(new Uint8Array(784));
    return { message, classify, name, answers: classes.length };
  },

  /** From one backend to the other and back, and twice at once. */
  async switching() {
    const wasm = await start("wasm");
    using first = await loadInPage(smallDram());
    const [a, b] = await Promise.all([start("wasm"), start("webgpu")]);
    const stale = await refusal(first.classify(new Uint8Array(784)));
    using second = await loadInPage(smallDram());
    await second.classify(new Uint8Array(784));
    const back = await start("wasm");
    await first.classify(new Uint8Array(784));
    return { names: [wasm, a, b, back].map(({ name }) => name), stale, asked };
  },
};

const result = await scenarios[scenario]();
console.log(JSON.stringify(result));
Deno.exit(0); // tfjs's timers and the server would keep it.
