/** What is known of what may follow a layer's weighted sum. */
interface ActivationForms {
  /** How a word of `parseLayers` ends that has it; nothing for the usual one. */
  ending: string;
  /** What Keras and tfjs call it. */
  keras: string;
}

/** What may follow a layer's weighted sum, each with its names. */
export const ACTIVATIONS = {
  /** max(0, x). */
  relu: { ending: "", keras: "relu" },
  /** x. */
  linear: { ending: ":linear", keras: "linear" },
} as const satisfies Record<string, ActivationForms>;

/** What follows a layer's weighted sum. */
export type Activation = keyof typeof ACTIVATIONS;

/** Whether `name` is one of {@linkcode ACTIVATIONS}. */
export function isActivation(name: string): name is Activation {
  return Object.hasOwn(ACTIVATIONS, name);
}

/** All of them, the usual one first. */
export function listActivations(): Activation[] {
  return Object.keys(ACTIVATIONS).filter(isActivation);
}
