import { assertEquals } from "@std/assert";
import { copyWasm } from "../../cli/commands/copy_wasm.ts";
import { namesIn } from "./model_folder.ts";

Deno.test("tfjs's WebAssembly stands alone in the site, also after a kill while it was copied", async () => {
  const root = await Deno.makeTempDir();
  const folder = `${root}/static/wasm`;
  const wasm = "tfjs-backend-wasm-simd.wasm";
  for (const earlier of ["none", "whole"]) {
    await Deno.mkdir(folder, { recursive: true });
    const left = `${folder}/${wasm}.${crypto.randomUUID()}.tmp`;
    await Deno.writeTextFile(left, "half");
    await copyWasm(root);
    assertEquals(namesIn(folder), [wasm], earlier);
  }
  await Deno.remove(root, { recursive: true });
});
