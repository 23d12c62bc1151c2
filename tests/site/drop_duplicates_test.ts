import { assertEquals, assertThrows } from "@std/assert";
import { dropDuplicates } from "../../site/make_site.ts";
import type { ModelFile } from "../../site/model_file.ts";

function file(name: string, ...bytes: number[]): ModelFile {
  return {
    ...{ name, family: "compact", title: "", hidden: null, loss: null },
    ...{ seed: null, expected: null, bytes: Uint8Array.from(bytes) },
  };
}

Deno.test("files of the same bytes are there once, under the first name", () => {
  const all = [file("a", 1, 2), file("b", 1), file("c", 1, 2), file("d", 1, 3)];
  const { files, nameOf } = dropDuplicates(all);
  assertEquals(files, [all[0], all[1], all[3]]);
  assertEquals(all.map(nameOf), ["a", "b", "a", "d"]);
});

Deno.test("two models of one name are refused, unless their bytes are the same", () => {
  assertEquals(dropDuplicates([file("a", 1), file("a", 1)]).files.length, 1);
  assertThrows(
    () => dropDuplicates([file("a", 1), file("b", 2), file("a", 3)]),
    Error,
    "two are called a",
  );
});
