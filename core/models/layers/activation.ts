/** What follows a layer's weighted sum. */
export type Activation =
  | "relu"
  | "linear"
  | "leakyRelu"
  | "relu6"
  | "elu"
  | "sigmoid"
  | "tanh"
  | "swish"
  | "round";

/** What may follow a layer's weighted sum of real numbers. */
export type RealActivation = Exclude<Activation, "round">;

/** All of those, the usual one first. */
export const ACTIVATIONS: readonly RealActivation[] = [
  "relu",
  "linear",
  "leakyRelu",
  "relu6",
  "elu",
  "sigmoid",
  "tanh",
  "swish",
];

/** What a leaky relu keeps of a number below 0, unless it says: a power of two, so that nothing is rounded. */
export const LEAK = 0.125;

/** Decimal places that a slope may have: as many as a `.dram` file says. */
export const SLOPE_DIGITS = 6;

/** What is known of an activation. */
interface ActivationForms {
  /** How a word of `parseLayers` ends that has it; nothing for the usual one. */
  ending: string;
  /** What layers of Keras and tfjs call it that have it; tfjs all of our own names. */
  keras: readonly string[];
  /** Whether tfjs has it as a layer of its own alone. */
  layer?: true;
}

/** How each is written. Pages that only decode and run a model carry none of it. */
export const ACTIVATION_FORMS: Readonly<Record<Activation, ActivationForms>> = {
  /** max(0, x). */
  relu: { ending: "", keras: ["relu"] },
  /** x. */
  linear: { ending: "linear", keras: ["linear"] },
  /** x where it is above 0, else x · slope, {@linkcode LEAK} unless it says. */
  leakyRelu: { ending: "leaky", keras: ["leaky_relu"], layer: true },
  /** min(max(0, x), 6). */
  relu6: { ending: "relu6", keras: ["relu6"] },
  /** x where it is above 0, else exp(x) − 1. */
  elu: { ending: "elu", keras: ["elu"] },
  /** 1 / (1 + exp(−x)). */
  sigmoid: { ending: "sigmoid", keras: ["sigmoid"] },
  /** (exp(x) − exp(−x)) / (exp(x) + exp(−x)). */
  tanh: { ending: "tanh", keras: ["tanh"] },
  /** x / (1 + exp(−x)). */
  swish: { ending: "swish", keras: ["swish", "silu"] },
  /** An integer: clamp(⌊(x + 2^(s−1)) / 2^s⌋), see {@linkcode RoundingFields}. */
  round: { ending: "round", keras: [] },
};
