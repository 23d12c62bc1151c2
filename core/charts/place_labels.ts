import {
  type Box,
  boxAround,
  boxOf,
  costOf,
  type Label,
  LABEL_PLACES,
  type LabelPlace,
} from "./label_boxes.ts";

/**
 * A place for each of `labels`, beside its point: each in turn takes, of eight,
 * the first one that covers least of the labels before it, of the points of all,
 * and of `marks`, and sticks out of `frame` least.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeLabels } from "./place_labels.ts";
 *
 * const frame = { left: 0, right: 100, top: 0, bottom: 100 };
 * const [a, b] = placeLabels([{ x: 50, y: 50, width: 30 }, { x: 95, y: 20, width: 30 }], [], frame);
 * assertEquals([a.textAnchor, b.textAnchor], ["start", "end"]);
 * ```
 */
export function placeLabels(
  labels: readonly Label[],
  marks: readonly { x: number; y: number }[],
  frame: Box,
): (LabelPlace & { cost: number })[] {
  const taken = [...labels, ...marks].map((point) => boxAround(point, 5));
  return labels.map((label) => {
    const costs = LABEL_PLACES.map((place) =>
      costOf(boxOf(label, place), taken, frame)
    );
    const cost = Math.min(...costs);
    const place = LABEL_PLACES[costs.indexOf(cost)];
    taken.push(boxOf(label, place));
    return { ...place, cost };
  });
}
