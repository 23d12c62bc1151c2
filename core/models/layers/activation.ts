/** What follows a layer's weighted sum. */
export type Activation = "relu" | "linear" | "leakyRelu";

/** What a leaky relu keeps of a number below 0: a power of two, so that nothing is rounded. */
export const LEAK = 0.125;

/** What is known of an activation. */
interface ActivationForms {
  /** How a word of `parseLayers` ends that has it; nothing for the usual one. */
  ending: string;
  /** What a layer of Keras and tfjs says that has it; null where it is a layer of its own there. */
  keras: "relu" | "linear" | null;
}

/** What may follow a layer's weighted sum, the usual one first. */
export const ACTIVATIONS: Readonly<Record<Activation, ActivationForms>> = {
  /** max(0, x). */
  relu: { ending: "", keras: "relu" },
  /** x. */
  linear: { ending: ":linear", keras: "linear" },
  /** x where it is above 0, else x · {@linkcode LEAK}. */
  leakyRelu: { ending: ":leaky", keras: null },
};

/** Whether `name` is one of {@linkcode ACTIVATIONS}. */
export function isActivation(name: string): name is Activation {
  return Object.hasOwn(ACTIVATIONS, name);
}

/** All of them, the usual one first. */
export function listActivations(): Activation[] {
  return Object.keys(ACTIVATIONS).filter(isActivation);
}
