import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { Drawing } from "../../../../core/data/drawing/drawing.ts";
import { readDrawing } from "../../../../core/data/drawing/read_drawing.ts";
import { snapPoint } from "../../../../core/data/drawing/snap_point.ts";
import { loadMnist } from "../../../../core/data/mnist.ts";
import { encodeLinkText } from "../../../../core/infer/link_text.ts";
import { load } from "../../../../core/infer/load.ts";
import { decodeShareLink } from "../../../../core/infer/share_link/decode_share_link.ts";
import { encodeShareLink } from "../../../../core/infer/share_link/encode_share_link.ts";
import { DIGIT_STROKES } from "../../data/drawing/digit_strokes.ts";
import { fc } from "../../../seeded_check.ts";
import { smallDram } from "../small_model.ts";

const dram = smallDram();
const model = encodeLinkText(dram);
const EMPTY: Drawing = { strokes: [], image: null };

/** A link with `bytes` where a drawing should be. */
function linkWith(...bytes: number[]): string {
  return `#${model}.${encodeLinkText(Uint8Array.from(bytes))}`;
}

const coordinate = fc.double({ min: -5, max: 33, noNaN: true });
const point = fc.record({ x: coordinate, y: coordinate });
const strokes = fc.array(
  fc.record({ points: fc.array(point, { maxLength: 20 }) }),
  { maxLength: 5 },
);
const image = fc.option(
  fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), {
    minLength: 784,
    maxLength: 784,
  }).map((pixels) => Uint8Array.from(pixels)),
);

Deno.test("a link brings back the model, the image and the snapped strokes", () => {
  fc.assert(fc.property(strokes, image, (strokes, image) => {
    const link = encodeShareLink({ dram, drawing: { strokes, image } });
    assertMatch(link, /^[\w-]+(\.[\w-]+)?$/);
    const snapped = strokes.filter(({ points }) => points.length > 0)
      .map(({ points }) => ({ points: points.map(snapPoint) }));
    const expected = { dram, drawing: { strokes: snapped, image } };
    assertEquals(decodeShareLink(link), expected);
    assertEquals(decodeShareLink(`#${link}`), expected);
  }));
});

Deno.test("the model sees the very same image after a link", () => {
  for (const strokes of DIGIT_STROKES.flat()) {
    const drawing = { strokes, image: null };
    const back = decodeShareLink(encodeShareLink({ dram, drawing }));
    if (!back) throw new Error("the link holds nothing");
    assertEquals(readDrawing(back.drawing), readDrawing(drawing));
  }
});

Deno.test("an image of MNIST comes back pixel by pixel, with strokes over it", async () => {
  const { test } = await loadMnist();
  for (let index = 0; index < 200; index++) {
    const drawing = {
      strokes: DIGIT_STROKES[index % 10][0],
      image: test.images.slice(index * 784, index * 784 + 784),
    };
    const back = decodeShareLink(encodeShareLink({ dram, drawing }));
    assertEquals(back?.drawing, drawing);
  }
});

Deno.test("a model of the link classifies as the file did; links are short", async () => {
  const drawing = { strokes: DIGIT_STROKES[5][0], image: null };
  const expected: [string, number][] = [
    ["digits-95", 497],
    ["digits-98", 830],
    ["digits-99", 1753],
  ];
  for (const [name, length] of expected) {
    const file = new URL(
      `../../../../models/compact/${name}.dram`,
      import.meta.url,
    );
    const link = encodeShareLink({ dram: await Deno.readFile(file), drawing });
    const back = decodeShareLink(link);
    const seen = back && readDrawing(back.drawing);
    if (!seen) throw new Error("the link holds no drawing");
    assertEquals(load(back.dram).classify(seen).classes[0], 5);
    assertEquals(link.length, length);
  }
});

Deno.test("text of `dram --link` is a link without a drawing", () => {
  assertEquals(decodeShareLink(`#${model}`), { dram, drawing: EMPTY });
  assertEquals(encodeShareLink({ dram, drawing: EMPTY }), model);
  const undrawn = { strokes: [{ points: [] }], image: null };
  assertEquals(encodeShareLink({ dram, drawing: undrawn }), model);
});

Deno.test("no fragment, or a place in a page, is no link", () => {
  for (const fragment of ["", "#", "#main", "main", "#Section-2:a_b"]) {
    assertEquals(decodeShareLink(fragment), null);
  }
});

Deno.test("a link without a whole model says so", () => {
  const refused: [string, string][] = [
    [`#${model.slice(0, -4)}`, "model: it is cut short"],
    [`#${model.slice(0, 40)}.AA`, "model: it is cut short"],
    [`#${model}AAAA`, "model: it must end after"],
    [
      `#${model.slice(0, 20)}A${model.slice(21)}`,
      "model: its checksum differs",
    ],
    [`#${model.slice(0, -5)}`, "model: its length must not be"],
    [
      `#${model}#${model}`,
      'model: it must hold letters, digits, -, _ and a dot: it holds "#"',
    ],
    ["#%3Cscript%3E", "model: it is empty"],
    ["#%FF", 'it holds "%"'],
    ["#2024", "model: it must begin with byte 0xd7"],
    ["#a.b", "model: its length must not be"],
    ["#.", "model: it is empty"],
  ];
  for (const [fragment, message] of refused) {
    const error = assertThrows(() => decodeShareLink(fragment), SyntaxError);
    assert(error.message.startsWith("This link does not hold a whole"));
    assert(error.message.includes(message), error.message);
  }
});

Deno.test("a link without a whole drawing says so", () => {
  const refused: [string, string][] = [
    [`#${model}.AA.AA`, "it must hold letters, digits, - and _: it holds"],
    [linkWith(2), "it is of a kind that this page does not know (2)"],
    [linkWith(0, 0), "a stroke must have a point"],
    [linkWith(0, 1), "it is cut short"],
    [linkWith(0, 1, 4), "it is cut short"],
    [linkWith(0, 1, 4, 129), "it is cut short"],
    [linkWith(0, 1, 1, 0), "a point must not lie outside the canvas"],
    [linkWith(0, 1, 128 + 7, 2, 0), "a point must not lie outside the canvas"],
    [linkWith(0, 255, 255), "it has over 10000 points"],
    [
      linkWith(0, ...Array(1001).fill([1, 0, 0]).flat()),
      "it has over 1000 strokes",
    ],
    [linkWith(1, 0), "it is cut short"],
    [linkWith(1, 0, 0), "its image must have 784 pixels"],
    [linkWith(1, 255, 255), "its image must have 784 pixels"],
    [linkWith(1, 128 + 3, 0, 17, 255), "its image must have 784 pixels"],
    [linkWith(1, 128 + 3, 0, 16, 255), "it is cut short"],
  ];
  for (const [fragment, message] of refused) {
    assertThrows(
      () => decodeShareLink(fragment),
      SyntaxError,
      `This link does not hold a whole drawing: ${message}`,
    );
  }
});

Deno.test("what is too large for a link is refused, in both directions", () => {
  assertThrows(
    () => decodeShareLink("1".repeat(2 ** 20 + 1)),
    RangeError,
    "This link is too long: it must have at most 1048576 characters behind its #: it has 1048577",
  );
  assertThrows(
    () => encodeShareLink({ dram: new Uint8Array(800_000), drawing: EMPTY }),
    RangeError,
    "at most 1048576 characters: it would have 1066668",
  );
  const drawing = (
    strokes: Drawing["strokes"],
    image: Drawing["image"] = null,
  ) => ({ dram, drawing: { strokes, image } });
  const points = Array.from({ length: 10_001 }, () => ({ x: 1, y: 1 }));
  assertThrows(
    () => encodeShareLink(drawing([{ points }])),
    RangeError,
    "at most 1000 strokes and 10000 points: it has 1 and 10001",
  );
  const link = encodeShareLink(drawing([{ points: points.slice(1) }]));
  assertEquals(decodeShareLink(link)?.drawing.strokes[0].points.length, 10_000);
  assertThrows(
    () => encodeShareLink(drawing([{ points: [{ x: NaN, y: 0 }] }])),
    RangeError,
    "point 0 of stroke 0 is (NaN, 0)",
  );
  assertThrows(
    () => encodeShareLink(drawing([], new Uint8Array(3))),
    RangeError,
    "784 pixels: it has 3",
  );
});
