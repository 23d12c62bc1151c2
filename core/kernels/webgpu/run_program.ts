import * as tf from "../../tf.ts";
import {
  type Attributes,
  type Implementation,
  implementKernel,
  type Kernel,
  type KernelName,
} from "../kernel.ts";

/** How many numbers one entry of a buffer holds: a scalar or a `vec4`. */
export type Lanes = 1 | 4;

/** The widest entries that buffers of `size` numbers divide into. */
export function lanesOf(size: number): Lanes {
  return size % 4 === 0 ? 4 : 1;
}

/** One result of a program. */
export interface ProgramOutput {
  /** Its name in WGSL, which declares it as an array of one entry per `lanes`. */
  name: string;
  shape: number[];
  dtype: "float32" | "int32";
  lanes: Lanes;
}

/** One compute shader and how to run it, as plain data. */
export interface Program {
  /** Tells its code from that of all others: what depends on numbers is in it. */
  key: string;
  /** Buffers that it reads, by their names in WGSL. */
  inputs: { name: string; lanes: Lanes }[];
  /** Buffers that it writes. */
  outputs: [ProgramOutput, ...ProgramOutput[]];
  /** Fields of `uniforms`, all scalars. */
  uniforms: { name: string; type: "f32" | "i32" | "u32"; value: number }[];
  /** Invocations along x, y and z. Along x alone, `main` gets their number. */
  invocations: [number, number?, number?];
  /** Those of one workgroup; 64 along x unless given. */
  workgroup?: [number, number, number];
  /** WGSL with a function `main(index : i32)`, or `main()` on a grid. */
  code: string;
}

/** Invocations of one workgroup, along x. */
const WORKGROUP = 64;

const UNIFORM_TYPES = { f32: "float32", i32: "int32", u32: "uint32" };

/** The array type of a buffer in WGSL. */
function arrayType({ dtype, lanes }: ProgramOutput): string {
  const scalar = dtype === "float32" ? "f32" : "i32";
  return `array<${lanes === 4 ? `vec4<${scalar}>` : scalar}>`;
}

/** Declares results after the first over the bindings that follow the inputs. */
function declareResults({ inputs, outputs: [first, ...rest] }: Program) {
  const declarations = [first, ...rest].map((output, index) => {
    const binding = index === 0 ? 0 : inputs.length + index;
    return `@group(0) @binding(${binding}) var<storage, read_write> ${output.name} : ${
      arrayType(output)
    };`;
  });
  return declarations.join("\n");
}

/** A program as tfjs's backend runs it. */
type TfjsProgram = Parameters<tf.WebGPUBackend["runWebGPUProgram"]>[0];

/** The program in tfjs's terms. */
export function toTfjsProgram(program: Program): TfjsProgram {
  const { key, inputs, outputs, uniforms, invocations, code } = program;
  const [x, y, z] = invocations;
  const { workgroup = [WORKGROUP, 1, 1] } = program;
  const [, ...rest] = outputs;
  const flat = y === undefined;
  return {
    shaderKey: `retort ${key}`,
    // tfjs's programs have one result. The others take the place of inputs, whose
    // declarations as such go unused: WGSL allows two for a binding if one does.
    variableNames: [
      ...inputs.map(({ name }) => name),
      ...rest.map(({ name }) => `${name}Slot`),
    ],
    variableComponents: [...inputs, ...rest].map(({ lanes }) => lanes),
    outputShape: outputs[0].shape,
    outputComponent: outputs[0].lanes,
    uniforms: uniforms.map(({ name, type }) => `${name} : ${type}, `).join(""),
    workgroupSize: workgroup,
    dispatchLayout: flat ? { x: [0] } : { x: [0], y: [1], z: [2] },
    dispatch: [
      Math.ceil(x / workgroup[0]),
      Math.ceil((y ?? 1) / workgroup[1]),
      Math.ceil((z ?? 1) / workgroup[2]),
    ],
    getUserCode: () => `${declareResults(program)}\n${code}`,
  };
}

/** tfjs's WebGPU backend behind a kernel's `backend` argument. */
export function asWebGpuBackend(backend: unknown): tf.WebGPUBackend {
  if (backend instanceof tf.WebGPUBackend) return backend;
  throw new TypeError("Cannot run a WebGPU kernel: the backend must be WebGPU");
}

/** `run`, which gets what `kernel` is called with, checked, on WebGPU. */
export function implementOnWebGpu<
  Name extends KernelName,
  Input extends string,
  Given extends Attributes,
>(
  kernel: Kernel<Name, Input, Given>,
  run: (
    webgpu: tf.WebGPUBackend,
    inputs: Record<Input, tf.TensorInfo>,
    attributes: Given,
  ) => tf.TensorInfo[],
): Implementation<Name> {
  return implementKernel(asWebGpuBackend, kernel, run);
}

/** Runs `program` on `inputs`, in one dispatch; gives its outputs in their order. */
export function runProgram(
  backend: tf.WebGPUBackend,
  program: Program,
  inputs: tf.TensorInfo[],
): tf.TensorInfo[] {
  const [first, ...rest] = program.outputs.map(({ shape, dtype }) =>
    backend.makeTensorInfo(shape, dtype)
  );
  backend.runWebGPUProgram(
    toTfjsProgram(program),
    [...inputs, ...rest],
    first.dtype,
    program.uniforms.map(({ type, value }) => ({
      type: UNIFORM_TYPES[type],
      data: [value],
    })),
    first,
  );
  return [first, ...rest];
}
