import { assertEquals, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import {
  inspectMnist,
  inspectTeacher,
} from "../../cli/commands/inspect_files.ts";

Deno.test("inspectMnist reports a folder without the files as a problem", async () => {
  const folder = await Deno.makeTempDir();
  const { train, problem } = await inspectMnist(folder);
  assertEquals(train, 0);
  assertStringIncludes(problem ?? "", `Cannot load a dataset from ${folder}`);
  await Deno.remove(folder);
});

Deno.test("inspectTeacher tells a teacher that is missing from one that is broken", async () => {
  const folder = await Deno.makeTempDir();
  const absent = await inspectTeacher(pathToFileURL(`${folder}/none/`));
  assertEquals([absent.present, absent.problem], [false, null]);
  const broken = await inspectTeacher(pathToFileURL(`${folder}/`));
  assertEquals(broken.present, true);
  assertStringIncludes(broken.problem ?? "", "it must hold model.json");
  await Deno.remove(folder);
});
