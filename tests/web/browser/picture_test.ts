import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { encodePng } from "../../../core/data/formats/pictures/encode_png.ts";
import { writeHtml } from "../../../core/export/html.ts";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { runInProcess } from "../../cli/capture.ts";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import {
  photograph,
  writeOnSheet,
} from "../../core/data/drawing/photograph.ts";
import { readAnswer, readSeen, waitUntilReady } from "./answer.ts";
import { dropFile } from "./drop_file.ts";
import { findViolations } from "./find_violations.ts";
import { LOOKS } from "./pages.ts";
import { testPage } from "./test_page.ts";

const MODEL = "models/compact/digits-98.dram";

/** A sheet with a digit in a corner, photographed in uneven light. */
function photographDigit(digit: number): Uint8Array<ArrayBuffer> {
  const sheet = writeOnSheet(DIGIT_STROKES[digit][1], 3);
  return encodePng(photograph(sheet, { seed: digit }));
}

const blank = encodePng({
  shape: [300, 400, 1],
  pixels: new Uint8Array(300 * 400).fill(210),
});

/** Opens the front page, ready for pictures. */
async function openFront(page: Page): Promise<void> {
  await page.goto("/");
  await waitUntilReady(page);
  await page.getByTestId("picture").waitFor({ state: "attached" });
}

/** What is said of the picture on the canvas. */
const note = (page: Page) => page.getByTestId("photo").locator("p");

/** What the exported page shows that the model sees. */
function readSeenThere(page: Page): Promise<number[]> {
  return page.locator("#seen").evaluate((canvas) => {
    const context = (canvas as HTMLCanvasElement).getContext("2d");
    const data = context?.getImageData(0, 0, 28, 28).data ?? [];
    return Array.from({ length: 784 }, (_, i) => data[4 * i]);
  });
}

testPage(
  "of a photo the page, an exported page and `evaluate --image` see the same pixels",
  { expected: /^asked another origin: file:/ },
  async ({ page, context }) => {
    const folder = await Deno.makeTempDir();
    const photo = photographDigit(5);
    await Deno.writeFile(`${folder}/five.png`, photo);
    const { stdout, stderr, code } = await runInProcess([
      ...["evaluate", MODEL, "--image", `${folder}/five.png`, "--json"],
    ]);
    assertEquals(code, 0, stderr);
    const { answer, seen } = JSON.parse(stdout);
    const expected = [...Uint8Array.fromBase64(seen.pixels)];
    assert(expected.includes(255));

    await openFront(page);
    await dropFile(page, "five.png", Buffer.from(photo));
    await note(page).filter({ hasText: "cropped and centred" }).waitFor();
    assertEquals(await readAnswer(page), answer);
    assertEquals(await readSeen(page), expected);

    const dram = decodeDram(await Deno.readFile(MODEL));
    const { files: [{ content }] } = writeHtml(dram, "digits");
    await Deno.writeTextFile(`${folder}/digits.html`, String(content));
    const exported = await context.newPage();
    await exported.goto(pathToFileURL(`${folder}/digits.html`).href);
    await exported.setInputFiles("#file", `${folder}/five.png`);
    await exported.getByText("cropped and centred").waitFor();
    assertEquals(await exported.locator("#label").textContent(), answer);
    assertEquals(await readSeenThere(exported), expected);
    // Nothing is to be read on a blank sheet: said, and no answer stands there.
    await Deno.writeFile(`${folder}/blank.png`, blank);
    await exported.setInputFiles("#file", `${folder}/blank.png`);
    await exported.getByText("Nothing is written on blank.png").waitFor();
    assertEquals(await exported.locator("#label").textContent(), "–");
  },
);

testPage(
  "a picture is chosen by the keyboard, told, read, drawn on and taken back, on a phone",
  LOOKS.phone,
  async ({ page, requests }) => {
    await openFront(page);
    const loaded = () => requests.filter((each) => /show_photo/.test(each));
    assertEquals(loaded(), [], "its code is loaded when a picture comes");
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByTestId("picture").press("Enter"),
    ]);
    await chooser.setFiles({
      name: "seven.png",
      mimeType: "image/png",
      buffer: Buffer.from(photographDigit(7)),
    });
    await note(page).filter({ hasText: "seven.png, 240×320, cropped" })
      .waitFor();
    assertEquals(await readAnswer(page), "7");
    assert(loaded().length > 0);
    const canvas = page.getByTestId("canvas");
    assertMatch(await canvas.getAttribute("aria-label") ?? "", /^seven\.png/);
    assertMatch(
      await page.locator(".draw-right [role=status]").innerText(),
      /^7, probability/,
    );
    assertEquals(await findViolations(page), []);
    const excess = await page.evaluate(() =>
      document.documentElement.scrollWidth - innerWidth
    );
    assert(excess <= 0, `${excess}`);
    await page.getByRole("button", { name: "Undo" }).click();
    assertEquals(await readAnswer(page), "");
    assertEquals(await note(page).count(), 0);
  },
);

/** Pastes a file of this type, or text, as a browser tells of it. */
async function paste(
  page: Page,
  file: { bytes: Buffer; type: string } | null,
): Promise<void> {
  await page.evaluate((file) => {
    const clipboardData = new DataTransfer();
    if (file) {
      const bytes = Uint8Array.from(atob(file.bytes), (c) => c.charCodeAt(0));
      clipboardData.items.add(
        new File([bytes], "image.png", { type: file.type }),
      );
    } else clipboardData.setData("text/plain", "5");
    document.body.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true }),
    );
  }, file && { bytes: file.bytes.toString("base64"), type: file.type });
}

testPage(
  "a picture is pasted, and what is none, or shows nothing, is told in words",
  {},
  async ({ page }) => {
    await openFront(page);
    await paste(page, {
      bytes: Buffer.from(photographDigit(3)),
      type: "image/png",
    });
    await note(page).filter({ hasText: "image.png" }).waitFor();
    assertEquals(await readAnswer(page), "3");
    const alert = page.getByRole("alert");
    const told = async (words: string) => {
      await alert.filter({ hasText: words }).waitFor();
      // What was there stays.
      assertEquals(await readAnswer(page), "3");
    };
    await paste(page, null);
    await told("There is no picture to paste");
    await dropFile(page, "blank.png", Buffer.from(blank));
    await told("Nothing written is to be seen on blank.png");
    await dropFile(page, "notes.txt", Buffer.from("no picture"));
    await told("Cannot read notes.txt: it is no picture");
    await dropFile(page, "empty.png", Buffer.alloc(0));
    await told("Cannot read empty.png: it is empty");
    await dropFile(page, `${"long".repeat(80)}.png`, Buffer.alloc(0));
    await told("…: it is empty");
  },
);
