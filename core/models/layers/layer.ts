import { type Activation, ACTIVATION_FORMS } from "./activation.ts";

export type { Activation };

/** Rows and columns: one number where they are equal. */
export type Extent = number | readonly [rows: number, columns: number];

/**
 * What lies around an image: nothing, a frame of zeros by TensorFlow's rule that windows
 * of stride 1 keep its extent with, or so many rows and columns of them.
 */
export type Padding =
  | "valid"
  | "same"
  | readonly [top: number, bottom: number, left: number, right: number];

/** Windows on an image. */
export interface WindowFields {
  /** Rows and columns of a window. */
  size: Extent;
  /** Rows, and columns, from window to window. */
  stride?: Extent;
  /** What lies around the image; "valid" unless given. */
  padding?: Padding;
}

/** Most bits that sums are shifted by. */
export const MOST_SHIFT = 23;

/** By how many bits sums are shifted: one number, or one for each channel. */
export type RoundingShift = number | readonly number[];

/**
 * How the integer x of a sum becomes another, in a model of integers: with s the shift
 * (of x's channel), m = 2^bits − 1 and r_s(x) = ⌊(x + ⌊2^(s−1)⌋) / 2^s⌋,
 *
 * - without a slope: min(max(0, r_s(x)), m);
 * - with a slope 2^−t: min(r_s(x), m) where x ≥ 0, else max(r_{s+t}(x), −m).
 */
export interface RoundingFields {
  /**
   * s, 0 to 23. The layer that gives the logits, which is linear, has one too: they are its
   * sums / 2^s, and not rounded. No other linear layer has one.
   */
  shift?: RoundingShift;
  /** Bits of what is kept, 1 to 8: 8 unless given. */
  bits?: number;
}

/** What follows the sums. */
export interface ActivationFields extends RoundingFields {
  /** Which. */
  activation: Activation;
  /**
   * What is kept of numbers below 0: of a leaky relu 1/8 unless given; of a rounding, which
   * else keeps nothing of them, a power of two from 2^−7 to 1.
   */
  slope?: number;
}

/** Windows of a convolution: of stride 1 and padding "valid" unless it says otherwise. */
export interface ConvolutionFields extends WindowFields, ActivationFields {
  /** Rows, and columns, from place to place in a window; 1 unless given. */
  dilation?: Extent;
}

/** What each kind of layer says beside its kind and its name. */
export interface LayerFields {
  /** Convolution by `filters` kernels that read all channels. */
  conv2d: ConvolutionFields & { filters: number };
  /** Convolution of each channel with `multiplier` kernels of its own, one unless given. */
  depthwiseConv2d: ConvolutionFields & { multiplier?: number };
  /** Largest of each window; they lie side by side unless it says otherwise. */
  maxPool2d: WindowFields;
  /**
   * Mean of each window, without what lies around the image. In a model of integers, which
   * says what follows it: the sum.
   */
  averagePool2d: WindowFields & Partial<ActivationFields>;
  /** Mean of each channel; in a model of integers, which says what follows it, the sum. */
  globalAveragePool2d: Partial<ActivationFields>;
  /** Largest of each channel. */
  globalMaxPool2d: Record<never, never>;
  /** Leaves out numbers at random, in training. */
  dropout: { rate: number };
  /** A row of an image's numbers. */
  flatten: Record<never, never>;
  /** Weighted sums of a row. */
  dense: ActivationFields & { units: number };
  /**
   * What `layers` make of the input, added to it: activation(x · 2^lift + layers(x)); the lift,
   * 0 unless given, is of a model of integers.
   */
  residual: ActivationFields & { layers: LayerSpec[]; lift?: number };
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

/** Rows (axis 0) or columns (axis 1) of `extent`. */
export function along(extent: Extent, axis: 0 | 1): number {
  return typeof extent === "number" ? extent : extent[axis];
}

/** Rows and columns of `extent`. */
export function pairOf(extent: Extent): [number, number] {
  return [along(extent, 0), along(extent, 1)];
}

/** Product of extents: 1 of none. */
export function product(shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1);
}

/** What one kind of layer needs, and makes of one input, without the batch. */
export interface LayerRule<K extends LayerKind> {
  /** What its input must be, where it can't be both. */
  reads?: "image" | "row";
  /** Shape of what it makes of `input`, where that is another. */
  output?(layer: LayerSpec<K>, input: readonly number[]): number[];
  /** Shape of its kernel, where it has one; and a bias for each of the output's last axis. */
  kernel?(layer: LayerSpec<K>, input: readonly number[]): number[];
}

/** What the words of `parseLayers` say behind a layer's numbers: what is usual isn't there. */
export interface Endings {
  activation: ActivationFields;
  windows: Pick<ConvolutionFields, "padding" | "dilation">;
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
  /** Keys that are read, or may say one thing only (see `FIXED` in saved_layer.ts). */
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

/** How a layer's word ends that has such an activation: `:linear`, `:leaky0.2`, `:round7`. */
export function formatActivation(layer: Partial<ActivationFields>): string {
  const { activation, slope, shift, bits } = layer;
  if (!activation) return "";
  const { ending } = ACTIVATION_FORMS[activation];
  if (activation !== "round") return `${ending && `:${ending}`}${slope ?? ""}`;
  return [
    `:${ending}${[shift].flat().join(".")}`,
    slope === undefined ? "" : `s${-Math.log2(slope)}`,
    bits === undefined ? "" : `b${bits}`,
  ].join("");
}

/** What `tf.layers` is told of `activation`: nothing of one that is a layer of its own. */
export function configureActivation(activation: Activation): string {
  return ACTIVATION_FORMS[activation].layer ? "linear" : activation;
}

/** An activation in a summary: "relu", "leakyRelu 0.2", "round 7, 4 bits". */
export function summariseActivation(
  { activation, slope, shift, bits }: ActivationFields,
): string {
  return [
    activation,
    slope === undefined ? "" : ` ${slope}`,
    shift === undefined ? "" : ` >>${[shift].flat().join(" ")}`,
    bits === undefined ? "" : `, ${countOf(bits, "bit")}`,
  ].join("");
}

/** "3", or "5×3" of what is not square, with another sign between. */
export function formatExtent(extent: Extent, sign: string): string {
  return along(extent, 0) === along(extent, 1)
    ? `${along(extent, 0)}`
    : `${along(extent, 0)}${sign}${along(extent, 1)}`;
}

/** "3×3". */
export function describeExtent(extent: Extent): string {
  return `${along(extent, 0)}×${along(extent, 1)}`;
}

/** "1 unit", "2 units". */
export function countOf(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
