/** What follows a layer's weighted sum. */
export type Activation = "relu" | "linear";

/** What is known of an activation. */
interface ActivationForms {
  /** How a word of `parseLayers` ends that has it; nothing for the usual one. */
  ending: string;
  /** What Keras and tfjs call it. */
  keras: "relu" | "linear";
}

/** What may follow a layer's weighted sum, the usual one first. */
export const ACTIVATIONS: Readonly<Record<Activation, ActivationForms>> = {
  /** max(0, x). */
  relu: { ending: "", keras: "relu" },
  /** x. */
  linear: { ending: ":linear", keras: "linear" },
};

/** Whether `name` is one of {@linkcode ACTIVATIONS}. */
export function isActivation(name: string): name is Activation {
  return Object.hasOwn(ACTIVATIONS, name);
}

/** All of them, the usual one first. */
export function listActivations(): Activation[] {
  return Object.keys(ACTIVATIONS).filter(isActivation);
}
