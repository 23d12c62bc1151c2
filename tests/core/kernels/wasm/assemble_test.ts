import { assertEquals, assertThrows } from "@std/assert";
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
