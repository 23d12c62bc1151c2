import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { findSmallest } from "../../../site/charts/find_smallest.ts";
import { listSitePoints } from "../../../site/charts/site_points.ts";
import { findNearest } from "../../../web/components/tradeoff/nearest_point.ts";
import { stepPoint } from "../../../web/components/tradeoff/step_point.ts";
import {
  placeAccuracy,
  readAccuracy,
  roundTarget,
  TARGET,
} from "../../../web/components/tradeoff/target_range.ts";
import { makeSiteStudy, MODELS } from "../../site/charts_fixture.ts";
import { fc } from "../../seeded_check.ts";

const points = listSitePoints(makeSiteStudy(), MODELS);
const share = fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000);

Deno.test("the smallest model reaches what is asked, and nothing smaller does", () => {
  fc.assert(fc.property(share, (accuracy) => {
    const { file, group } = findSmallest(points, accuracy);
    for (const [found, kind] of [[file, "file"], [group, "group"]] as const) {
      const able = points.filter((point) =>
        point.kind === kind && point.validation!.mean >= accuracy
      );
      if (!found) return assertEquals(able, []);
      assert(found.validation!.mean >= accuracy - 1e-9);
      assert(able.every(({ bytes }) => bytes >= found.bytes));
    }
  }));
});

Deno.test("asking for more never gives a smaller model", () => {
  fc.assert(fc.property(share, share, (a, b) => {
    const [less, more] = [Math.min(a, b), Math.max(a, b)].map((accuracy) =>
      findSmallest(points, accuracy).file?.bytes ?? Infinity
    );
    assert(less <= more);
  }));
});

Deno.test("test accuracies don't choose", () => {
  const blind = points.map((point) => ({
    ...point,
    test: { mean: 0, low: 0, high: 0 },
  }));
  fc.assert(fc.property(share, (accuracy) => {
    assertEquals(
      findSmallest(blind, accuracy).file?.key,
      findSmallest(points, accuracy).file?.key,
    );
  }));
});

const place = fc.record({
  x: fc.integer({ min: 0, max: 200 }),
  y: fc.integer({ min: 0, max: 200 }),
});
const places = fc.array(place, { minLength: 1, maxLength: 40 })
  .map((list) => list.map((at, index) => ({ ...at, key: `${index}` })));

Deno.test("the nearest point is no farther than any other", () => {
  fc.assert(fc.property(places, place, (list, at) => {
    const distance = ({ x, y }: { x: number; y: number }) =>
      Math.hypot(x - at.x, y - at.y);
    const nearest = Math.min(...list.map(distance));
    const key = findNearest(list, at, 24);
    if (nearest > 24) return assertEquals(key, null);
    assertEquals(distance(list[Number(key)]), nearest);
  }));
});

Deno.test("each arrow key alone visits every point, and its opposite leads back", () => {
  const pairs = [["ArrowRight", "ArrowLeft"], ["ArrowDown", "ArrowUp"]];
  fc.assert(fc.property(places, (list) => {
    for (const [forth, back] of pairs) {
      const start = back === "ArrowLeft"
        ? stepPoint(list, "0", "Home")!
        : list.toSorted((a, b) => a.y - b.y || a.x - b.x)[0].key;
      const visited = [start];
      for (let step = 1; step < list.length; step++) {
        const [from] = visited.slice(-1);
        const to = stepPoint(list, from, forth)!;
        assertEquals(stepPoint(list, to, back), from);
        visited.push(to);
      }
      assertEquals(new Set(visited).size, list.length);
    }
  }));
});

Deno.test("other keys go nowhere", () => {
  const list = [{ key: "a", x: 0, y: 0 }];
  for (const key of ["Enter", "Tab", " ", "a", "constructor", "toString"]) {
    assertEquals(stepPoint(list, "a", key), null, key);
  }
});

Deno.test("a place on the axis and the accuracy there are each other's inverse", () => {
  const axis = { left: 56, right: 708, low: 0.1, high: 2.6 };
  fc.assert(fc.property(share, (accuracy) => {
    const x = placeAccuracy(accuracy, axis);
    assertAlmostEquals(readAccuracy(x, axis), accuracy, 1e-9);
  }));
});

Deno.test("whatever is asked for is rounded to what can be asked for", () => {
  fc.assert(fc.property(fc.double(), (accuracy) => {
    const target = roundTarget(accuracy);
    assert(target >= TARGET.min && target <= TARGET.max);
    const steps = target / TARGET.step;
    assertAlmostEquals(steps, Math.round(steps), 1e-6);
    assertEquals(roundTarget(target), target);
  }));
});
