import { assertEquals, assertThrows } from "@std/assert";
import { runScript } from "../../../run_script.ts";
import {
  assembleWat,
  loadAssembler,
} from "../../../../core/kernels/wasm/assemble.ts";

Deno.test("assembleWat makes the binary of a module, once", async () => {
  await loadAssembler();
  const wat = `(module (import "env" "tell" (func $tell (param f32)))
    (func $start (call $tell (f32.add (f32.const 20) (f32.const 22))))
    (start $start))`;
  const binary = assembleWat("sum", wat);
  const told: number[] = [];
  const tell = (value: number) => told.push(value);
  new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { tell } });
  assertEquals(told, [42]);
  assertEquals(assembleWat("sum", wat), binary);
});

Deno.test("assembleWat names a module whose text it can't read, or whose types don't fit", async () => {
  await loadAssembler();
  for (const body of ["(funk)", "(func (result f32) (i32.const 1))"]) {
    assertThrows(
      () => assembleWat("broken", `(module ${body})`),
      SyntaxError,
      "Cannot assemble broken",
    );
  }
});

Deno.test("loadAssembler says what to do where wabt doesn't load, and tries again", async () => {
  const wabt = "data:text/javascript," + encodeURIComponent(
    `let starts = 0;
    export default () => {
      if (starts++ === 0) throw new Error("the disk is gone");
      return {};
    };`,
  );
  // In a file: Deno 2.9.6 panics at a map in a data: URL beside a workspace.
  const map = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(
    map,
    JSON.stringify({ imports: { "npm:wabt@1.0.39": wabt } }),
  );
  const printed = await runScript(
    `
    import { loadAssembler } from "./core/kernels/wasm/assemble.ts";
    const tell = async () =>
      await loadAssembler().then(() => "loaded", (error) =>
        error.message + " | " + error.cause.message);
    console.log(await tell());
    console.log(await tell());`,
    "--no-lock",
    `--import-map=${map}`,
  );
  await Deno.remove(map);
  assertEquals(printed.split("\n"), [
    "Cannot use the Wasm backend: its assembler, the npm package wabt, could not be loaded: run `deno install` where the registry can be reached, or pass --backend cpu: the disk is gone | the disk is gone",
    "loaded",
  ]);
});
