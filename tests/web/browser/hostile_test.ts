import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import {
  decodeLinkText,
  encodeLinkText,
} from "../../../core/infer/link_text.ts";
import { encodeShareLink } from "../../../core/infer/share_link/encode_share_link.ts";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { smallModel } from "../../core/infer/small_model.ts";
import {
  specOf,
  type Unnamed,
  writeDram,
} from "../../core/infer/write_dram.ts";
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

const FLATTEN: Unnamed = { kind: "flatten" };
const dense = (units: number): Unnamed => ({
  kind: "dense",
  units,
  activation: "linear",
});

/** A model of zeros for drawings, with hidden rows of `units`, in a few bytes of many decisions. */
function zeros(...units: number[]): Uint8Array<ArrayBuffer> {
  const rows = [...units, 10].map(dense);
  const spec = specOf([28, 28, 1], [FLATTEN, ...rows]);
  return writeDram(spec, { coding: { kind: "adaptive" } });
}

/** Links that, decoded or run as they came, took seconds or hundreds of MB, and what is said of them. */
const COSTLY: [string, string][] = [
  // Found by fuzzing: 24 bytes that took 373 MB, 22 that took 4.3 s.
  ["1yAYEB3iA7y3pK3Wyi5GFuqx2Razv-sI", "bytes of memory to run in"],
  ["1yAWEDuIHceyCthMVARVR4KIL5RzzA", "operations to classify an image"],
  [encodeLinkText(zeros(3000, 580)), "steps to decode"],
];

/** Has pages note the longest time, in ms, that they could do nothing else. */
async function watchBlocking({ context }: Visit): Promise<void> {
  await context.addInitScript(() => {
    Reflect.set(globalThis, "longestTask", 0);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        const longest = Reflect.get(globalThis, "longestTask");
        Reflect.set(globalThis, "longestTask", Math.max(longest, duration));
      }
    }).observe({ type: "longtask", buffered: true });
  });
}

/** Above any task of the page on a busy machine; what costly models take is a multiple of it. */
const MOST_BLOCKED = 1000;

async function assertNeverBlocked({ page }: Visit): Promise<void> {
  const longest = await page.evaluate(() =>
    Reflect.get(globalThis, "longestTask")
  );
  assert(longest < MOST_BLOCKED, `the page did nothing else for ${longest} ms`);
}

testPage(
  "a short link that would cost much is refused at once, never stops the page, and the page works on",
  {},
  async (visit) => {
    const { page } = visit;
    await watchBlocking(visit);
    for (const [fragment, words] of COSTLY) {
      assert(fragment.length < 3200, `${fragment.length} characters`);
      await page.goto(`/?${new URLSearchParams({ link: words })}#${fragment}`);
      assertPlain(await readAlert(visit, words));
      assertEquals(page.workers().length, 0);
      await assertWorksOn(visit);
      await assertNeverBlocked(visit);
    }
  },
);

testPage(
  "a small file that would cost much is refused at once, never stops the page, and the page works on",
  {},
  async (visit) => {
    const { page } = visit;
    await watchBlocking(visit);
    await page.goto("/");
    await waitUntilReady(page);
    for (const [fragment, words] of COSTLY) {
      const bytes = decodeLinkText(fragment);
      await dropFile(page, "costly.dram", Buffer.from(bytes));
      assertPlain(await readAlert(visit, words));
      assertEquals(page.workers().length, 0);
    }
    await assertWorksOn(visit);
    await assertNeverBlocked(visit);
  },
);

testPage(
  "a file that takes as long as one may stops nothing but its worker",
  {},
  async (visit) => {
    const { page } = visit;
    await watchBlocking(visit);
    await page.goto("/");
    await waitUntilReady(page);
    await dropFile(page, "slow.dram", Buffer.from(zeros(1600, 400)));
    const opening = page.getByTestId("opening").filter({ hasText: /\S/ });
    await opening.waitFor();
    // It is ready in seconds or, on a slow machine, told to have been stopped.
    await opening.waitFor({ state: "detached" });
    await assertNeverBlocked(visit);
    await dropFile(page, "mine.dram", Buffer.from(dram));
    await page.getByTestId("bytes").filter({ hasText: `${dram.length}` })
      .waitFor();
    await assertWorksOn(visit);
  },
);

testPage(
  "a page that is stopped is seen to be",
  {},
  async (visit) => {
    const { page } = visit;
    await watchBlocking(visit);
    await page.goto("/");
    await waitUntilReady(page);
    await page.evaluate(
      (milliseconds) =>
        new Promise<void>((done) =>
          setTimeout(() => {
            const end = performance.now() + milliseconds;
            while (performance.now() < end);
            setTimeout(done, 100); // The observer hears of it in a task of its own.
          })
        ),
      MOST_BLOCKED,
    );
    await assertRejects(() => assertNeverBlocked(visit), Error, "nothing else");
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
