import * as tf from "../../tf.ts";
import { elementLoop, type Turn } from "../wasm/element_loop.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import {
  adadeltaKernel,
  adadeltaNumbers,
  adamKernel,
  adamNumbers,
  sgdKernel,
} from "./op.ts";

/** An optimiser's rule for one weight, as text that a module is made of. */
export interface StepRule<Input extends string> {
  /** What the kernel reads, the weight first. */
  inputs: Input[];
  /** Which of the inputs it writes anew, in the outputs' order. */
  outputs: Input[];
  /** Names of the rule's numbers, by which `body` knows them. */
  numbers: string[];
  /** Vectors that `body` keeps. */
  locals: string[];
  /**
   * Statements for the elements of a turn: an input is `$name`, an output
   * `$newName`.
   */
  body: (turn: Turn) => string;
}

/** The pointer to the output called `name`. */
function newPointer(name: string): string {
  return `$new${name[0].toUpperCase()}${name.slice(1)}`;
}

function wat(
  { inputs, outputs, numbers, locals, body }: StepRule<string>,
): string {
  const pointers = [
    ...inputs.map((name) => `$${name}`),
    ...outputs.map(newPointer),
  ];
  const spread = numbers.map((name) =>
    `(local.set $${name} (f32x4.splat (local.get $${name}One)))`
  );
  return `(module (import "env" "memory" (memory 1))
  (func (export "step")
    ${numbers.map((name) => `(param $${name}One f32)`).join(" ")}
    ${pointers.map((pointer) => `(param ${pointer} i32)`).join(" ")}
    (param $count i32)
    ${[...numbers, ...locals].map((name) => `(local $${name} v128)`).join(" ")}
    ${spread.join("\n")}
    ${elementLoop({ pointers, body })}))`;
}

/**
 * One step of `rule`, by its module `text`, in one pass over a weight and its
 * accumulators, all of one shape, into new tensors. Each number is rounded to
 * float32 and each operation is the one that tfjs's own would do, so that the
 * results are those of its operations.
 */
function step<Input extends string>(
  wasm: tf.BackendWasm,
  { rule, text }: { rule: StepRule<Input>; text: string },
  inputs: Record<Input, tf.TensorInfo>,
  numbers: Record<string, number>,
): tf.TensorInfo[] {
  const given = rule.inputs.map((name) => inputs[name]);
  const [{ shape }] = given;
  const made = rule.outputs.map(() => makeOutput(wasm, shape, "float32"));
  heapFunctions(wasm, "optimiser_step", text).step(
    ...rule.numbers.map((name) => numbers[name]),
    ...[...given, ...made].map((tensor) => heapOffset(wasm, tensor)),
    tf.util.sizeFromShape(shape),
  );
  return made;
}

const SGD: StepRule<"weight" | "gradient" | "velocity"> = {
  inputs: ["weight", "gradient", "velocity"],
  outputs: ["weight", "velocity"],
  numbers: ["momentum", "learningRate"],
  locals: ["v"],
  body: ({ load, store }) => `
    (local.set $v (f32x4.add
      (f32x4.mul ${load("$velocity")} (local.get $momentum))
      ${load("$gradient")}))
    ${store("$newVelocity", "(local.get $v)")}
    ${
    store(
      "$newWeight",
      `(f32x4.sub ${load("$weight")}
        (f32x4.mul (local.get $v) (local.get $learningRate)))`,
    )
  }`,
};

const SGD_WAT = wat(SGD);

/** Kernel `RetortSgd`: see `updateSgd` of `op.ts` for its formula. */
export const sgd = implementOnWasm(
  sgdKernel,
  (wasm, inputs, { momentum, learningRate }) =>
    step(wasm, { rule: SGD, text: SGD_WAT }, inputs, {
      momentum,
      learningRate,
    }),
);

const ADAM: StepRule<"weight" | "gradient" | "mean" | "square"> = {
  inputs: ["weight", "gradient", "mean", "square"],
  outputs: ["weight", "mean", "square"],
  numbers: [
    "beta1",
    "rest1",
    "beta2",
    "rest2",
    "epsilon",
    "rate",
    "correction",
  ],
  locals: ["g", "m", "v"],
  body: ({ load, store }) => `
    (local.set $g ${load("$gradient")})
    (local.set $m (f32x4.add (f32x4.mul ${load("$mean")} (local.get $beta1))
      (f32x4.mul (local.get $g) (local.get $rest1))))
    (local.set $v (f32x4.add (f32x4.mul ${load("$square")} (local.get $beta2))
      (f32x4.mul (f32x4.mul (local.get $g) (local.get $g)) (local.get $rest2))))
    ${store("$newMean", "(local.get $m)")}
    ${store("$newSquare", "(local.get $v)")}
    ${
    store(
      "$newWeight",
      `(f32x4.sub ${load("$weight")} (f32x4.mul
        (f32x4.div (local.get $m) (f32x4.add
          (f32x4.sqrt (f32x4.mul (local.get $v) (local.get $correction)))
          (local.get $epsilon)))
        (local.get $rate)))`,
    )
  }`,
};

const ADAM_WAT = wat(ADAM);

/** Kernel `RetortAdam`: see `updateAdam` of `op.ts` for its formula. */
export const adam = implementOnWasm(
  adamKernel,
  (wasm, inputs, numbers) =>
    step(wasm, { rule: ADAM, text: ADAM_WAT }, inputs, adamNumbers(numbers)),
);

/** ρ · `old` + (1 − ρ) · `value`². */
function average(old: string, value: string): string {
  return `(f32x4.add (f32x4.mul ${old} (local.get $rho))
    (f32x4.mul (f32x4.mul ${value} ${value}) (local.get $rest)))`;
}

const ADADELTA: StepRule<"weight" | "gradient" | "squares" | "updates"> = {
  inputs: ["weight", "gradient", "squares", "updates"],
  outputs: ["weight", "squares", "updates"],
  numbers: ["rho", "rest", "epsilon", "learningRate"],
  locals: ["g", "s", "u", "delta"],
  body: ({ load, store }) => `
    (local.set $g ${load("$gradient")})
    (local.set $u ${load("$updates")})
    (local.set $s ${average(load("$squares"), "(local.get $g)")})
    (local.set $delta (f32x4.mul (local.get $g) (f32x4.sqrt (f32x4.div
      (f32x4.add (local.get $u) (local.get $epsilon))
      (f32x4.add (local.get $s) (local.get $epsilon))))))
    ${store("$newSquares", "(local.get $s)")}
    ${store("$newUpdates", average("(local.get $u)", "(local.get $delta)"))}
    ${
    store(
      "$newWeight",
      `(f32x4.sub ${load("$weight")}
        (f32x4.mul (local.get $delta) (local.get $learningRate)))`,
    )
  }`,
};

const ADADELTA_WAT = wat(ADADELTA);

/** Kernel `RetortAdadelta`: see `updateAdadelta` of `op.ts` for its formula. */
export const adadelta = implementOnWasm(
  adadeltaKernel,
  (wasm, inputs, numbers) =>
    step(
      wasm,
      { rule: ADADELTA, text: ADADELTA_WAT },
      inputs,
      adadeltaNumbers(numbers),
    ),
);
