import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  drawAccuracyByHidden,
  drawAccuracyByParameters,
  drawCharts,
  drawConfusionMatrix,
  drawSizeByHidden,
} from "../../../core/charts/charts.ts";
import { drawFrontierSteps } from "../../../core/charts/frontier_steps.ts";
import { drawTrainingCurves } from "../../../core/charts/training_curves.ts";
import { makeDetails } from "../report/fixture.ts";
import { marksOf, parseXml } from "../report/parse_xml.ts";

const details = makeDetails();
const DISTILLED = "distilled (logit regression)";

for (const { name, svg } of drawCharts(details)) {
  Deno.test(`chart ${name} is a standalone SVG document with a name`, () => {
    const root = parseXml(svg);
    assertEquals(root.name, "svg");
    assertEquals(root.attributes.xmlns, "http://www.w3.org/2000/svg");
    assertEquals(root.attributes.role, "img");
    assert(root.attributes.viewBox);
    assertEquals(root.children[0].name, "title");
    assertEquals(root.children[0].text, root.attributes["aria-label"]);
    assert(svg.includes("prefers-color-scheme: dark"));
    assert(!/NaN|Infinity|undefined/.test(svg));
  });
}

Deno.test("drawCharts gives the same text for the same study", () => {
  assertEquals(drawCharts(makeDetails()), drawCharts(details));
});

Deno.test("drawCharts gives each chart its own name, fit for a file", () => {
  const soft = structuredClone(details);
  for (const one of [...soft.groups, ...soft.curves, ...soft.result.students]) {
    if (one.loss === "logit-mse") one.loss = "distillation(T=4,alpha=0.9)";
  }
  const names = drawCharts(soft).map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  assert(names.includes("training-accuracy-distillation-t-4-alpha-0.9"));
  assert(names.every((name) => /^[a-z0-9.-]+$/.test(name)));
});

for (const draw of [drawAccuracyByHidden, drawAccuracyByParameters]) {
  Deno.test(`${draw.name} draws a mean a group, an interval a group, a dot a student`, () => {
    const root = parseXml(draw(details));
    for (const title of [DISTILLED, "labels only"]) {
      assertEquals(marksOf(root, `${title}: means`).length, 9);
      assertEquals(marksOf(root, `${title}: 95% intervals`).length, 9);
      assertEquals(marksOf(root, `${title}: single seeds`).length, 27);
    }
    assertEquals(marksOf(root, "teacher")[0].text, "teacher 0.9931");
  });

  Deno.test(`${draw.name} keeps 0.97 and 0.98 apart though some students are at 0.3`, () => {
    const labels = parseXml(draw(details)).children.find((mark) =>
      mark.attributes["aria-label"] === "y-axis tick label"
    )?.children ?? [];
    const heights = new Map(labels.map(({ text, attributes }) => [
      text,
      Number(attributes.transform.match(/,([\d.]+)\)/)?.[1]),
    ]));
    assert(heights.get("0.97")! - heights.get("0.98")! > 20);
    assert(heights.get("0.3")! > heights.get("0.9")!);
  });
}

Deno.test("drawAccuracyByHidden shows the dropout rate that is best on validation", () => {
  const two = structuredClone(details);
  const worse = details.groups.map((group) => ({
    ...group,
    dropout: 0.5,
    validation: { mean: 0, low: 0, high: 0 },
    test: { mean: 0.9999, low: 0.9999, high: 0.9999 },
  }));
  two.groups = [...worse, ...details.groups];
  assertEquals(drawAccuracyByHidden(two), drawAccuracyByHidden(details));
});

Deno.test("drawAccuracyByHidden draws a student without mistakes, or of one seed", () => {
  const perfect = structuredClone(details);
  for (const { test } of perfect.groups) {
    Object.assign(test, { mean: 1, low: 1, high: 1 });
  }
  assert(!/NaN|Infinity/.test(drawAccuracyByHidden(perfect)));
});

Deno.test("drawSizeByHidden labels each width's size and the teacher's", () => {
  const root = parseXml(drawSizeByHidden(details));
  assertEquals(marksOf(root, "sizes").length, 9);
  assertEquals(
    marksOf(root, "size labels").map(({ text }) => text).slice(3, 6),
    ["223 kB", "297 kB", "371 kB"],
  );
  assertEquals(marksOf(root, "teacher")[0].text, "teacher 4.80 MB");
});

Deno.test("drawTrainingCurves draws a line a width, as long as all seeds trained", () => {
  const root = parseXml(drawTrainingCurves(details, "cross-entropy"));
  const labels = marksOf(root, "widths").map(({ text }) => Number(text));
  assertEquals(labels.toSorted((a, b) => a - b), [
    1,
    2,
    3,
    4,
    6,
    8,
    16,
    32,
    64,
  ]);
  const [path] = marksOf(root, "6 hidden units");
  assertEquals(path.attributes.d.split("L").length, 10);
});

Deno.test("drawTrainingCurves keeps its labels apart", () => {
  for (const measure of ["accuracy", "loss"] as const) {
    const root = parseXml(drawTrainingCurves(details, "logit-mse", measure));
    const heights = marksOf(root, "widths").map(({ attributes }) =>
      Number(attributes.transform.match(/,([\d.]+)\)/)?.[1])
    ).sort((a, b) => a - b);
    const gaps = heights.slice(1).map((height, index) =>
      height - heights[index]
    );
    assert(Math.min(...gaps) > 12, `${measure}: ${gaps}`);
  }
});

Deno.test("drawTrainingCurves draws the loss where asked", () => {
  assertNotEquals(
    drawTrainingCurves(details, "logit-mse", "loss"),
    drawTrainingCurves(details, "logit-mse"),
  );
});

Deno.test("drawTrainingCurves refuses a loss that no student trained by", () => {
  assertThrows(
    () => drawTrainingCurves(details, "hinge"),
    RangeError,
    "Cannot draw training curves: the loss must have students that trained: current value is hinge",
  );
});

Deno.test("drawFrontierSteps steps through the groups that no smaller one matches", () => {
  const root = parseXml(drawFrontierSteps(details));
  assertEquals(marksOf(root, "groups").length, 18);
  assertEquals(
    marksOf(root, "frontier labels").map(({ text }) => text),
    [
      "1 unit",
      "2 units",
      "3 units",
      "4 units",
      "6 units",
      "8 units",
      "32 units",
    ],
  );
  assertEquals(marksOf(root, "accuracies asked for").length, 4);
});

Deno.test("drawConfusionMatrix writes each count that is not 0 into its cell", () => {
  const root = parseXml(drawConfusionMatrix(details));
  const counts = details.confusion.matrix.flat().filter((count) => count > 0);
  assertEquals(marksOf(root, "counts").map(({ text }) => Number(text)), counts);
  assertEquals(marksOf(root, "right").length, 10);
  assertEquals(marksOf(root, "mistakes").length, 90);
});

Deno.test("drawTrainingCurves refuses a loss that is none", () => {
  const hostile = structuredClone(details);
  const loss = `"a" & <b>'`;
  for (const one of [...hostile.groups, ...hostile.curves]) one.loss = loss;
  assertThrows(
    () => drawTrainingCurves(hostile, loss),
    SyntaxError,
    `Cannot read the loss ${loss}`,
  );
});
