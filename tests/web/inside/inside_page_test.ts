import { assert, assertEquals, assertMatch } from "@std/assert";
import { Fragment, h } from "preact";
import { renderToString } from "preact-render-to-string";
import type { SiteInside } from "../../../site/inside_data.ts";
import { data } from "../../../web/site_study.ts";
import { Bytes } from "../../../web/components/inside/Bytes.tsx";
import { Cost } from "../../../web/components/inside/Cost.tsx";
import { findInside } from "../../../web/components/inside/find_inside.ts";
import { Glance } from "../../../web/components/inside/Glance.tsx";
import { Left } from "../../../web/components/inside/Left.tsx";
import { ModelChoice } from "../../../web/components/inside/ModelChoice.tsx";
import { Removed } from "../../../web/components/inside/Removed.tsx";
import { Summary } from "../../../web/components/inside/Summary.tsx";

const { models, teacher } = findInside("");

/** Everything that the page shows of a model. */
function renderAll(name: string): { html: string; inside: SiteInside } {
  const { chosen } = findInside(name);
  if (!chosen) throw new Error(`there is no ${name}`);
  const { inside } = chosen;
  const html = renderToString(h(
    Fragment,
    null,
    h(Glance, { inside }),
    h(ModelChoice, { models, chosen: name }),
    h(Summary, { ...chosen, split: "recorded" }),
    h(Removed, { inside, teacherParameters: teacher.parameters, data }),
    h(Left, { inside }),
    h(Bytes, { inside, sha256: chosen.model.sha256 }),
    h(Cost, { inside, teacherErrors: teacher.errors, data }),
  ));
  return { html, inside };
}

/** What stands between `<tag …>` and its end, each time. */
function contentsOf(html: string, tag: string): string[] {
  return [...html.matchAll(new RegExp(`<${tag}\\b[^>]*>([^]*?)</${tag}>`, "g"))]
    .map(([, content]) => content);
}

Deno.test("every model of the site can be looked into, the teacher among them", () => {
  assert(models.length > 5);
  assertEquals(models.filter(({ family }) => family === "teacher").length, 1);
  for (const { name } of models) renderAll(name);
});

Deno.test("a name that no model has finds none", () => {
  for (const name of ["", "nothing", "__proto__", "constructor", "DIGITS-99"]) {
    assertEquals(findInside(name).chosen, null);
  }
});

Deno.test("a content security policy without inline styles and scripts breaks nothing", () => {
  for (const { name } of models) {
    const { html } = renderAll(name);
    assertEquals(html.match(/\sstyle=|<style|<script|\son[a-z]+=/g), null);
  }
});

Deno.test("every picture has words for who can't see it, and a size before it loads", () => {
  // What is hidden from readers stands below once more, with words.
  const hidden = /<div class="glance" aria-hidden="true">[^]*?<\/div>/;
  for (const { name } of models) {
    const html = renderAll(name).html.replace(hidden, "");
    for (const [image] of html.matchAll(/<img\b[^>]*>/g)) {
      assertMatch(image, /\balt="[^"]+"/);
      assertMatch(image, /\bwidth="\d+"/);
      assertMatch(image, /\bheight="\d+"/);
    }
    for (const [drawing] of html.matchAll(/<svg\b[^>]*>/g)) {
      assertMatch(drawing, /role="img" aria-label="[^"]+"|aria-hidden="true"/);
    }
  }
});

Deno.test("the confusion matrix is a table with a heading for each row and column", () => {
  const { html, inside } = renderAll("digits-99");
  const table =
    contentsOf(html, "table").find((text) =>
      text.includes("the digit that they are")
    ) ?? "";
  assertEquals(
    contentsOf(table, "th"),
    [...Array(10).keys(), ...Array(10).keys()].map(String),
  );
  const [, ...cells] = contentsOf(table, "td"); // the corner is empty
  assertEquals(cells.map(Number), inside.confusion.flat());
});

Deno.test("the parts of the bar are as wide as what they cost", () => {
  const { html, inside } = renderAll("digits-99");
  const bar = html.match(/<svg class="bytes"[^]*?<\/svg>/)?.[0] ?? "";
  const widths = [...bar.matchAll(/width="([\d.]+)"/g)].map(([, width]) =>
    Number(width)
  );
  const shares = inside.parts.map(({ bytes }) => Math.max(0, bytes));
  widths.forEach((width, i) =>
    assert(Math.abs(width / 1000 - shares[i] / inside.bytes) < 1e-3)
  );
});

Deno.test("the teacher is compared with nothing", () => {
  const { html } = renderAll("teacher");
  assert(html.includes("Nothing: this is the network"));
  assert(!html.includes("disagree"));
});

Deno.test("the file can be had, and drawn with", () => {
  const { html } = renderAll("digits-95");
  assertMatch(html, /href="\/\?model=digits-95"/);
  assertMatch(html, /href="\/models\/digits-95\.[0-9a-f]{8}\.dram" download/);
});
