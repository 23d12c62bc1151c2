import { assert, assertEquals } from "@std/assert";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, readSeen, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { testPage } from "./test_page.ts";

const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 3,
  hasTouch: true,
  isMobile: true,
};

for (
  const { pointer, hand, ...options } of [
    { pointer: "mouse", hand: 0 },
    { pointer: "pen", hand: 0, ...PHONE },
    { pointer: "touch", hand: 1, ...PHONE },
  ] as const
) {
  testPage(
    `all ten digits, drawn by ${pointer}, are recognised`,
    options,
    async ({ page }) => {
      await page.goto("/");
      await waitUntilReady(page);
      const answers = [];
      for (const hands of DIGIT_STROKES) {
        await drawStrokes(page, hands[hand], { pointer });
        answers.push(await readAnswer(page));
        // A finger draws, and doesn't scroll the page.
        assertEquals(await page.evaluate(() => scrollY), 0);
        await page.getByRole("button", { name: "Clear" }).click();
      }
      assertEquals(answers, [..."0123456789"]);
    },
  );
}

/** The largest difference between two pictures, of 255. */
function largestDifference(a: number[], b: number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}

testPage(
  "a digit drawn small in a corner is the same to the model",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    const places = [
      { scale: 1, shift: { x: 0, y: 0 } },
      { scale: 0.4, shift: { x: 0, y: 0 } },
      { scale: 0.5, shift: { x: 14, y: 12 } },
    ];
    for (const digit of [2, 4, 7]) {
      const seen = [];
      for (const place of places) {
        await drawStrokes(page, DIGIT_STROKES[digit][0], place);
        seen.push({
          answer: await readAnswer(page),
          input: await readSeen(page),
        });
        await page.getByRole("button", { name: "Clear" }).click();
      }
      for (const { answer, input } of seen) {
        assertEquals(answer, String(digit));
        // Points go to a grid of 1/32, which is coarser for a small drawing.
        assert(largestDifference(input, seen[0].input) <= 24);
      }
    }
  },
);

testPage(
  "an empty canvas gives no answer, and undo takes back stroke by stroke",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    const undo = page.getByRole("button", { name: "Undo" });
    const answers = [await readAnswer(page)];
    // A 4 of two strokes.
    const [first, ...rest] = DIGIT_STROKES[4][0];
    await drawStrokes(page, [first]);
    const one = await readSeen(page);
    await drawStrokes(page, rest);
    answers.push(await readAnswer(page));
    for (const _ of rest) await undo.click();
    assertEquals(await readSeen(page), one);
    await undo.click();
    answers.push(await readAnswer(page));
    await drawStrokes(page, DIGIT_STROKES[4][0]);
    await page.getByRole("button", { name: "Clear" }).click();
    answers.push(await readAnswer(page));
    assertEquals(answers, ["", "4", "", ""]);
  },
);

testPage(
  "probabilities of the ten digits follow the drawing",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[7][0]);
    await readAnswer(page);
    const rows = page.getByTestId("probabilities").getByRole("listitem");
    assertEquals(await rows.count(), 10);
    const shares = (await rows.locator(".number").allTextContents())
      .map(parseFloat);
    assertEquals(shares.indexOf(Math.max(...shares)), 7);
  },
);
