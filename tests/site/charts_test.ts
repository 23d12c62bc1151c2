import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { listSitePoints } from "../../site/charts/site_points.ts";
import { drawSiteCharts } from "../../site/charts/site_charts.ts";
import type { SiteStudy } from "../../site/site_data.ts";
import { type Element, parseXml } from "../core/report/parse_xml.ts";
import { makeSiteStudy, MODELS } from "./charts_fixture.ts";

const study = makeSiteStudy();
const charts = drawSiteCharts(study, MODELS);
const drawings = charts.flatMap(({ name, title, wide, narrow }) => [
  { name: `${name}, wide`, title, svg: wide },
  { name: `${name}, narrow`, title, svg: narrow },
]);

/** All elements of a document. */
function listElements(root: Element): Element[] {
  return [root, ...root.children.flatMap(listElements)];
}

/** The points of a chart by their keys. */
function pointsOf(svg: string): Map<string, Element> {
  return new Map(
    listElements(parseXml(svg)).flatMap((element) => {
      const key = element.attributes["data-point"];
      return key === undefined ? [] : [[key, element] as const];
    }),
  );
}

function marksOf(svg: string, description: string): Element[] {
  return listElements(parseXml(svg)).filter(({ attributes }) =>
    attributes["data-mark"] === description
  ).flatMap(({ children }) => children);
}

/** The wide drawing of a chart. */
function drawWide(name: string, of: SiteStudy = study): string {
  return drawSiteCharts(of, MODELS).find((chart) => chart.name === name)!.wide;
}

for (const { name, title, svg } of drawings) {
  Deno.test(`chart ${name} is well-formed, and has no style that a strict CSP refuses`, () => {
    const elements = listElements(parseXml(svg));
    assertEquals(elements[0].attributes["aria-label"], title);
    assert(elements.every((element) => element.name !== "style"));
    assert(elements.every(({ attributes }) => !("style" in attributes)));
    assert(
      elements.every(({ attributes }) =>
        Object.keys(attributes).every((attribute) =>
          !attribute.startsWith("on")
        )
      ),
    );
    assert(!/NaN|Infinity|undefined/.test(svg));
  });

  Deno.test(`chart ${name} says of each point what it is, and links those that the site can run`, () => {
    const models = new Set(MODELS.map((model) => model.name));
    const points = pointsOf(svg);
    assertGreater(points.size, 8);
    for (const [key, { name, attributes, children }] of points) {
      assertEquals(children[0].name, "title");
      assert(/: test 0\.\d{4}/.test(children[0].text), key);
      if (name === "a") {
        const model = attributes.href.replace("/?model=", "");
        assert(models.has(model), attributes.href);
      } else assertEquals([name, attributes.role], ["g", "img"]);
    }
  });

  Deno.test(`chart ${name} keeps its texts inside`, () => {
    const root = parseXml(svg);
    const [, , width, height] = root.attributes.viewBox.split(" ").map(Number);
    for (const { name, attributes } of listElements(root)) {
      if (name !== "text") continue;
      const [x, y] = (attributes.transform ?? "0").match(/-?[\d.]+/g)!
        .map(Number);
      assert(x >= 0 && x <= width && (y ?? 0) <= height, attributes.transform);
    }
  });
}

Deno.test("every trial of the study is a point of some chart", () => {
  const keys = new Set(
    charts.flatMap(({ wide }) => [...pointsOf(wide).keys()]),
  );
  const missing = listSitePoints(study, MODELS)
    .map(({ key }) => key)
    .filter((key) => !keys.has(key));
  assertEquals(missing, []);
});

Deno.test("points have keys of their own, and as many as there are trials", () => {
  const points = listSitePoints(study, MODELS);
  assertEquals(new Set(points.map(({ key }) => key)).size, points.length);
  const { result, groups, search, published } = study;
  const others = 3; // digits-98 and lenet-5, of no search, and the file of hidden-6
  assertEquals(
    points.length,
    result.students.length + groups.length + search!.trials.length +
      published.length + others + 1,
  );
});

Deno.test("a group, its student and a file of the search lead to the model that runs them", () => {
  const models = Object.fromEntries(
    listSitePoints(study, MODELS)
      .filter(({ model }) => model !== null)
      .map(({ key, model }) => [key, model]),
  );
  assertEquals(models, {
    "hidden-6-logit-mse-0.2": "hidden-6",
    "hidden-6-logit-mse-0.2-seed-2": "hidden-6",
    [`search-${study.search!.trials[0].trial}`]: "search-best",
    "file-digits-98": "digits-98",
    "file-lenet-5": "lenet-5",
    "file-hidden-6": "hidden-6",
    teacher: "teacher",
  });
});

Deno.test("pairs that break monotonicity are marked, those for certain apart", () => {
  const svg = drawWide("hidden-units");
  assertEquals(marksOf(svg, "pairs against monotonicity").length, 1);
  assertEquals(marksOf(svg, "pairs against monotonicity, certain").length, 1);
  const chart = charts.find(({ name }) => name === "hidden-units")!;
  assert(chart.caption.includes("Bands join the 2 pairs"));
});

Deno.test("a study without such pairs says so, and marks none", () => {
  const monotone = structuredClone(study);
  monotone.result.monotone = { holds: true, violations: [] };
  const chart = drawSiteCharts(monotone, MODELS)
    .find(({ name }) => name === "hidden-units")!;
  assert(chart.caption.includes("No pair breaks monotonicity"));
  assertEquals(marksOf(chart.wide, "pairs against monotonicity").length, 0);
});

Deno.test("intervals over seeds are drawn, and stay inside the chart however wide", () => {
  const wide = structuredClone(study);
  for (const { test } of wide.groups) Object.assign(test, { low: 0, high: 1 });
  const svg = drawWide("hidden-units", wide);
  assert(!/NaN|Infinity/.test(svg));
  for (const title of ["distilled (logit regression)", "labels only"]) {
    const bars = marksOf(svg, `${title}: 95% intervals`);
    assertEquals(bars.length, 9);
    for (const { attributes } of bars) {
      const heights = attributes.d.match(/,(-?[\d.]+)/g)!.map((text) =>
        Number(text.slice(1))
      );
      assert(heights.every((height) => height >= 30 && height <= 412));
    }
  }
});

Deno.test("the steps go through the files that no smaller one matches, published points beside", () => {
  const svg = drawWide("steps");
  const best = marksOf(svg, "files: best").map(({ attributes }) =>
    attributes["data-point"]
  );
  const points = listSitePoints(study, MODELS)
    .filter(({ key }) => best.includes(key));
  const accuracies = points.map(({ validation }) => validation!.mean);
  assertEquals(accuracies, accuracies.toSorted((a, b) => a - b));
  const published = [...pointsOf(svg).keys()].filter((key) =>
    key.startsWith("published-")
  );
  assertEquals(published.length, study.published.length);
});

Deno.test("the steps' chart says where accuracies lie, for the handle", () => {
  for (const { svg, name } of drawings) {
    const targets = listElements(parseXml(svg)).filter(({ attributes }) =>
      attributes.class === "target"
    );
    assertEquals(targets.length, name.startsWith("steps") ? 1 : 0);
    for (const { attributes } of targets) {
      const read = (key: string) => Number(attributes[`data-${key}`]);
      assert(read("left") < read("right") && read("low") < read("high"));
    }
  }
});

Deno.test("the same study gives the same charts", () => {
  assertEquals(drawSiteCharts(makeSiteStudy(), MODELS), charts);
});

Deno.test("charts are drawn of a study without a search, and of one student a group", () => {
  const small = structuredClone(study);
  small.search = null;
  small.modelOfTrial.search = [];
  small.groups = small.groups.map((group) => ({ ...group, seeds: [1] }));
  const drawn = drawSiteCharts(small, []);
  assert(drawn.every(({ wide }) => !/NaN|Infinity|undefined/.test(wide)));
  const points = listSitePoints(small, []);
  assert(points.every(({ kind }) => kind !== "student" && kind !== "file"));
});

Deno.test("a loss that is none is refused", () => {
  const hostile = structuredClone(study);
  for (const group of hostile.groups) group.loss = `"a" & <script>'`;
  assertThrows(
    () => drawSiteCharts(hostile, MODELS),
    SyntaxError,
    "Cannot read the loss",
  );
});
