import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { encodeShareLink } from "../../../core/infer/share_link/encode_share_link.ts";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { smallModel } from "../../core/infer/small_model.ts";
import { readAnswer, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { dropFile } from "./drop_file.ts";
import { readShippedDram } from "./shipped_dram.ts";
import { testPage, type Visit } from "./test_page.ts";

const dram = new Uint8Array(await readShippedDram("digits-98"));

/** A link's fragment as `share` makes them. */
const whole = encodeShareLink({
  dram,
  drawing: { strokes: DIGIT_STROKES[2][0], image: null },
});

/** `bytes` with the one in the middle changed. */
function corrupt(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.map((byte, i) => i === bytes.length >> 1 ? byte ^ 1 : byte);
}

/** A model whose labels are markup, short enough to be shown whole. */
const hostileLabels = encodeDram({
  ...smallModel(),
  labels: Array.from({ length: 10 }, (_, i) => `<img id=x${i}>`),
});

/** Draws a 2 and asserts that the page knows it, by the model that it had. */
async function assertWorksOn({ page }: Visit): Promise<void> {
  await waitUntilReady(page);
  const clear = page.getByRole("button", { name: "Clear" });
  if (await clear.isEnabled()) await clear.click();
  await drawStrokes(page, DIGIT_STROKES[2][0]);
  assertEquals(await readAnswer(page), "2");
}

/** The alert that the page shows, once it has `words`. */
async function readAlert(
  { page }: Visit,
  words: string | RegExp = /\S/,
): Promise<string> {
  const alert = page.getByRole("alert").filter({ hasText: words });
  await alert.waitFor();
  return (await alert.innerText()).trim();
}

/** A message for people: a sentence or two, without a trace of the program. */
function assertPlain(message: string): void {
  assert(message.length > 20 && message.length < 300, message);
  assert(!/undefined|null|NaN|\[object|\n\s+at /.test(message), message);
}

const LINKS: Record<string, string> = {
  "cut short": whole.slice(0, whole.length >> 1),
  "of one letter": whole.slice(0, 1),
  "with a letter changed": whole.slice(0, 200) +
    (whole[200] === "A" ? "B" : "A") + whole.slice(201),
  "with bytes of the model changed": encodeShareLink({
    dram: corrupt(dram),
    drawing: { strokes: [], image: null },
  }),
  // What a mailer would escape, or put into tags, is taken off: not these.
  "with letters that no link has": whole.slice(0, 100) + "§{alert(1)}" +
    whole.slice(100),
  "of a million letters": whole + "A".repeat(1_000_000),
};

testPage(
  "a hostile link is told in plain words, and the page works on",
  {},
  async (visit) => {
    const { page } = visit;
    for (const [what, fragment] of Object.entries(LINKS)) {
      // Another query, so that the browser loads the page anew.
      await page.goto(`/?${new URLSearchParams({ link: what })}#${fragment}`);
      assertPlain(await readAlert(visit));
    }
    await assertWorksOn(visit);
  },
);

testPage(
  "a hostile link that replaces the one in the address bar is told, too",
  {},
  async (visit) => {
    const { page } = visit;
    await page.goto(`/#${whole}`);
    await waitUntilReady(page);
    assertEquals(await readAnswer(page), "2");
    await page.evaluate(
      (fragment) => location.hash = fragment,
      LINKS["cut short"],
    );
    assertPlain(await readAlert(visit));
    await assertWorksOn(visit);
  },
);

const FILES: Record<string, Uint8Array<ArrayBuffer>> = {
  "empty": new Uint8Array(),
  "cut short": dram.slice(0, 300),
  "with a byte changed": corrupt(dram),
  "of text": new TextEncoder().encode("<script>alert(1)</script>"),
  "of nine million bytes": new Uint8Array(9_000_000),
};

testPage(
  "a hostile file is told in plain words, and the page works on",
  {},
  async (visit) => {
    const { page } = visit;
    await page.goto("/");
    await waitUntilReady(page);
    for (const [what, bytes] of Object.entries(FILES)) {
      const name = `${what}.dram`;
      await dropFile(page, name, Buffer.from(bytes));
      assertPlain(await readAlert(visit, name));
    }
    await assertWorksOn(visit);
  },
);

testPage(
  "labels that are markup are shown as text, and nothing of them runs",
  {},
  async (visit) => {
    const { page } = visit;
    await page.goto(
      `/#${
        encodeShareLink({
          dram: hostileLabels,
          drawing: { strokes: DIGIT_STROKES[2][0], image: null },
        })
      }`,
    );
    await waitUntilReady(page);
    assertMatch(await readAnswer(page), /^<img id=x\d>$/);
    const labels = await page.getByTestId("probabilities").innerText();
    assertEquals(labels.match(/<img/g)?.length, 10);
    assertEquals(await page.locator("img[id^=x]").count(), 0);
  },
);
