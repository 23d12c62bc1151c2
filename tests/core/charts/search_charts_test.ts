import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { placeLabels } from "../../../core/charts/place_labels.ts";
import { PUBLISHED_POINTS } from "../../../core/charts/published_points.ts";
import {
  drawSearchCharts,
  writeSearchReport,
} from "../../../core/report/write_search_report.ts";
import { fc } from "../../seeded_check.ts";
import { marksOf, parseXml } from "../report/parse_xml.ts";
import { makeSearchResult } from "../report/search_fixture.ts";

const result = makeSearchResult();
const [frontier, accuracy] = drawSearchCharts(result).map(({ svg }) =>
  parseXml(svg)
);

for (const { name, svg } of drawSearchCharts(result)) {
  Deno.test(`chart ${name} is a standalone SVG document with a name`, () => {
    const root = parseXml(svg);
    assertEquals([root.name, root.attributes.role], ["svg", "img"]);
    assertEquals(root.children[0].text, root.attributes["aria-label"]);
    assert(svg.includes("prefers-color-scheme: dark"));
    assert(!/NaN|Infinity|undefined/.test(svg));
  });

  Deno.test(`chart ${name} shows every published point, those of a clean split filled`, () => {
    const root = parseXml(svg);
    const clean = PUBLISHED_POINTS.filter(({ cleanSplit }) => cleanSplit);
    assertEquals(marksOf(root, "published, clean split").length, clean.length);
    assertEquals(
      marksOf(root, "published").length,
      PUBLISHED_POINTS.length - clean.length,
    );
    for (const { name } of PUBLISHED_POINTS) {
      const times = PUBLISHED_POINTS.filter((each) => each.name === name);
      assertEquals(svg.split(`>${name}</text>`).length - 1, times.length, name);
    }
  });
}

Deno.test("no published model stands beside files of other data", async () => {
  const { sha256 } = result.dataset;
  const [first] = Object.keys(sha256);
  const other = {
    ...result,
    // One file of another dataset's, whatever that calls itself.
    dataset: { ...result.dataset, sha256: { ...sha256, [first]: "00" } },
  };
  const folder = await Deno.makeTempDir();
  for (const path of await writeSearchReport(folder, other)) {
    const text = await Deno.readTextFile(path);
    assert(!/published/i.test(text), path);
    for (const { name } of PUBLISHED_POINTS) {
      assert(!text.includes(`>${name}<`));
    }
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("published points are shares and whole files of a known size", () => {
  for (const { accuracy, bytes, source, note } of PUBLISHED_POINTS) {
    assert(accuracy > 0.9 && accuracy < 1 && Number.isInteger(bytes));
    assert(source.length > 0 && note.length > 0);
  }
});

Deno.test("the frontier's steps are the files that no smaller one matches, its answers labelled with bytes", () => {
  const sizes = result.frontier.map(({ file }) => file.bytes);
  assertEquals(
    marksOf(frontier, "file labels").map(({ text }) => text),
    [...new Set(sizes)].map((bytes) => `${bytes.toLocaleString("en")} B`),
  );
  assertEquals(
    marksOf(frontier, "accuracies asked for").length,
    result.frontier.length,
  );
  const recipes = marksOf(frontier, "recipes").length;
  assertEquals(
    marksOf(frontier, "recipes: 95% intervals of accuracy").length,
    recipes,
  );
});

Deno.test("every file is a dot, and each loss a series of its own", () => {
  for (const loss of ["distilled (logit regression)", "labels only"]) {
    assertEquals(
      marksOf(accuracy, `${loss}: files`).length,
      result.trials.length / 2,
    );
    assert(marksOf(accuracy, `${loss}: chosen on validation`).length >= 5);
  }
});

Deno.test("charts are drawn of a single file without an interval, and of one without mistakes", () => {
  const [trial] = result.trials;
  const perfect = { ...trial, accuracy: { validation: 1, test: 1 } };
  for (const one of [trial, perfect]) {
    const small = { ...result, trials: [one], recipes: [], frontier: [] };
    for (const { svg } of drawSearchCharts(small)) {
      assert(!/NaN|Infinity|undefined/.test(svg));
    }
  }
});

Deno.test("placeLabels keeps labels clear of one another where there is room", () => {
  const frame = { left: 0, right: 1000, top: 0, bottom: 1000 };
  const place = fc.record({
    x: fc.integer({ min: 1, max: 8 }).map((n) => n * 110),
    y: fc.integer({ min: 1, max: 18 }).map((n) => n * 50),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(place, { selector: ({ x, y }) => `${x} ${y}` }),
      (points) => {
        const labels = points.map((point) => ({ ...point, width: 90 }));
        const boxes = placeLabels(labels, [], frame).map((each, index) => {
          const share = { start: 0, middle: 0.5, end: 1 }[each.textAnchor];
          const left = labels[index].x + each.dx - share * 90;
          return { left, top: labels[index].y + each.dy };
        });
        boxes.forEach((a, i) =>
          boxes.slice(i + 1).forEach((b) => {
            const apart = Math.abs(a.left - b.left) >= 90 ||
              Math.abs(a.top - b.top) >= 13;
            assert(apart, JSON.stringify([a, b]));
          })
        );
      },
    ),
  );
});

Deno.test("the report of a search escapes what comes from it, and tells its answer and failures", async () => {
  const folder = await Deno.makeTempDir();
  const hostile = makeSearchResult("<b>");
  const [page, ...plots] = await writeSearchReport(folder, hostile);
  const html = await Deno.readTextFile(page);
  assertStringIncludes(html, "Study &lt;b>");
  assertStringIncludes(html, "The smallest file at ≥ 0.99 has");
  assertStringIncludes(html, "dominated at epoch 4 by trial 3");
  assertStringIncludes(html, "Cannot go on training: the loss is NaN");
  assertStringIncludes(html, "Memory-optimal convolutions");
  assert(!/<script|https?:\/\/(?!www\.w3\.org)/.test(html));
  assertEquals(plots.map((path) => path.replace(/.*\//, "")), [
    "frontier-bytes.svg",
    "accuracy-by-bytes.svg",
  ]);
  const { frontier: _, ...rest } = hostile;
  await writeSearchReport(folder, { ...rest, frontier: [] });
  assertStringIncludes(
    await Deno.readTextFile(page),
    "No file of this search reaches an accuracy asked for.",
  );
  await Deno.remove(folder, { recursive: true });
});
