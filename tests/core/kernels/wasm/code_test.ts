import { assertEquals } from "@std/assert";
import {
  assembleWat,
  loadAssembler,
} from "../../../../core/kernels/wasm/assemble.ts";
import {
  advance,
  countDown,
  countUp,
  defineFunction,
  defineModule,
  defineValue,
  either,
  exportFunction,
  f32,
  f32x4,
  i32,
  i32x4,
  LEAVE,
  leaveIf,
  lesser,
  memoise,
  named,
  repeat,
  select,
  store,
  until,
  type WasmModule,
  when,
} from "../../../../core/kernels/wasm/code.ts";

await loadAssembler();

/** What `run`, an export of `module`, writes to the first words of its memory. */
function wordsOf(
  module: WasmModule<"run">,
  count: number,
  ...values: number[]
): number[] {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const binary = assembleWat(module.name, module.make().text);
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(binary),
    { env: { memory } },
  );
  if (typeof exports.run !== "function") throw new Error("no run");
  exports.run(...values);
  return [...new Int32Array(memory.buffer, 0, count)];
}

Deno.test("code whose types don't go together does not compile", () => {
  const [n, x, v] = [i32.const(1), f32.const(1), f32x4.const(1)];
  const wrong: (() => unknown)[] = [
    // @ts-expect-error an integer and a vector
    () => n.add(v),
    // @ts-expect-error a vector and an integer
    () => v.add(n),
    // @ts-expect-error vectors of floats and of integers
    () => v.add(i32x4.const(1)),
    // @ts-expect-error a float and a vector of such
    () => x.add(v),
    // @ts-expect-error an address that is a float
    () => f32x4.load(x),
    // @ts-expect-error a condition that is a vector
    () => when(v.gt(v), []),
    // @ts-expect-error two types of one value
    () => either(f32, n, x, v),
  ];
  exportFunction("run", { v: f32x4 }, ({ v }) => {
    // @ts-expect-error a variable of another type
    wrong.push(() => v.set(n));
    return [];
  });
  const add = defineFunction("add", { n: i32, v: f32x4 }, () => []);
  wrong.push(
    // @ts-expect-error an argument is missing
    () => add.call({ n }),
    // @ts-expect-error an argument of another type
    () => add.call({ n, v: x }),
  );
  assertEquals(wrong.length, 10);
});

Deno.test("countDown counts by its step, and not at all from below it", () => {
  const module = defineModule("count_down", () => [
    exportFunction("run", { n: i32 }, ({ n }, scope) => {
      const { turns } = scope.locals({ turns: i32 });
      return [
        countDown(n, 4, advance(turns, 1)),
        store(i32.const(0), turns),
        store(i32.const(4), n),
      ];
    }),
  ]);
  const expected = [[0, 0, 0], [3, 0, 3], [4, 1, 0], [11, 2, 3], [-5, 0, -5]];
  for (const [n, turns, left] of expected) {
    assertEquals(wordsOf(module, 2, n), [turns, left], `${n}`);
  }
});

Deno.test("countUp takes every number below its limit that its step reaches", () => {
  const module = defineModule("count_up", () => [
    exportFunction("run", { limit: i32 }, ({ limit }, scope) => {
      const { i, at } = scope.locals(named(i32, "i", "at"));
      return countUp(i, 3, limit, [store(at, i.add(1)), advance(at, 4)]);
    }),
  ]);
  assertEquals(wordsOf(module, 4, 0), [0, 0, 0, 0]);
  assertEquals(wordsOf(module, 4, 7), [1, 4, 7, 0]);
  assertEquals(wordsOf(module, 4, 9), [1, 4, 7, 0]);
});

Deno.test("leaveIf leaves the innermost loop alone, and a return the function", () => {
  const module = defineModule("leave", () => [
    exportFunction("run", { n: i32 }, ({ n }, scope) => {
      const { outer, inner } = scope.locals(named(i32, "outer", "inner"));
      return [
        until(outer.eq(3), [
          repeat([
            leaveIf(inner.geS(outer.mul(10))),
            advance(inner, 1),
          ]),
          store(outer.shl(2), inner),
          advance(outer, 1),
        ]),
        when(n, LEAVE),
        store(i32.const(12), i32.const(-1)),
      ];
    }),
  ]);
  assertEquals(wordsOf(module, 4, 0), [0, 10, 20, -1]);
  assertEquals(wordsOf(module, 4, 1), [0, 10, 20, 0]);
});

Deno.test("functions of a module call each other by the names of their parameters", () => {
  const module = defineModule("call", () => {
    const subtract = defineValue(
      "subtract",
      named(i32, "from", "what"),
      i32,
      ({ from, what }) => [[], from.sub(what)],
    );
    const put = defineFunction(
      "put",
      { at: i32, value: i32 },
      ({ at, value }) => store(at, value),
    );
    return [
      subtract,
      put,
      exportFunction("run", named(i32, "a", "b"), ({ a, b }) => [
        put.call({
          value: subtract.call({ what: b, from: a }),
          at: i32.const(0),
        }),
        put.call({ at: i32.const(4), value: lesser(a, b) }),
        put.call({ at: i32.const(8), value: select(7, 8, a.eq(b)) }),
        put.call({ at: i32.const(12), value: either(i32, a, b, i32.const(9)) }),
      ]),
    ];
  });
  assertEquals(wordsOf(module, 4, 5, 3), [2, 3, 8, 3]);
  assertEquals(wordsOf(module, 4, 0, 0), [0, 0, 7, 9]);
});

Deno.test("lanes are chosen of two vectors, by their numbers", () => {
  const module = defineModule("lanes", () => [
    exportFunction("run", {}, (_, scope) => {
      const { a, b } = scope.locals({ a: i32x4, b: i32x4 });
      return [
        a.set(i32x4.lanes(1, 2, 3, 4)),
        b.set(i32x4.lanes(5, 6, 7, 8)),
        store(i32.const(0), a.shuffle(b, [6, 0, 3, 5])),
        store(
          i32.const(16),
          i32x4.lanes(0, -1, 0, 1).bitselect(a, b),
        ),
      ];
    }),
  ]);
  assertEquals(wordsOf(module, 8), [
    ...[7, 1, 4, 6],
    // Bit by bit: a's where the mask has a 1, else b's.
    ...[5, 2, 7, 8],
  ]);
});

Deno.test("memoise makes each module once", () => {
  let made = 0;
  const moduleOf = memoise(({ fused }: { fused: boolean }) => {
    made++;
    return defineModule(`${fused}`, () => []);
  });
  assertEquals(moduleOf({ fused: true }), moduleOf({ fused: true }));
  assertEquals(moduleOf({ fused: false }).name, "false");
  assertEquals(made, 2);
});
