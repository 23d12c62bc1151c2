import { assert, assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../core/device/cpu.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { useWasm } from "../../../core/device/wasm.ts";
import { biasReluKernel } from "../../../core/kernels/bias_relu/op.ts";
import {
  callKernel,
  checkInputShape,
  COUNT,
  defineKernel,
  hasKernel,
  type Implementation,
  implementKernel,
  type KernelTable,
  NUMBER,
  runKernel,
} from "../../../core/kernels/kernel.ts";
import { unpackHalvesKernel } from "../../../core/kernels/unpack_halves/op.ts";
import * as tf from "../../../core/tf.ts";
import { hasAdapter } from "../../vulkan.ts";

await useCpu();

/** One that no backend has under this definition, to be called by hand. */
const kernel = defineKernel({
  name: "RetortAdam",
  inputs: { x: "float32", places: "int32" },
  attributes: { scale: NUMBER, size: COUNT },
  check: ({ x }, { size }) => checkInputShape("x", x, [size]),
});

const implementation = implementKernel(
  (backend) => String(backend),
  kernel,
  (backend, { x }, { scale }) => [{
    ...x,
    shape: [backend.length, scale],
  }],
);

const given = () => ({
  x: tf.tensor1d([1, 2]),
  places: tf.tensor1d([0], "int32"),
});

Deno.test("an implementation gets its backend, inputs and attributes", () => {
  const made = implementation.kernelFunc({
    inputs: given(),
    attrs: { scale: 3, size: 2 },
    backend: "four",
  });
  assertEquals([made].flat()[0].shape, [4, 3]);
});

Deno.test("an implementation refuses inputs and attributes that aren't its kernel's", () => {
  const call = (inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap) => () =>
    implementation.kernelFunc({ inputs, attrs, backend: "" });
  const attributes = { scale: 3, size: 2 };
  assertThrows(
    call({ ...given(), x: tf.tensor1d([1, 2], "int32") }, attributes),
    TypeError,
    "its input `x` must hold float32: current value is int32",
  );
  assertThrows(
    call({ x: given().x }, attributes),
    TypeError,
    "its input `places` must hold int32: current value is none",
  );
  assertThrows(
    call(given(), { ...attributes, size: 1.5 }),
    TypeError,
    "its attribute `size` must be a number, a non-negative integer: current value is 1.5",
  );
  assertThrows(
    call(given(), { ...attributes, size: 3 }),
    RangeError,
    "its input `x` must have shape [3]: current value is [2]",
  );
});

Deno.test("calls and tables that aren't their kernels' do not compile", () => {
  const { x } = given();
  const wrong: (() => unknown)[] = [
    // @ts-expect-error an input is missing
    () => callKernel(kernel, { x }, { scale: 1, size: 2 }),
    // @ts-expect-error an attribute is missing
    () => callKernel(kernel, given(), { scale: 1 }),
    // @ts-expect-error an attribute is of another type
    () => callKernel(kernel, given(), { scale: "1", size: 2 }),
    // @ts-expect-error an input has another name
    () => runKernel(biasReluKernel, { z: x, b: x }, {}, () => []),
    // @ts-expect-error no backend knows a kernel of this name
    () => defineKernel({ name: "Adam", inputs: {}, attributes: {} }),
    // @ts-expect-error all other kernels are missing
    () => ({ RetortAdam: implementation } satisfies KernelTable),
    // @ts-expect-error one kernel in place of another
    (): Implementation<"RetortSgd"> => implementation,
  ];
  assertEquals(wrong.length, 7);
});

/** Names of our kernels that a backend has. */
function kernelsOf(backend: string): string[] {
  return tf.getKernelsForBackend(backend)
    .map(({ kernelName }) => kernelName)
    .filter((name) => name.startsWith("Retort"))
    .sort();
}

Deno.test("Wasm has every kernel of ours but what is composed there", async () => {
  await useWasm();
  assertEquals(kernelsOf("wasm").length, 27);
  assert(!hasKernel(unpackHalvesKernel));
});

Deno.test({
  name:
    "WebGPU has every kernel of ours but what is composed there (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    assertEquals(kernelsOf("webgpu").length, 19);
    assert(hasKernel(unpackHalvesKernel));
  },
});

Deno.test("the CPU backend has none of our kernels, and composes them", async () => {
  await useCpu();
  assertEquals(kernelsOf("cpu"), []);
  const [made] = runKernel(
    kernel,
    given(),
    { scale: 1, size: 2 },
    () => [tf.scalar(7)],
  );
  assertEquals(await made.data(), Float32Array.of(7));
});
