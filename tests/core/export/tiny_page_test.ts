import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pathToFileURL } from "node:url";
import { loadMnist } from "../../../core/data/mnist.ts";
import { TINY_PAGE } from "../../../core/export/exporters.ts";
import {
  prepareReference,
  proveExport,
} from "../../../core/export/prove_export.ts";
import {
  QR_BYTES,
  tinyClassifierOf,
  writeTinyPage,
} from "../../../core/export/tiny_page.ts";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import type { EncodedModel } from "../../../core/infer/encoded_tensor.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { hasChromium, launchChromium } from "../../web/browser/chromium.ts";
import { drawDigit } from "./draw_digits.ts";

const readShipped = (name: string) =>
  Deno.readFile(`models/compact/${name}.dram`);

/** The page of `model`. */
function writePage(model: EncodedModel): string {
  const { files } = writeTinyPage(model);
  assertEquals(files.map(({ name }) => name), [""]);
  return String(files[0].content);
}

/** A model of digits with the layers `text`, of random levels. */
function makeModel(
  text: string,
  { bits = [3, 4], input = [28, 28, 1], labels = "0123456789" }: {
    /** Of kernels, and of biases. */
    bits?: [number, number];
    input?: [number, number, number];
    labels?: string;
  } = {},
): EncodedModel {
  const spec = parseLayers(text, { input, classes: labels.length });
  const random = randomStream(5, text);
  return {
    spec,
    labels: [...labels],
    tensors: weightShapes(spec).map((shape) => {
      const some = bits[shape.length === 1 ? 1 : 0];
      const half = 2 ** (some - 1);
      return {
        kind: "uniform",
        shape,
        bits: some,
        scale: Float32Array.of((1 + random.below(31)) / 256),
        levels: Int8Array.from(
          { length: shape.reduce((a, b) => a * b) },
          () =>
            some === 1
              ? 2 * random.below(2) - 1
              : random.below(2 * half) - half,
        ),
      };
    }),
  };
}

/** How many images, of noise too, the page of `model` answers as the .dram does; throws where it doesn't. */
async function provePage(
  model: EncodedModel,
  images: Uint8Array,
): Promise<{ images: number; noise: number }> {
  const reference = await prepareReference(model, images);
  const { files } = writeTinyPage(model);
  const proof = await proveExport(files, TINY_PAGE, reference);
  if ("absent" in proof) throw new Error(proof.absent);
  return proof;
}

/** Some images, of which half the pixels are black. */
function drawImages(count: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(count, "images");
  return Uint8Array.from(
    { length: count * 784 },
    () => random.below(2) * random.below(256),
  );
}

Deno.test("a page is ASCII, asks for nothing, and one QR code holds each shipped digits file's", async () => {
  const sizes = new Map<string, number>();
  for (const name of ["digits-95", "digits-98", "digits-99"]) {
    const html = writePage(decodeDram(await readShipped(name)));
    // What is no ASCII has another length in bytes, and needs a charset.
    assert(/^[\n\x20-\x7e]*$/.test(html), name);
    assert(!/https?:|src=|href=|import/.test(html), name);
    assertEquals(html.match(/<\/?script/g), ["<script", "</script"]);
    sizes.set(name, html.length);
    assert(html.length <= QR_BYTES, `${name}: ${html.length}`);
  }
  assert((sizes.get("digits-98") ?? Infinity) <= 2048, JSON.stringify(sizes));
});

Deno.test("the page's own classifier answers test images as the .dram does", async () => {
  const { test } = await loadMnist();
  const model = decodeDram(await readShipped("digits-98"));
  const images = test.images.slice(0, 150 * 784);
  const proof = await provePage(model, images);
  assertEquals(proof.images, 150);
  assert(proof.noise > 50);
});

Deno.test("one level changed fails the proof", async () => {
  const model = makeModel("conv5x3/2,max2");
  const reference = await prepareReference(model, drawImages(3));
  const tensors = model.tensors.map((tensor, at, { length }) => {
    if (tensor.kind !== "uniform" || at < length - 1) return tensor;
    const levels = tensor.levels.map((level, i) => i ? level : -level - 1);
    return { ...tensor, levels };
  });
  const { files } = writeTinyPage({ ...model, tensors });
  await assertRejects(
    () => proveExport(files, TINY_PAGE, reference),
    Error,
    "Cannot trust",
  );
});

/** What a page can say: strides, pools of each kind, activations, ends, bits. */
const ROWS: [string, Parameters<typeof makeModel>[1]?][] = [
  ["conv5x3/2,conv3x4,max2,conv3x5"],
  ["conv3x3/3,max2,max2"],
  ["conv3x3:leaky,max2,conv3x4:leaky0.3,max3/2,dense8:leaky"],
  ["conv5x2/2:linear,pool2,depth3*2,conv1x6,most"],
  ["conv1x2,max2,depth3/2:linear,conv1x12,mean"],
  ["conv5x2/3,max2,mean,dense12,dense7:linear"],
  ["conv7x4/7:same,max2:same"],
  ["conv3x4,max3,conv3x4", { bits: [1, 2] }],
  ["conv3x4,max3,conv3x4", { bits: [8, 8] }],
  ["conv5x3/2,max2", { labels: 'ab\\"<&дZ' }],
];

for (const [row, options] of ROWS) {
  Deno.test(`a page answers as the .dram: ${row} ${JSON.stringify(options ?? {})}`, async () => {
    const model = makeModel(row, options);
    const { noise } = await provePage(model, drawImages(4));
    assert(noise > 0);
  });
}

/** `model` with its first tensor as `change` makes it. */
function changeFirst(
  model: EncodedModel,
  change: (
    tensor: EncodedModel["tensors"][number],
  ) => EncodedModel["tensors"][number],
): EncodedModel {
  const [first, ...others] = model.tensors;
  return { ...model, tensors: [change(first), ...others] };
}

Deno.test("what a page can't say is refused, with the way out", () => {
  const plain = makeModel("conv5x3/2");
  const refused: [EncodedModel, string][] = [
    [makeModel("conv3x4:same"), "windows must be square"],
    [makeModel("conv3x5x4"), "windows must be square"],
    [makeModel("conv3x4:dil2"), "windows must be square"],
    [makeModel("conv3x4,max3/2:pad1x0x1x0"), "windows must be square"],
    [makeModel("conv3x4:elu"), "activations must be relu, leaky relu or none"],
    [makeModel("conv3x4,res(conv1x4)"), "layers must stand in a row"],
    [makeModel("pool2,conv3x4"), "the first layer must have weights"],
    [makeModel("conv3x4", { input: [32, 32, 1] }), "must read 28×28 greys"],
    [makeModel("conv3x4", { input: [28, 28, 3] }), "must read 28×28 greys"],
    [{ ...plain, labels: plain.labels.map((each) => `${each}!`) }, "single"],
    [
      changeFirst(plain, ({ shape }) => ({
        kind: "float",
        shape,
        bits: 32,
        values: new Float32Array(shape.reduce((a, b) => a * b)),
      })),
      "weights must be levels of one scale a tensor",
    ],
    [
      changeFirst(
        plain,
        (tensor) =>
          tensor.kind === "uniform"
            ? { ...tensor, scale: new Float32Array(3).fill(0.5) }
            : tensor,
      ),
      "weights must be levels of one scale a tensor",
    ],
  ];
  for (const [model, rule] of refused) {
    const { message } = assertThrows(() => writePage(model), RangeError, rule);
    assert(message.endsWith("write the page without --tiny"), message);
  }
});

Deno.test("a page says which characters it reads, as text", () => {
  const html = writePage(makeModel("conv5x3/2", { labels: "<abcд" }));
  assert(html.includes(">Draw &#60;-&#1076;<"), html);
  assert(html.includes('O.value="\\u003cabc\\u0434"[x.indexOf('), html);
});

Deno.test("the classifier in a page is the page's own text", async () => {
  const html = writePage(decodeDram(await readShipped("digits-98")));
  const own = tinyClassifierOf(html).split("\n")
    .filter((line) => !/^(let |return )/.test(line));
  assert(own.length >= 5);
  for (const line of own) assert(html.includes(line), line);
});

Deno.test({
  name:
    "the page reads what is drawn, live; a second later a new drawing begins",
  ignore: !hasChromium,
  async fn() {
    const { test } = await loadMnist();
    const dram = await readShipped("digits-98");
    const path = await Deno.makeTempFile({ suffix: ".html" });
    await Deno.writeTextFile(path, writePage(decodeDram(dram)));
    await using browser = await launchChromium({ webgpu: false });
    const page = await browser.newPage({
      viewport: { width: 390, height: 700 },
      hasTouch: true,
    });
    const faults: string[] = [];
    page.on("console", (message) => faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("request", (request) => {
      if (!request.url().endsWith(".html")) faults.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    const answer = () => page.locator("output").textContent();
    /** How much of the paper is ink. */
    const ink = () =>
      page.evaluate(() => {
        const [canvas] = document.getElementsByTagName("canvas");
        const pixels = canvas.getContext("2d")
          ?.getImageData(0, 0, canvas.width, 700).data;
        let sum = 0;
        for (let i = 3; pixels && i < pixels.length; i += 4) sum += pixels[i];
        return sum;
      });
    assertEquals(await answer(), "Draw 0-9");

    // A four, with a mouse, of two lines: the second belongs to it.
    const line = async (...points: [number, number][]) => {
      await page.mouse.move(...points[0]);
      await page.mouse.down();
      for (const point of points) await page.mouse.move(...point, { steps: 4 });
      await page.mouse.up();
    };
    await line([150, 200], [120, 330], [250, 330]);
    await page.evaluate(() => {
      // However slow this machine is: the first line has just ended.
      const [canvas] = document.getElementsByTagName("canvas");
      Object.assign(canvas, { t: performance.now() + 1e5 });
    });
    await line([230, 220], [220, 460]);
    assertEquals(await answer(), "4");
    const four = await ink();

    // A one, a while later, alone on the paper.
    await page.evaluate(() => {
      const [canvas] = document.getElementsByTagName("canvas");
      Object.assign(canvas, { t: -1e9 });
    });
    await line([200, 200], [200, 450]);
    assertEquals(await answer(), "1");
    assert(await ink() < four, "what was drawn before is still there");

    let right = 0;
    for (let index = 0; index < 20; index++) {
      const image = test.images.slice(index * 784, (index + 1) * 784);
      const label = `${test.labels[index]}`;
      right += Number(await drawDigit(page, image) === label);
    }
    // Lines one pixel wide, drawn again with the page's pen, lose a little.
    assert(right >= 18, `${right} of 20`);
    assertEquals(
      await page.evaluate(() => document.documentElement.scrollWidth),
      390,
    );
    assertEquals(faults, []);
    await Deno.remove(path);
  },
});
