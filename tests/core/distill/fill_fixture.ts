/**
 * Begins to fill a folder of the cache that is its first argument, says so, and
 * ends after as many milliseconds as its second one says, unless it is killed
 * before; for fill_folder_test.ts.
 *
 * @module
 */
import { fillFolder } from "../../../core/distill/extract_features.ts";

const [cache, milliseconds] = Deno.args;
await fillFolder(cache, "features", {
  async write(folder) {
    await Deno.writeTextFile(`${folder}/half`, "half");
    console.log("filling");
    await new Promise((wake) => setTimeout(wake, Number(milliseconds)));
    await Deno.writeTextFile(`${folder}/text`, "the other's");
  },
  isWhole: () => Promise.resolve(false),
});
