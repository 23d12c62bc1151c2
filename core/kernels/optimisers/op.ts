import * as tf from "../../tf.ts";
import { checkInputShape, defineKernel, NUMBER, runKernel } from "../kernel.ts";

/** Throws a `RangeError` unless gradient and state have the shape of the weight. */
function checkShapes(
  inputs: { weight: tf.TensorInfo } & { [name: string]: tf.TensorInfo },
): void {
  for (const name in inputs) {
    checkInputShape(name, inputs[name], inputs.weight.shape);
  }
}

/** Kernel of {@linkcode updateSgd}: new weight and velocity. */
export const sgdKernel = defineKernel({
  name: "RetortSgd",
  inputs: { weight: "float32", gradient: "float32", velocity: "float32" },
  attributes: { momentum: NUMBER, learningRate: NUMBER },
  check: checkShapes,
});

/** The numbers of gradient descent, as its kernel gets them. */
export type SgdNumbers = {
  /** μ, the share of the old velocity that is kept. */
  momentum: number;
  learningRate: number;
};

/**
 * One step of gradient descent with momentum for a weight w, in one pass:
 *
 * v ← μ·v + g
 * w ← w − η·v
 *
 * Returns new tensors w and v, of one shape. See {@linkcode sgd}.
 */
export function updateSgd(
  { weight, gradient, velocity }: {
    weight: tf.Tensor;
    gradient: tf.Tensor;
    velocity: tf.Tensor;
  },
  numbers: SgdNumbers,
): tf.Tensor[] {
  const inputs = { weight, gradient, velocity };
  return runKernel(sgdKernel, inputs, numbers, () => {
    const { momentum, learningRate } = numbers;
    const newVelocity = tf.add(tf.mul(velocity, momentum), gradient);
    return [tf.sub(weight, tf.mul(newVelocity, learningRate)), newVelocity];
  });
}

/** Kernel of {@linkcode updateAdam}: new weight, mean and square. */
export const adamKernel = defineKernel({
  name: "RetortAdam",
  inputs: {
    weight: "float32",
    gradient: "float32",
    mean: "float32",
    square: "float32",
  },
  attributes: {
    beta1: NUMBER,
    beta2: NUMBER,
    epsilon: NUMBER,
    rate: NUMBER,
    correction: NUMBER,
  },
  check: checkShapes,
});

/** Adam's numbers, as its kernel gets them. */
export type AdamNumbers = {
  /** β₁ and β₂, shares of the old averages that are kept. */
  beta1: number;
  beta2: number;
  epsilon: number;
  /** η / (1 − β₁ᵗ): the learning rate, the mean's bias removed. */
  rate: number;
  /** 1 / (1 − β₂ᵗ), which removes the square's bias. */
  correction: number;
};

/** What Adam's kernel computes with, by name: β₁, 1 − β₁, β₂, 1 − β₂ and the step's numbers. */
export function adamNumbers(
  { beta1, beta2, epsilon, rate, correction }: AdamNumbers,
) {
  return {
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    epsilon,
    rate,
    correction,
  };
}

/**
 * One step of Adam for a weight w, in one pass:
 *
 * m ← β₁·m + (1 − β₁)·g
 * v ← β₂·v + (1 − β₂)·g²
 * w ← w − rate · m / (√(v · correction) + ε)
 *
 * Returns new tensors w, m and v, all of one shape. See {@linkcode adam}.
 */
export function updateAdam(
  { weight, gradient, mean, square }: {
    weight: tf.Tensor;
    gradient: tf.Tensor;
    mean: tf.Tensor;
    square: tf.Tensor;
  },
  numbers: AdamNumbers,
): tf.Tensor[] {
  const inputs = { weight, gradient, mean, square };
  return runKernel(adamKernel, inputs, numbers, () => {
    const { beta1, beta2, epsilon, rate, correction } = numbers;
    const newMean = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1));
    const newSquare = tf.add(
      tf.mul(square, beta2),
      tf.mul(tf.square(gradient), 1 - beta2),
    );
    const root = tf.sqrt(tf.mul(newSquare, correction));
    const step = tf.mul(tf.div(newMean, tf.add(root, epsilon)), rate);
    return [tf.sub(weight, step), newMean, newSquare];
  });
}

/** Kernel of {@linkcode updateAdadelta}: new weight, squares and updates. */
export const adadeltaKernel = defineKernel({
  name: "RetortAdadelta",
  inputs: {
    weight: "float32",
    gradient: "float32",
    squares: "float32",
    updates: "float32",
  },
  attributes: { rho: NUMBER, epsilon: NUMBER, learningRate: NUMBER },
  check: checkShapes,
});

/** Adadelta's numbers, as its kernel gets them. */
export type AdadeltaNumbers = {
  /** ρ, the share of the old averages that is kept. */
  rho: number;
  epsilon: number;
  learningRate: number;
};

/** What Adadelta's kernel computes with, by name: ρ, 1 − ρ and the step's numbers. */
export function adadeltaNumbers(
  { rho, epsilon, learningRate }: AdadeltaNumbers,
) {
  return { rho, rest: 1 - rho, epsilon, learningRate };
}

/**
 * One step of Adadelta for a weight w, in one pass:
 *
 * s ← ρ·s + (1 − ρ)·g²
 * Δ = √((u + ε) / (s + ε)) · g
 * u ← ρ·u + (1 − ρ)·Δ²
 * w ← w − η·Δ
 *
 * s are the `squares`, u the `updates`. Returns new tensors w, s and u, all of one
 * shape. See {@linkcode adadelta}.
 */
export function updateAdadelta(
  { weight, gradient, squares, updates }: {
    weight: tf.Tensor;
    gradient: tf.Tensor;
    squares: tf.Tensor;
    updates: tf.Tensor;
  },
  numbers: AdadeltaNumbers,
): tf.Tensor[] {
  const inputs = { weight, gradient, squares, updates };
  return runKernel(adadeltaKernel, inputs, numbers, () => {
    const { rho, epsilon, learningRate } = numbers;
    const average = (old: tf.Tensor, value: tf.Tensor) =>
      tf.add(tf.mul(old, rho), tf.mul(tf.square(value), 1 - rho));
    const newSquares = average(squares, gradient);
    const ratio = tf.sqrt(
      tf.div(tf.add(updates, epsilon), tf.add(newSquares, epsilon)),
    );
    const delta = tf.mul(ratio, gradient);
    return [
      tf.sub(weight, tf.mul(delta, learningRate)),
      newSquares,
      average(updates, delta),
    ];
  });
}
