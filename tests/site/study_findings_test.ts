import { assertEquals } from "@std/assert";
import { listSitePoints } from "../../site/charts/site_points.ts";
import {
  compareWithLabels,
  countViolations,
  listBeaten,
} from "../../site/charts/study_findings.ts";
import { makeSiteStudy, MODELS } from "./charts_fixture.ts";

const study = makeSiteStudy();
const points = listSitePoints(study, MODELS);

Deno.test("distilled students are compared with those from labels only, width by width", () => {
  assertEquals(compareWithLabels(points), [
    { title: "distilled (logit regression)", widths: 9, better: 9 },
  ]);
});

Deno.test("without students from labels only there is nothing to compare with", () => {
  const distilled = points.filter(({ loss }) => loss !== "cross-entropy");
  assertEquals(compareWithLabels(distilled), []);
});

Deno.test("pairs against monotonicity are counted, those for certain apart", () => {
  assertEquals(countViolations(study), { pairs: 2, sure: 1 });
});

Deno.test("a published model is beaten by a file that is smaller and no less accurate", () => {
  const published = points.find(({ kind }) => kind === "published")!;
  const file = points.find(({ kind }) => kind === "file")!;
  const beat = (bytes: number, accuracy: number) => {
    const test = { mean: accuracy, low: accuracy, high: accuracy };
    return listBeaten([published, { ...file, bytes, test }]).length;
  };
  const { bytes, test: { mean } } = published;
  assertEquals(beat(bytes - 1, mean), 1);
  assertEquals(beat(bytes, mean), 0);
  assertEquals(beat(bytes - 1, mean - 0.0001), 0);
});
