import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { renderReport } from "../../../core/report/html.ts";
import type { StudyDetails } from "../../../core/sweep/result.ts";
import { makeDetails } from "./fixture.ts";

const page = renderReport(makeDetails());

/** The text of `html` without tags, spaces collapsed. */
function textOf(html: string): string {
  return html.replace(/<style.*?<\/style>/gs, "").replace(/<[^>]*>/g, " ")
    .replaceAll("&gt;", ">").replace(/\s+/g, " ");
}

Deno.test("renderReport gives a page that refers to nothing outside itself", () => {
  const urls = page.match(/https?:[^"'\s]*/g) ?? [];
  assertEquals([...new Set(urls)], ["http://www.w3.org/2000/svg"]);
  assert(
    !/<script|<link|<img|<iframe|@import|\burl\(|\b(src|href)=/i.test(page),
  );
});

Deno.test("renderReport states the answer in a sentence", () => {
  assertStringIncludes(
    textOf(page),
    "The smallest model at ≥ 0.95 has 4 hidden units : 55,734 parameters, 222,936 bytes, 21.5×",
  );
});

Deno.test("renderReport says so where no student reaches the accuracy", () => {
  const text = textOf(renderReport(makeDetails(), { accuracy: 0.999 }));
  assertStringIncludes(
    text,
    "No student of this study reaches 0.999 on validation.",
  );
});

Deno.test("renderReport sets distilled beside labels-only students with their difference", () => {
  assertStringIncludes(
    textOf(page),
    "6 74,188 297 kB 16.2× 0.9869 [0.9849, 0.9889] 0.9837 [0.9813, 0.9860] +0.0032",
  );
});

Deno.test("renderReport lists each pair against monotonicity and whether chance explains it", () => {
  const text = textOf(page);
  assertStringIncludes(
    text,
    "8 16 distilled (logit regression) 0.2 +0.0031 [0.0012, 0.0050] yes",
  );
  assertStringIncludes(
    text,
    "32 64 distilled (logit regression) 0.2 +0.0002 [−0.0009, 0.0013] no",
  );
  assertStringIncludes(text, "excludes 0 in 1 of 2");
});

Deno.test("renderReport says that monotonicity holds where nothing is against it", () => {
  const details = makeDetails();
  details.result.monotone = { holds: true, violations: [] };
  assertStringIncludes(
    textOf(renderReport(details)),
    "It is: every larger model",
  );
});

Deno.test("renderReport tells how the study was made, failures included", () => {
  const text = textOf(page);
  assertStringIncludes(text, "ba89".repeat(16));
  assertStringIncludes(text, "Backend wasm");
  assertStringIncludes(
    text,
    "1,199,882 parameters, 4.80 MB; validation 0.9924, test 0.9931",
  );
  assertStringIncludes(
    text,
    "seed 4: Cannot train: the loss is NaN at step 12",
  );
  assertStringIncludes(text, "the convolutions are the teacher's, frozen");
});

Deno.test("renderReport leaves failures out where there are none", () => {
  const details = makeDetails();
  details.failures = [];
  assert(!renderReport(details).includes("Failures"));
});

Deno.test("renderReport escapes a hostile study, whatever field it comes in", () => {
  const hostile =
    `</title></style><script>alert("1")</script><img src=x onerror='x'>&`;
  const details = makeDetails(hostile);
  details.result.dataset.name = hostile;
  details.result.dataset.sha256 = { [hostile]: hostile };
  details.result.backend = { name: hostile, adapter: hostile };
  details.failures[0].error = hostile;
  const html = renderReport(details);
  assert(!/<script|<img/i.test(html));
  assertMatch(html, /&lt;script>|&lt;script&gt;/);
});

Deno.test("renderReport refuses a loss that is none, wherever it stands", () => {
  const changes: ((details: StudyDetails) => { loss: string })[] = [
    ({ groups }) => groups[0],
    ({ result }) => result.frontier[0],
    ({ confusion }) => confusion.student,
  ];
  for (const change of changes) {
    const details = makeDetails();
    change(details).loss = "<script>";
    assertThrows(
      () => renderReport(details),
      SyntaxError,
      "Cannot read the loss <script>",
    );
  }
});
