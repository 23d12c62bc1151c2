/**
 * Begins to fill a folder of the cache that is its argument, says so, and waits
 * to be killed; for fill_folder_test.ts.
 *
 * @module
 */
import { fillFolder } from "../../../core/distill/fill_folder.ts";

await fillFolder(Deno.args[0], "features", async (folder) => {
  await Deno.writeTextFile(`${folder}/half`, "half");
  console.log("filling");
  await new Promise((wake) => setTimeout(wake, 60_000));
});
