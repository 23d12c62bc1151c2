import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { encodeShareLink } from "../../../core/infer/share_link/encode_share_link.ts";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { smallModel } from "../../core/infer/small_model.ts";
import { readAnswer, showSample, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { dropFile } from "./drop_file.ts";
import { readShippedDram } from "./shipped_dram.ts";
import { testPage } from "./test_page.ts";

const dram = await readShippedDram("digits-98");
const link = encodeShareLink({
  dram: new Uint8Array(dram),
  drawing: { strokes: DIGIT_STROKES[2][0], image: null },
});

/** Chooses what computes, and waits until it does. */
async function chooseBackend(page: Page, name: string): Promise<void> {
  await page.getByLabel("Computed by").selectOption(name);
  await page.locator(`[data-testid=backend][data-backend=${name}]`).waitFor();
}

testPage(
  "a model from a link runs in a worker of its own, on every backend, and the worker goes with it",
  {},
  async ({ page }) => {
    await page.goto(`/#${link}`);
    await waitUntilReady(page);
    assertEquals(await readAnswer(page), "2");
    assertEquals(page.workers().length, 1);
    for (const name of ["wasm", "webgpu", "cpu"]) {
      await chooseBackend(page, name);
      await showSample(page, 7);
      assertEquals(await readAnswer(page), "7", name);
      assertMatch(await page.getByTestId("latency").innerText(), /\d ms/);
    }
    await page.getByRole("button", { name: "Back to ours" }).click();
    await page.getByTestId("origin").filter({ hasText: "fits in a link" })
      .waitFor();
    assertEquals(await readAnswer(page), "7");
    assertEquals(page.workers().length, 0);
    const chosen = page.getByTestId("backend");
    assertEquals(await chosen.getAttribute("data-backend"), "cpu");
  },
);

testPage(
  "models of the site need no worker",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[2][0]);
    assertEquals(await readAnswer(page), "2");
    assertEquals(page.workers().length, 0);
  },
);

testPage(
  "a file that takes for ever stops nothing: the page draws on, and the user stops it",
  {},
  async ({ page }) => {
    // Its worker hears of no model, as if it were at work on one.
    await page.addInitScript(() => {
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (message: { kind: string }) {
        if (message.kind !== "open") post.call(this, message);
      };
    });
    await page.goto("/");
    await waitUntilReady(page);
    await dropFile(page, "slow.dram", dram);
    const opening = page.getByTestId("opening");
    await opening.filter({ hasText: "slow.dram" }).waitFor();
    await drawStrokes(page, DIGIT_STROKES[2][0]);
    assertEquals(await readAnswer(page), "2");
    await opening.getByRole("button", { name: "Stop" }).click();
    await opening.filter({ hasText: /\S/ }).waitFor({ state: "detached" });
    assertEquals(page.workers().length, 0);
    assertEquals(await page.getByRole("alert").innerText(), "");

    await dropFile(page, "slow.dram", dram);
    const alert = page.getByRole("alert").filter({ hasText: "within 10 s" });
    await alert.waitFor();
    assertMatch(await alert.innerText(), /^slow\.dram can’t be run here/);
    assertEquals(page.workers().length, 0);
    assertEquals(await readAnswer(page), "2");
  },
);

/** A model whose sums overflow: every weight is as large as can be. */
const overflowing = encodeDram({
  ...smallModel(),
  tensors: smallModel().tensors.map(({ shape }) => ({
    kind: "float" as const,
    shape,
    bits: 32 as const,
    values: new Float32Array(shape.reduce((a, b) => a * b)).fill(3e38),
  })),
});

testPage(
  "a model whose answers are no numbers is told in words, and never answers 0",
  {},
  async ({ page }) => {
    await page.goto(
      `/#${
        encodeShareLink({
          dram: overflowing,
          drawing: { strokes: DIGIT_STROKES[2][0], image: null },
        })
      }`,
    );
    const alert = page.getByRole("alert").filter({ hasText: /\S/ });
    await alert.waitFor();
    const text = await alert.innerText();
    assert(!/NaN/.test(text), text);
    await waitUntilReady(page);
    assert(!/NaN/.test(await page.locator("main").innerText()));
  },
);
