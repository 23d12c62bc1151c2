import { type Examples, readImages } from "../../core/data/dataset.ts";
import type { DirectModel } from "../../core/infer/load.ts";
import type { InsideDisagreement, InsideExample } from "../inside_data.ts";
import { drawColours, drawInk } from "./pictures.ts";

/** How many images are shown. */
const SHOWN = 24;

/**
 * At most `most` of the places at which two rows of answers differ: of each pair of
 * answers the first, pairs that occur most first; then the second of each, and so
 * on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseDifferent } from "./list_disagreements.ts";
 *
 * const [teacher, model] = [[1, 1, 2, 1, 3], [7, 7, 3, 7, 3]];
 * assertEquals(chooseDifferent(teacher, model, 3), [0, 2, 1]);
 * ```
 */
export function chooseDifferent(
  teacher: ArrayLike<number>,
  model: ArrayLike<number>,
  most: number,
): number[] {
  const indices = Array.from({ length: model.length }, (_, index) => index)
    .filter((index) => teacher[index] !== model[index]);
  const pairs = [
    ...Map.groupBy(indices, (index) => `${teacher[index]},${model[index]}`)
      .values(),
  ].sort((a, b) => b.length - a.length || a[0] - b[0]);
  const rounds = Math.max(0, ...pairs.map((pair) => pair.length));
  return Array.from(
    { length: rounds },
    (_, round) => pairs.flatMap((pair) => pair.slice(round, round + 1)),
  ).flat().slice(0, most);
}

/**
 * The images of `test` on which a model's `classes` and the teacher's differ.
 * `direct` is the model; it says how sure it is of those that are shown.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { load } from "../../core/infer/load.ts";
 * import { listDisagreements } from "./list_disagreements.ts";
 *
 * const images = new Uint8Array(2 * 784);
 * const test = { count: 2, shape: [28, 28, 1] as const, images, labels: Uint8Array.of(4, 5) };
 * const answers = { classes: [4, 4], teacher: [4, 5], direct: load(smallDram()) };
 * const { count, teacherRight, examples } = listDisagreements(test, answers);
 * assertEquals([count, teacherRight, examples[0].index], [1, 1, 1]);
 * ```
 */
export function listDisagreements(
  test: Examples,
  { classes, teacher, direct }: {
    classes: ArrayLike<number>;
    teacher: ArrayLike<number>;
    direct: DirectModel;
  },
): InsideDisagreement {
  const { labels, shape } = test;
  const result: InsideDisagreement = {
    count: 0,
    teacherRight: 0,
    modelRight: 0,
    examples: chooseDifferent(teacher, classes, SHOWN).map(showExample),
  };
  labels.forEach((label, index) => {
    if (teacher[index] === classes[index]) return;
    result.count++;
    result.teacherRight += Number(teacher[index] === label);
    result.modelRight += Number(classes[index] === label);
  });
  return result;

  function showExample(index: number): InsideExample {
    const pixels = readImages(test, index, index + 1);
    const { probabilities } = direct.classify(pixels);
    return {
      index,
      label: labels[index],
      teacher: teacher[index],
      model: classes[index],
      confidence: Number(probabilities[classes[index]].toFixed(4)),
      picture: shape[2] === 3
        ? drawColours(shape, Uint8Array.from(pixels))
        : drawInk(shape[1], Array.from(pixels, (p) => p / 255)),
    };
  }
}
