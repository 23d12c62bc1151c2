import type { Drawing } from "../../../../core/data/drawing/drawing.ts";
import type { DramBudget } from "../../../../core/infer/dram_budget.ts";
import { encodeLinkText } from "../../../../core/infer/link_text.ts";
import { packDrawing } from "../../../../core/infer/share_link/pack_drawing.ts";
import type { CodedModel } from "../../../../core/infer/stream/code_model.ts";
import { countParameters } from "../../../../core/models/cost.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import { drawIntegerModel, drawLongModel, drawModel } from "./draw_model.ts";
import {
  type Decisions,
  mutateDecisions,
  readDecisions,
  writeDecisions,
  writeModel,
} from "./decisions.ts";
import { fixChecksum, fixFrame } from "./fix_frame.ts";
import { mutate } from "./mutate.ts";

/** Models that mutations begin with; one in so many is not tiny, and one is of integers. */
const SEEDS = 400;
const EVERY_LARGER = 16;
const EVERY_OF_INTEGERS = 5;
/** Weights of a tiny model. */
const FEW = 60;
/** Inputs of a new outcome that are mutated further, at the most. */
const MOST_KEPT = 1000;

/** What most inputs may cost, so that many are tried in a second. */
export const SMALL: DramBudget = {
  bytes: 2 ** 14,
  weights: 2 ** 10,
  activations: 2 ** 12,
  decoding: 2 ** 18,
  memory: 2 ** 22,
  operations: 2 ** 16,
};

/** A file to decode, or a link that may hold one. */
export type Input =
  & { family: string }
  & (
    | {
      bytes: Uint8Array<ArrayBuffer>;
      /** What it must decode to; `undefined` where nothing is known of it. */
      model?: CodedModel;
      /** What it was written by. */
      decisions?: Decisions;
    }
    | {
      link: string;
      /** What it must hold, if what was added to it must come off. */
      dram?: Uint8Array<ArrayBuffer>;
    }
  );

type Bytes = Uint8Array<ArrayBuffer>;

/** What programs that pass links on add around one, or escape in it. */
const ADDED: ((text: string) => string)[] = [
  (text) => `#${text}`,
  (text) => `https://example.org/#${text}).`,
  (text) => `<https://example.org/#${text}>,`,
  (text) => `“#${text}”`,
  (text) => `#${text}&amp;utm_source=mail`,
  (text) => `#${text}?fbclid=IwAR0_-`,
  (text) => `#${text.replace(/[^]{60}/g, "$&=\r\n> ")}`,
  (text) => `#${text.replace(/[^]{50}/g, "$&%20")}`,
  (text) => `#${text.replace(/[^]{40}/g, "$&\u200b")}`,
  (text) => `#${text.replaceAll("_", "%5F").replaceAll("-", "%252d")}`,
  (text) => `#${text.replaceAll(".", "&#46;").replaceAll("_", "=5F")}`,
];
const CHARACTERS = "AZaz09-_.#=%&<>?\"'| \n\u0000\u200b\u202eé😀";

/** Draws inputs: whole files, changed ones, and what is no file; see {@linkcode Inputs.draw}. */
export class Inputs {
  #random: Xoshiro128;
  #files: Bytes[];
  #decisions: Decisions[];

  constructor(random: Xoshiro128) {
    this.#random = random;
    this.#files = Array.from(
      { length: SEEDS },
      (_, place) => {
        const draw = place % EVERY_OF_INTEGERS === 0
          ? drawIntegerModel
          : drawModel;
        let model = draw(random);
        while (place % EVERY_LARGER > 0 && countParameters(model.spec) > FEW) {
          model = draw(random);
        }
        return writeModel(random, model);
      },
    );
    this.#files.push(writeModel(random, drawLongModel(random)));
    this.#decisions = this.#files.map(readDecisions);
  }

  #pick<Item>(items: ArrayLike<Item>): Item {
    return items[this.#random.below(items.length)];
  }

  /** Keeps what had an outcome that was new, to change it further. */
  keep(input: Input): void {
    if (this.#decisions.length > SEEDS + MOST_KEPT) return;
    if ("bytes" in input) this.#files.push(input.bytes);
    if ("decisions" in input && input.decisions) {
      this.#decisions.push(input.decisions);
    }
  }

  /** Decisions as likely as the format takes them to be, or any, or unlikely ones. */
  #drawer(): (probability: number) => number {
    const random = this.#random;
    const likely = (p: number) => random.uint32() / 2 ** 16 < p ? 1 : 0;
    switch (random.below(4)) {
      case 0:
        return () => random.uint32() & 1;
      case 1: {
        const rarity = random.uniform();
        return (p) => random.uniform() < rarity ? Number(p < 32768) : likely(p);
      }
      default:
        return likely;
    }
  }

  /** A model's decisions with some changes, written anew under a right checksum. */
  #drawWritten(most: number, family: string): Input {
    const [one, other] = [
      this.#pick(this.#decisions),
      this.#pick(this.#decisions),
    ];
    const decisions = mutateDecisions(this.#random, one, { other, most });
    const draw = this.#drawer();
    return {
      family,
      decisions,
      ...writeDecisions(decisions, { draw, budget: SMALL }),
    };
  }

  /** Bytes changed as bytes; the frame is made right in seven of ten. */
  #drawChanged(): Input {
    const random = this.#random;
    const [one, other] = [this.#pick(this.#files), this.#pick(this.#files)];
    const bytes = mutate(one, random, other);
    const repair = random.below(10);
    if (repair > 2) fixFrame(bytes);
    else if (repair > 0) fixChecksum(bytes);
    return { family: "changed bytes", bytes };
  }

  #drawTruncated(): Input {
    const file = this.#pick(this.#files);
    const bytes = file.slice(0, this.#random.below(file.length + 1));
    if (this.#random.below(2) === 0) fixFrame(bytes);
    return { family: "truncated", bytes };
  }

  #drawRandom(): Input {
    const random = this.#random;
    const bytes = new Uint8Array(random.below(120));
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
    if (random.below(4) > 0) fixFrame(bytes);
    return { family: "random bytes", bytes };
  }

  #drawDrawing(): Drawing {
    const random = this.#random;
    const extent = () => random.below(29 * 4) / 4;
    const strokes = Array.from({ length: random.below(3) }, () => ({
      points: Array.from(
        { length: random.below(6) },
        () => ({ x: extent(), y: extent() }),
      ),
    }));
    const image = random.below(32) === 0
      ? Uint8Array.from(
        { length: 784 },
        (_, i) => i % 7 ? 0 : random.below(256),
      )
      : null;
    return { strokes, image };
  }

  /** A link as the site writes it, as programs change it, or as nobody does. */
  #drawLink(): Input {
    const random = this.#random;
    const dram = this.#files[random.below(SEEDS)];
    const packed = packDrawing(this.#drawDrawing());
    const hasDrawing = packed.length > 1 && random.below(2) === 0;
    const family = "share link";
    const damage = random.below(5);
    if (damage === 0) {
      // No checksum protects the drawing.
      for (let i = random.below(3); i >= 0; i--) {
        packed[random.below(packed.length)] = random.below(256);
      }
    }
    let text = encodeLinkText(dram);
    if (hasDrawing || damage === 0) text += `.${encodeLinkText(packed)}`;
    if (damage === 1) {
      for (let i = random.below(3); i >= 0; i--) {
        const at = random.below(text.length + 1);
        const to = at + random.below(3);
        text = text.slice(0, at) + this.#pick(CHARACTERS) + text.slice(to);
      }
    }
    const link = this.#pick(ADDED)(text);
    return { family, link, ...(damage > 1 && { dram }) };
  }

  /**
   * The next input: of ten, five are files whose decisions are changed, two have their
   * bytes changed; others are whole, cut short, anything, or links.
   */
  draw(): Input {
    const kind = this.#random.below(20);
    if (kind < 2) return this.#drawWritten(0, "whole");
    if (kind < 12) return this.#drawWritten(3, "changed decisions");
    if (kind < 16) return this.#drawChanged();
    if (kind < 17) return this.#drawTruncated();
    if (kind < 18) return this.#drawRandom();
    return this.#drawLink();
  }
}
