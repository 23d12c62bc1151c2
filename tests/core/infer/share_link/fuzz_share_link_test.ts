import { assert } from "@std/assert";
import { readDrawing } from "../../../../core/data/drawing/read_drawing.ts";
import { load } from "../../../../core/infer/load.ts";
import { decodeShareLink } from "../../../../core/infer/share_link/decode_share_link.ts";
import { encodeShareLink } from "../../../../core/infer/share_link/encode_share_link.ts";
import { packDrawing } from "../../../../core/infer/share_link/pack_drawing.ts";
import { encodeLinkText } from "../../../../core/infer/link_text.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { DIGIT_STROKES } from "../../data/drawing/digit_strokes.ts";
import { smallDram } from "../small_model.ts";

const random = randomStream(5, "share links");
const dram = smallDram();
const model = encodeLinkText(dram);
const ALPHABET = "ABCxyz0189-_.#=% \u0000é";

function pick<Item>(items: ArrayLike<Item>): Item {
  return items[random.below(items.length)];
}

/** `text` with a character changed, lost or added, or a part of it twice or gone. */
function mutate(text: string): string {
  const at = random.below(text.length + 1);
  const to = at + random.below(text.length + 1 - at);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + pick(ALPHABET) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + pick(ALPHABET) + text.slice(at);
    case 3:
      return text.slice(0, to) + text.slice(at);
    default:
      return text.slice(0, at) + text.slice(to);
  }
}

/** How a link ends: what it is refused with, or that it is read. */
function outcomeOf(fragment: string): string {
  try {
    const link = decodeShareLink(fragment);
    if (!link) return "none";
    load(link.dram);
    const image = readDrawing(link.drawing);
    assert(!image || image.every((ink) => ink >= 0 && ink <= 1));
    return "read";
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      return error.name;
    }
    throw error;
  }
}

Deno.test("of 4,000 links, mutated as text or as bytes, each is read or refused", () => {
  const outcomes: Record<string, number> = {};
  const count = (fragment: string) => {
    const outcome = outcomeOf(fragment);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const images = [null, new Uint8Array(784).fill(200, 300, 420)];
  for (let round = 0; round < 2_000; round++) {
    const strokes = pick(pick(DIGIT_STROKES));
    let link = encodeShareLink({
      dram,
      drawing: { strokes, image: pick(images) },
    });
    for (let i = random.below(4); i >= 0; i--) link = mutate(link);
    count(`#${link}`);
    // No checksum protects the drawing: its decoder gets what is nearly one.
    const bytes = packDrawing({ strokes, image: pick(images) });
    for (let i = random.below(3); i > 0; i--) {
      bytes[random.below(bytes.length)] = random.below(pick([4, 40, 256]));
    }
    const end = bytes.length - random.below(3);
    count(`${model}.${encodeLinkText(bytes.subarray(0, end))}`);
  }
  assert(
    outcomes.read > 500 && outcomes.SyntaxError > 2_000,
    JSON.stringify(outcomes),
  );
});
