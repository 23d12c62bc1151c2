import { assert, assertEquals, assertRejects } from "@std/assert";
import { basename, join } from "node:path";
import { writeReport } from "../../../core/report/write_report.ts";
import { makeDetails } from "./fixture.ts";
import { parseXml } from "./parse_xml.ts";

Deno.test("writeReport writes the page and a file a chart, and nothing else", async () => {
  const folder = join(await Deno.makeTempDir(), "new");
  const paths = await writeReport(folder, makeDetails());
  assertEquals(paths[0], join(folder, "report.html"));
  const plots = [...Deno.readDirSync(join(folder, "plots"))].map(({ name }) =>
    name
  );
  assertEquals(
    plots.sort(),
    paths.slice(1).map((path) => basename(path)).sort(),
  );
  assertEquals([...Deno.readDirSync(folder)].length, 2);
  for (const path of paths.slice(1)) parseXml(await Deno.readTextFile(path));
  assert((await Deno.readTextFile(paths[0])).includes("</html>"));
});

Deno.test("writeReport replaces a report by the same bytes where the study is the same", async () => {
  const folder = await Deno.makeTempDir();
  const [page] = await writeReport(folder, makeDetails());
  const before = await Deno.readTextFile(page);
  await writeReport(folder, makeDetails());
  assertEquals(await Deno.readTextFile(page), before);
});

Deno.test("writeReport throws where the folder cannot be made", async () => {
  const file = await Deno.makeTempFile();
  await assertRejects(() => writeReport(join(file, "below"), makeDetails()));
});
