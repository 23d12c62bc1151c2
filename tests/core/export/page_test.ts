import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { loadMnist } from "../../../core/data/mnist.ts";
import { writeHtml } from "../../../core/export/html.ts";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { load } from "../../../core/infer/load.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import type { EncodedModel } from "../../../core/infer/encoded_tensor.ts";
import { hasChromium, launchChromium } from "../../web/browser/chromium.ts";

const dram = await Deno.readFile("models/compact/digits-98.dram");
const folder = await Deno.makeTempDir();

/** Opens `model`'s page from a file, with what it asks for and complains of. */
async function openPage(
  model: EncodedModel,
  stem: string,
  run: (page: Page, faults: string[]) => Promise<void>,
): Promise<void> {
  const path = `${folder}/${stem.replace(/\W/g, "")}.html`;
  const { files: [{ content }] } = writeHtml(model, stem);
  await Deno.writeTextFile(path, String(content));
  await using browser = await launchChromium({ webgpu: false });
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!/^(data|blob):|\.html$/.test(request.url())) {
      faults.push(`asked for ${request.url()}`);
    }
  });
  await page.goto(pathToFileURL(path).href);
  await run(page, faults);
}

/** Drops a picture of `pixels`, grey, `side` × `side`, drawn `factor` times as large. */
async function dropImage(
  page: Page,
  pixels: number[],
  { side, factor = 1, invert = false }: {
    side: number;
    factor?: number;
    invert?: boolean;
  },
): Promise<void> {
  await page.evaluate(
    async ({ pixels, side, factor, invert }) => {
      const small = new OffscreenCanvas(side, side);
      const image = new ImageData(side, side);
      pixels.forEach((value, i) => {
        image.data.fill(invert ? 255 - value : value, 4 * i, 4 * i + 3);
        image.data[4 * i + 3] = 255;
      });
      small.getContext("2d")?.putImageData(image, 0, 0);
      const large = new OffscreenCanvas(side * factor, side * factor);
      large.getContext("2d")?.drawImage(
        small,
        0,
        0,
        side * factor,
        side * factor,
      );
      const data = new DataTransfer();
      data.items.add(new File([await large.convertToBlob()], "picture.png"));
      document.body.dispatchEvent(
        new DragEvent("drop", { dataTransfer: data, bubbles: true }),
      );
      await new Promise((resolve) => setTimeout(resolve, 60));
    },
    { pixels, side, factor, invert },
  );
}

const readLabel = (page: Page) => page.locator("#label").textContent();

Deno.test({
  name:
    "the page reads what is drawn, from a file, and asks nothing of a network",
  ignore: !hasChromium,
  async fn() {
    await openPage(decodeDram(dram), "digits", async (page, faults) => {
      assertEquals(await readLabel(page), "–");
      const box = await page.locator("#pad").boundingBox();
      if (!box) throw new Error("there must be a pad");
      const at = (x: number, y: number) =>
        [box.x + x * box.width, box.y + y * box.height] as const;
      await page.mouse.move(...at(0.5, 0.2));
      await page.mouse.down();
      await page.mouse.move(...at(0.5, 0.8), { steps: 8 });
      await page.mouse.up();
      await page.waitForFunction(() =>
        document.getElementById("label")?.textContent === "1"
      );
      assertEquals(await page.getByText("Draw here").isVisible(), false);
      await page.getByRole("button", { name: "Clear" }).click();
      assertEquals(await readLabel(page), "–");
      assertEquals(faults, []);
    });
  },
});

Deno.test({
  name:
    "the page reads pictures of digits as the model reads digits, light or dark",
  ignore: !hasChromium,
  async fn() {
    const { test } = await loadMnist();
    const { classes } = load(dram).classify(test.images.subarray(0, 40 * 784));
    await openPage(decodeDram(dram), "digits", async (page, faults) => {
      let same = 0;
      for (let image = 0; image < 40; image++) {
        const pixels = [
          ...test.images.subarray(image * 784, (image + 1) * 784),
        ];
        const invert = image % 2 === 1;
        await dropImage(page, pixels, { side: 28, factor: 5, invert });
        same += Number(await readLabel(page) === String(classes[image]));
      }
      assertEquals(faults, []);
      // Scaled up, blurred and framed again: an edge case or two may differ.
      assert(same >= 37, `${same} of 40`);
    });
  },
});

Deno.test({
  name:
    "the page of a model of colours takes a dropped picture as it is, and hostile names as text",
  ignore: !hasChromium,
  async fn() {
    const spec = parseLayers("mean", { input: [4, 4, 3], classes: 3 });
    // The mean of each colour, a class each.
    const identity = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    const tensors = weightShapes(spec).map((shape) => ({
      kind: "float" as const,
      shape,
      bits: 32 as const,
      values: shape.length === 2 ? identity : new Float32Array(3),
    }));
    const labels = ["red", "</script><script>alert(1)</script>", "blue"];
    const model = { spec, labels, tensors };
    await openPage(model, "<b>colours</b>", async (page, faults) => {
      assertEquals(await page.title(), "<b>colours</b>");
      await page.evaluate(async () => {
        const canvas = new OffscreenCanvas(50, 40);
        const context = canvas.getContext("2d");
        if (!context) return;
        context.fillStyle = "#10d020";
        context.fillRect(0, 0, 50, 40);
        const data = new DataTransfer();
        data.items.add(new File([await canvas.convertToBlob()], "green.png"));
        document.body.dispatchEvent(
          new DragEvent("drop", { dataTransfer: data, bubbles: true }),
        );
        await new Promise((resolve) => setTimeout(resolve, 60));
      });
      assertEquals(await readLabel(page), labels[1]);
      await page.setInputFiles("#file", {
        name: "note.txt",
        mimeType: "text/plain",
        buffer: Buffer.from("no picture"),
      });
      await page.waitForFunction(() =>
        document.getElementById("note")?.textContent?.startsWith(
          "Cannot read note.txt",
        )
      );
      assertEquals(faults, []);
    });
  },
});
