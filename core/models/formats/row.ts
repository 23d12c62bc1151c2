import type { FloatArray } from "../../files/safetensors.ts";
import type { Activation, LayerSpec } from "../layers/layer.ts";

/** Zeros around an image: above, below, left, right. */
export type Frame = readonly [
  top: number,
  bottom: number,
  left: number,
  right: number,
];

/** A layer of ours, but for its activation, with its weights; without a bias it has none. */
export interface LayerStep {
  kind: "layer";
  layer: Exclude<LayerSpec, LayerSpec<"residual">>;
  weights: FloatArray[];
}

/** y = x · scale + offset, each channel by itself, or all alike by one number. */
export interface AffineStep {
  kind: "affine";
  name: string;
  /** Along which channels go, counted from the batch's as 0, or −1 of the last. */
  axis: number;
  scale: Float64Array;
  offset: Float64Array;
}

/** y = activation(x). */
export interface ActivationStep {
  kind: "activation";
  name: string;
  activation: Activation;
  slope?: number;
}

/**
 * What a model made elsewhere does to what the step before gives: a layer of ours, or
 * what {@linkcode lowerRow} makes part of one.
 */
export type RowStep =
  | LayerStep
  | AffineStep
  | ActivationStep
  /** Zeros around an image. */
  | { kind: "frame"; name: string; frame: Frame }
  /** The same numbers in another shape; one extent may be −1, for what is left. */
  | { kind: "reshape"; name: string; shape: number[] }
  /** What `steps` make of the input, added to it. */
  | { kind: "residual"; name: string; steps: RowStep[] };

/** A model made elsewhere, as a row of steps. */
export interface ForeignRow {
  /** What it calls itself. */
  name: string;
  /** Shape of one input, without the batch. */
  input: number[];
  steps: RowStep[];
}
