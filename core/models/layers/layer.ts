import {
  type Activation,
  ACTIVATIONS,
  isActivation,
  listActivations,
} from "./activation.ts";

export type { Activation };

/** Whether images keep to their edges, or get a frame of zeros by TensorFlow's rule. */
export type Padding = "valid" | "same";

/** Windows of a convolution: of stride 1 and padding "valid" unless it says otherwise. */
export interface ConvolutionFields {
  /** Rows and columns of a window. */
  size: number;
  /** What follows the sums. */
  activation: Activation;
  /** Rows, and columns, from window to window. */
  stride?: number;
  /** What lies around the image. */
  padding?: Padding;
}

/** What each kind of layer says beside its kind and its name. */
export interface LayerFields {
  /** Convolution by `filters` kernels that read all channels. */
  conv2d: ConvolutionFields & { filters: number };
  /** Convolution of each channel with a kernel of its own. */
  depthwiseConv2d: ConvolutionFields;
  /** Largest of each window; windows lie side by side, and leave out what fills none. */
  maxPool2d: { size: number };
  /** Mean of each window; windows lie side by side, and leave out what fills none. */
  averagePool2d: { size: number };
  /** Mean of each channel. */
  globalAveragePool2d: Record<never, never>;
  /** Leaves out numbers at random, in training. */
  dropout: { rate: number };
  /** A row of an image's numbers. */
  flatten: Record<never, never>;
  /** Weighted sums of a row. */
  dense: { units: number; activation: Activation };
  /** What `layers` make of the input, added to it: activation(x + layers(x)). */
  residual: { layers: LayerSpec[]; activation: Activation };
  /** Probabilities of a row. */
  softmax: Record<never, never>;
}

/** Which layer. */
export type LayerKind = keyof LayerFields;

/** One layer, as plain data. */
export type LayerSpec<K extends LayerKind = LayerKind> = {
  [Kind in K]: { kind: Kind; name: string } & LayerFields[Kind];
}[K];

/** Largest count of units, filters or classes that a layer may ask for. */
export const MAX_UNITS = 65_536;

/** Throws an error that says which rule a value breaks. */
export type Refuse = (rule: string, value: unknown) => never;

/** Throws by `refuse` unless `count` is an integer from 1 to {@linkcode MAX_UNITS}. */
export function checkCount(what: string, count: number, refuse: Refuse): void {
  if (!Number.isInteger(count) || count < 1 || count > MAX_UNITS) {
    refuse(`${what} must be an integer from 1 to ${MAX_UNITS}`, count);
  }
}

/** Throws by `refuse` unless `activation` is known. */
export function checkActivation(
  activation: Activation,
  refuse: Refuse,
): void {
  if (!isActivation(activation)) {
    refuse(`activation must be ${listActivations().join(" or ")}`, activation);
  }
}

/** Product of extents: 1 of none. */
export function product(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}

/** What one kind of layer needs, and makes of one input, without the batch. */
export interface LayerRule<K extends LayerKind> {
  /** What its input must be, where it can't be both. */
  reads?: "image" | "row";
  /** Throws by `refuse` unless its fields are usable. */
  check?(layer: LayerSpec<K>, refuse: Refuse): void;
  /** Shape of what it makes of `input`, where that is another. */
  output?(layer: LayerSpec<K>, input: readonly number[]): number[];
  /** Shape of its kernel, where it has one; and a bias for each of the output's last axis. */
  kernel?(layer: LayerSpec<K>, input: readonly number[]): number[];
}

/** What the words of `parseLayers` say behind a layer's numbers. */
export interface Endings {
  activation: Activation;
  /** Empty where padding is "valid". */
  padding: { padding?: "same" };
}

/** The word for one kind of layer in `parseLayers`' text. */
export interface LayerText<K extends LayerKind> {
  /** How it is told to readers: `convKxF`. */
  form: string;
  /** Its numbers, or the layers that it holds, and last its endings. */
  pattern: RegExp;
  /** How names of such layers begin. */
  stem: string;
  /** What a word says that matches; `parseRow` reads layers within. */
  parse(
    groups: string[],
    endings: Endings,
    parseRow: (text: string) => LayerSpec[],
  ): LayerFields[K];
  /** The word for `layer`; `formatRow` writes layers within. */
  format(
    layer: LayerSpec<K>,
    formatRow: (layers: LayerSpec[]) => string,
  ): string;
}

/** A saved layer's configuration, as Keras has it. */
export type KerasConfig = Record<string, unknown>;

/** Keras' layer of one of our kinds. */
export interface KerasForm<K extends LayerKind> {
  /** What Keras calls it. */
  className: string;
  /** What it called it before. */
  aliases?: readonly string[];
  /** Keys that are read, or may say one thing only (see `FIXED` in parse_saved_layer.ts). */
  keys: readonly string[];
  /** What a saved layer says; what it doesn't say has Keras' default. */
  parse(config: KerasConfig, place: Place): LayerFields[K];
  /** What files call its kernel, the first as tfjs does; `kernel` unless given. */
  kernels?: readonly string[];
  /** What `tf.layers` is told of `layer`, but for its name. */
  configure(layer: LayerSpec<K>): KerasConfig;
}

/** A layer of a saved model, for errors. */
export interface Place {
  /** Its name. */
  name: string;
  /** The model's file. */
  source: string;
}

/** How one kind of layer is written and told, for people and for other programs. */
export interface LayerForms<K extends LayerKind> {
  /** Its word; null for a layer that goes without saying. */
  text: LayerText<K> | null;
  /** Keras' layer of its kind; null for one that holds layers, which is a graph there. */
  keras: KerasForm<K> | null;
  /** Its kind and settings, in a summary: "conv2d 3×3/2 same relu". */
  summarise(layer: LayerSpec<K>): string;
  /** What it does, in words: "convolution 5×5, 8 filters, stride 2". */
  describe(layer: LayerSpec<K>): string;
}

/** How a layer's word ends that has `activation`: `:linear`. */
export function formatActivation(activation: Activation): string {
  return ACTIVATIONS[activation].ending;
}

/** What `tf.layers` is told of `activation`: nothing of one that is a layer of its own. */
export function configureActivation(activation: Activation): string {
  return ACTIVATIONS[activation].keras ?? "linear";
}

/** "1 unit", "2 units". */
export function countOf(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
