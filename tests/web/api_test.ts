import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "npm:deno-std@1.4.0/csv/parse.js";
import { models, study } from "../../web/site_study.ts";
import { askSite } from "./ask_site.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const ROUTES = [
  { path: "/api/models", type: JSON_TYPE },
  { path: "/api/study", type: JSON_TYPE },
  { path: "/api/study.csv", type: "text/csv; charset=utf-8; header=present" },
];

for (const { path, type } of ROUTES) {
  Deno.test(`${path} has its type, and is asked for again whenever it is used`, async () => {
    const response = await askSite(path);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), type);
    assertEquals(response.headers.get("cache-control"), "no-cache");
    assert((await response.text()).length > 500);
  });

  Deno.test(`${path} has a strong ETag that is the same each time`, async () => {
    const tags = [];
    for (let time = 0; time < 2; time++) {
      const response = await askSite(path);
      await response.body?.cancel();
      tags.push(response.headers.get("etag"));
    }
    assert(/^"[0-9a-f]{32}"$/.test(tags[0] ?? ""), String(tags[0]));
    assertEquals(tags[0], tags[1]);
  });

  Deno.test(`${path} answers 304 without a body to whoever has it`, async () => {
    const first = await askSite(path);
    await first.body?.cancel();
    const etag = first.headers.get("etag")!;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await askSite(path, {
        headers: { "if-none-match": known },
      });
      assertEquals([response.status, await response.text()], [304, ""], known);
      assertEquals(response.headers.get("etag"), etag);
    }
    const other = await askSite(path, {
      headers: { "if-none-match": '"other"' },
    });
    assertEquals(other.status, 200);
    await other.body?.cancel();
  });

  Deno.test(`${path} answers HEAD as GET, without a body`, async () => {
    const [head, get] = [
      await askSite(path, { method: "HEAD" }),
      await askSite(path),
    ];
    assertEquals([head.status, await head.text()], [200, ""]);
    for (const name of ["etag", "content-type", "cache-control"]) {
      assertEquals(head.headers.get(name), get.headers.get(name), name);
    }
    await get.body?.cancel();
  });

  Deno.test(`${path} refuses other methods`, async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      const response = await askSite(path, { method });
      assertEquals(response.status, 405, method);
      await response.body?.cancel();
    }
  });
}

Deno.test("/api/models and /api/study give what the pages are made of", async () => {
  assertEquals((await (await askSite("/api/models")).json()).models, models);
  assertEquals(await (await askSite("/api/study")).json(), study);
});

Deno.test("/api/study.csv has a line a trial, its students' accuracies among them", async () => {
  const text = await (await askSite("/api/study.csv")).text();
  const rows = parse(text, { skipFirstRow: true });
  const students = rows.filter(({ kind }: { kind: string }) =>
    kind === "student"
  );
  const several = new Set(
    study.groups.filter(({ seeds }) => seeds.length > 1)
      .map(({ hidden, loss }) => `${hidden} ${loss}`),
  );
  const expected = study.result.students
    .filter(({ hidden, loss }) => several.has(`${hidden} ${loss}`))
    .map(({ accuracy }) => accuracy.test);
  assertEquals(
    students.map(({ test }: { test: string }) => Number(test)),
    expected,
  );
});

Deno.test("/tradeoff answers without a script what it is asked", async () => {
  const html = await (await askSite("/tradeoff?target=0.98")).text();
  assertStringIncludes(html, "At least ");
  assertStringIncludes(html, ">0.9800</output>");
  assert(!/<style|\sstyle=/.test(html));
  const wrong = await (await askSite("/tradeoff?target=many")).text();
  assertStringIncludes(wrong, ">0.9500</output>");
});
