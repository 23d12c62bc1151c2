/**
 * Draws test images of MNIST on a tiny page in Chromium, and says how many it reads
 * rightly, beside what the direct path says of the images themselves, and of the same
 * strokes as the full page sees them:
 *
 *     deno run -A tests/core/export/draw_digits.ts models/compact/digits-98.dram 500
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { rasteriseStrokes } from "../../../core/data/drawing/rasterise_strokes.ts";
import { loadMnist } from "../../../core/data/mnist.ts";
import { writeTinyPage } from "../../../core/export/tiny_page.ts";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { load } from "../../../core/infer/load.ts";
import { launchChromium } from "../../web/browser/chromium.ts";
import { traceDigit } from "./trace_digit.ts";

/** What a tiny page says of the strokes of `image`, drawn 15 times as large. */
export async function drawDigit(
  page: Page,
  image: Uint8Array,
): Promise<string | null> {
  const strokes = traceDigit(image).map((points) =>
    points.map(({ x, y }) => ({ clientX: 200 + 15 * x, clientY: 150 + 15 * y }))
  );
  return await page.evaluate((strokes) => {
    // The last drawing was long ago.
    Object.assign(document.getElementsByTagName("canvas")[0], { t: -1e9 });
    for (const points of strokes) {
      points.forEach((place, index) =>
        dispatchEvent(
          index
            ? new PointerEvent("pointermove", {
              ...place,
              button: -1,
              buttons: 1,
            })
            : new PointerEvent("pointerdown", { ...place, buttons: 1 }),
        )
      );
    }
    return document.getElementsByTagName("output")[0].textContent;
  }, strokes);
}

if (import.meta.main) {
  const [file, count = "500"] = Deno.args;
  const dram = await Deno.readFile(file);
  const model = load(dram);
  const { files: [{ content }] } = writeTinyPage(decodeDram(dram));
  const path = await Deno.makeTempFile({ suffix: ".html" });
  await Deno.writeTextFile(path, String(content));
  const { test } = await loadMnist();
  await using browser = await launchChromium({ webgpu: false });
  const page = await browser.newPage();
  await page.goto(pathToFileURL(path).href);
  const right = { image: 0, strokes: 0, page: 0 };
  for (let index = 0; index < Number(count); index++) {
    const image = test.images.slice(index * 784, (index + 1) * 784);
    const label = test.labels[index];
    const seen = rasteriseStrokes(
      traceDigit(image).map((points) => ({ points })),
    );
    const strokes = Uint8Array.from(seen ?? [], (ink) => Math.round(255 * ink));
    right.image += Number(model.classify(image).classes[0] === label);
    right.strokes += Number(model.classify(strokes).classes[0] === label);
    right.page += Number(await drawDigit(page, image) === `${label}`);
  }
  console.log(
    `of the first ${count} test images: ${right.image} read as images, ${right.strokes} as strokes by the direct path, ${right.page} as drawn on the page`,
  );
  await Deno.remove(path);
}
