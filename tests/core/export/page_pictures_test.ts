import { assertEquals } from "@std/assert";
import { makePagePictures, SCRIPT } from "./make_page_pictures.ts";

Deno.test("exported pages hold the code of page_pictures.ts: run tests/core/export/make_page_pictures.ts where they don't", async () => {
  assertEquals(await Deno.readTextFile(SCRIPT), await makePagePictures());
});
