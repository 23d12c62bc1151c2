import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Drawing, Stroke } from "../../../core/data/drawing/drawing.ts";

/** Steps that can be taken back. */
const MOST_STEPS = 200;

/** What is on the canvas, and where its image is from. */
export interface Picture extends Drawing {
  /** Place of the image among the test images, if it is one of them. */
  sample: number | null;
  /** What file it was read from, and how, if from one. */
  photo?: string;
}

/** The picture on the canvas and those before it. */
export interface Pictures {
  picture: ReadonlySignal<Picture>;
  /** Whether there is neither a stroke nor an image. */
  empty: ReadonlySignal<boolean>;
  canUndo: ReadonlySignal<boolean>;
  /** Adds a stroke. */
  add(stroke: Stroke): void;
  /** Puts another picture in its place. */
  show(picture: Picture): void;
  clear(): void;
  /** Takes back the last change: a stroke, an image or a clearing. */
  undo(): void;
}

const BLANK: Picture = { strokes: [], image: null, sample: null };

/**
 * Begins with an empty canvas.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { keepPictures } from "./pictures.ts";
 *
 * const pictures = keepPictures();
 * pictures.add({ points: [{ x: 14, y: 14 }] });
 * pictures.clear();
 * pictures.undo();
 * assertEquals(pictures.picture.value.strokes.length, 1);
 * ```
 */
export function keepPictures(): Pictures {
  const history = signal<Picture[]>([BLANK]);
  const picture = computed(() => history.value[history.value.length - 1]);
  const empty = computed(() =>
    picture.value.strokes.length === 0 && picture.value.image === null
  );
  const show = (next: Picture) => {
    history.value = [...history.value, next].slice(-MOST_STEPS);
  };
  return {
    picture,
    empty,
    canUndo: computed(() => history.value.length > 1),
    show,
    add(stroke) {
      const { strokes, ...rest } = picture.value;
      show({ ...rest, strokes: [...strokes, stroke] });
    },
    clear() {
      if (!empty.value) show(BLANK);
    },
    undo() {
      if (history.value.length > 1) history.value = history.value.slice(0, -1);
    },
  };
}
