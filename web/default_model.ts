/** Name of the model that a visitor meets who asks for none in particular. */
export const DEFAULT_MODEL = "digits-99";
