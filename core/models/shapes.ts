import { product } from "./layers/layer.ts";
import { layerShapes } from "./layers/layers.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** One layer, and the shapes of what it reads, gives and knows, without the batch. */
export interface LayerShape {
  /** The layer. */
  layer: LayerSpec;
  /** Shape of its input. */
  input: readonly number[];
  /** Shape of its output. */
  output: readonly number[];
  /** Shapes of its weights: kernel and bias, or none. */
  weights: readonly (readonly number[])[];
}

/** Adds the shapes of `layers`, which read `input`, to `shapes`; gives that of their output. */
function addShapes(
  spec: ModelSpec,
  { layers, input }: { layers: readonly LayerSpec[]; input: readonly number[] },
  shapes: LayerShape[],
): readonly number[] {
  for (const layer of layers) {
    const read = input;
    const refuse = (rule: string, shape: readonly number[]): never => {
      throw new RangeError(
        `Cannot build ${spec.name}: layer ${layer.name} must ${rule}: its input is ${
          shape.join("×")
        }`,
      );
    };
    if (layer.kind === "residual") {
      const held = { layers: layer.layers, input: read };
      const given = addShapes(spec, held, shapes).join("×");
      if (given !== read.join("×")) {
        refuse(`hold layers that give what they read, not ${given}`, read);
      }
    }
    const { output, weights } = layerShapes(layer, read, refuse);
    shapes.push({ layer, input: read, output, weights });
    input = output;
  }
  return input;
}

/**
 * The layers of `spec`, whose fields must be usable, in the order in which they compute:
 * those that a layer holds stand before it. Throws a `RangeError` where an image is too
 * small for a layer, a layer reads what is no image or no row, or a residual layer's layers
 * give another shape than they read.
 */
export function shapeLayers(spec: ModelSpec): LayerShape[] {
  const shapes: LayerShape[] = [];
  addShapes(spec, spec, shapes);
  return shapes;
}

/** How many numbers the last of a model's layers gives. */
export function countClasses(shapes: readonly LayerShape[]): number {
  return product(shapes[shapes.length - 1].output);
}
