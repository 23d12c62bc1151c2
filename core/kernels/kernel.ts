/**
 * Kernels: what a backend computes in one go where tfjs's own operations would take
 * several, or be slow.
 *
 * To add one: its name, below; in `OPERATION/op.ts` the kernel, and the function that
 * runs it, with a composition of tfjs's operations and the gradient; in `webgpu.ts` and
 * `wasm.ts` how these run it; an entry in the table of both backends' `register.ts`,
 * which is "composed" where it has no kernel of its own.
 *
 * @module
 */
import * as tf from "../tf.ts";

/**
 * Every kernel of ours. The tables of webgpu/register.ts and wasm/register.ts say
 * of each how their backend runs it, and don't compile while one is missing.
 */
export type KernelName =
  | "RetortAdadelta"
  | "RetortAdam"
  | "RetortBiasRelu"
  | "RetortBiasReluGradient"
  | "RetortBiasReluMaxPool"
  | "RetortBlockMatMul"
  | "RetortBlockMatMulInputGradient"
  | "RetortBlockMatMulWeightGradient"
  | "RetortColumnSum"
  | "RetortConvReluMaxPoolGradient"
  | "RetortDropOut"
  | "RetortLookUp"
  | "RetortMaxPoolScatter"
  | "RetortMixedLoss"
  | "RetortQuantiseUniform"
  | "RetortQuantiseUniformGradient"
  | "RetortRoundHalves"
  | "RetortRoundSteps"
  | "RetortRowGradient"
  | "RetortSgd"
  | "RetortSparseMatMul"
  | "RetortSumByIndex"
  | "RetortSumLevelBits"
  | "RetortSumLevelBitsGradient"
  | "RetortTransposeSparse"
  | "RetortUnpackHalves"
  | "RetortUnpackPixels"
  | "RetortUnpackSparse";

/** What an attribute of a kernel may be. */
export interface AttributeRule<T> {
  /** In words, for who passes something else. */
  what: string;
  accepts(value: unknown): value is T;
}

/** An attribute that is a number. */
export const NUMBER: AttributeRule<number> = {
  what: "a number",
  accepts: (value) => typeof value === "number",
};

/** An attribute that is true or false. */
export const BOOLEAN: AttributeRule<boolean> = {
  what: "a boolean",
  accepts: (value) => typeof value === "boolean",
};

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** An attribute that is a non-negative integer. */
export const COUNT: AttributeRule<number> = {
  what: "a number, a non-negative integer",
  accepts: isCount,
};

/** An attribute that is two non-negative integers. */
export const PAIR: AttributeRule<[number, number]> = {
  what: "2 non-negative integers",
  accepts: (value): value is [number, number] =>
    Array.isArray(value) && value.length === 2 && value.every(isCount),
};

/** An attribute that is four non-negative integers. */
export const SHAPE4: AttributeRule<[number, number, number, number]> = {
  what: "4 non-negative integers",
  accepts: (value): value is [number, number, number, number] =>
    Array.isArray(value) && value.length === 4 && value.every(isCount),
};

/** Values of attributes, as tfjs's engine passes them on; one may be absent. */
export type Attributes = {
  [name: string]: tf.NamedAttrMap[string] | undefined;
};

/** A kernel that backends may have, and that is composed of tfjs's operations elsewhere. */
export interface Kernel<
  Name extends KernelName,
  Input extends string,
  Given extends Attributes,
> {
  name: Name;
  /** The type of the numbers that each input holds. */
  inputs: Record<Input, "float32" | "int32">;
  attributes: { [A in keyof Given]: AttributeRule<Given[A]> };
  /** Throws a `RangeError` where shapes don't go together: memory would be misread. */
  check?(
    inputs: Record<NoInfer<Input>, tf.TensorInfo>,
    attributes: NoInfer<Given>,
  ): void;
}

/** `kernel`, whose types are found by what it holds. */
export function defineKernel<
  Name extends KernelName,
  Input extends string,
  Given extends Attributes,
>(kernel: Kernel<Name, Input, Given>): Kernel<Name, Input, Given> {
  return kernel;
}

/**
 * Throws a `RangeError` unless `input` has `shape`: a kernel would read and write
 * beside it.
 */
export function checkInputShape(
  name: string,
  input: tf.TensorInfo,
  shape: number[],
): void {
  if (tf.util.arraysEqual(input.shape, shape)) return;
  throw new RangeError(
    `Cannot run a kernel: its input \`${name}\` must have shape [${
      shape.join(", ")
    }]: current value is [${input.shape.join(", ")}]`,
  );
}

/**
 * Throws a `TypeError` where an input is missing or has another type of numbers: a
 * kernel would take their bits for what they are not.
 */
function assertInputs<Input extends string>(
  types: Record<Input, "float32" | "int32">,
  inputs: tf.NamedTensorInfoMap,
): asserts inputs is Record<Input, tf.TensorInfo> {
  for (const name in types) {
    if (inputs[name]?.dtype === types[name]) continue;
    throw new TypeError(
      `Cannot run a kernel: its input \`${name}\` must hold ${
        types[name]
      }: current value is ${inputs[name]?.dtype ?? "none"}`,
    );
  }
}

/** Throws a `TypeError` where an attribute isn't what its rule accepts. */
function assertAttributes<Given extends Attributes>(
  rules: { [A in keyof Given]: AttributeRule<Given[A]> },
  attributes: Attributes,
): asserts attributes is Given {
  for (const name in rules) {
    const { what, accepts } = rules[name];
    if (accepts(attributes[name])) continue;
    throw new TypeError(
      `Cannot run a kernel: its attribute \`${name}\` must be ${what}: current value is ${
        JSON.stringify(attributes[name])
      }`,
    );
  }
}

/** How a backend runs the kernel called `Name`: as tfjs calls it. */
export interface Implementation<Name extends KernelName> {
  name: Name;
  kernelFunc: tf.KernelFunc;
}

/** What a backend's table says of every kernel; "composed" where it has none of its own. */
export type KernelTable = {
  [Name in KernelName]: Implementation<Name> | "composed";
};

/** `run`, which gets what `kernel` is called with, checked, on a backend. */
export function implementKernel<
  Backend,
  Name extends KernelName,
  Input extends string,
  Given extends Attributes,
>(
  asBackend: (backend: unknown) => Backend,
  kernel: Kernel<Name, Input, Given>,
  run: (
    backend: Backend,
    inputs: Record<Input, tf.TensorInfo>,
    attributes: Given,
  ) => tf.TensorInfo[],
): Implementation<Name> {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }) => {
    const attributes: Attributes = attrs ?? {};
    assertInputs(kernel.inputs, inputs);
    assertAttributes(kernel.attributes, attributes);
    kernel.check?.(inputs, attributes);
    return run(asBackend(backend), inputs, attributes);
  };
  return { name: kernel.name, kernelFunc };
}

/** Registers on a backend of tfjs what `table` holds, each in place of what it had so far. */
export function registerKernels(
  backendName: "wasm" | "webgpu",
  table: KernelTable,
): void {
  for (const each of Object.values(table)) {
    if (each === "composed") continue;
    const { name: kernelName, kernelFunc } = each;
    if (tf.getKernel(kernelName, backendName)) {
      tf.unregisterKernel(kernelName, backendName);
    }
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}

/** Whether the current backend has a kernel of its own for `kernel`. */
export function hasKernel({ name }: { name: KernelName }): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** The outputs of the current backend's own kernel. */
export function callKernel<Input extends string, Given extends Attributes>(
  kernel: Kernel<KernelName, Input, Given>,
  inputs: Record<NoInfer<Input>, tf.Tensor>,
  attributes: NoInfer<Given>,
): tf.Tensor[] {
  const given: tf.NamedAttrMap = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) given[name] = value;
  }
  const outputs = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(
    kernel.name,
    inputs,
    given,
  );
  return Array.isArray(outputs) ? outputs : [outputs];
}

/**
 * The outputs of `kernel` on the current backend; where that has none, those of
 * `compose`, the same made of tfjs's own operations.
 */
export function runKernel<Input extends string, Given extends Attributes>(
  kernel: Kernel<KernelName, Input, Given>,
  inputs: Record<NoInfer<Input>, tf.Tensor>,
  attributes: NoInfer<Given>,
  compose: () => tf.Tensor[],
): tf.Tensor[] {
  return hasKernel(kernel)
    ? callKernel(kernel, inputs, attributes)
    : tf.tidy(compose);
}
