import { checkSpec, type LayerSpec, type ModelSpec } from "./spec.ts";

/** A convolution's stride, padding and activation, where they are unusual. */
function formatEndings(
  { stride = 1, padding, activation }: {
    stride?: number;
    padding?: string;
    activation: string;
  },
): string {
  return [
    stride === 1 ? "" : `/${stride}`,
    padding === "same" ? ":same" : "",
    activation === "linear" ? ":linear" : "",
  ].join("");
}

/** The word for `layer`; none for one that the text leaves out. */
function formatLayer(layer: LayerSpec): string[] {
  switch (layer.kind) {
    case "conv2d":
      return [`conv${layer.size}x${layer.filters}${formatEndings(layer)}`];
    case "depthwiseConv2d":
      return [`depth${layer.size}${formatEndings(layer)}`];
    case "dense":
      return [`dense${layer.units}${formatEndings(layer)}`];
    case "maxPool2d":
      return [`max${layer.size}`];
    case "averagePool2d":
      return [`pool${layer.size}`];
    case "globalAveragePool2d":
      return ["mean"];
    case "dropout":
      return [`drop${layer.rate}`];
    case "flatten":
    case "softmax":
      return [];
  }
}

/**
 * The layers of `spec` in the text form that `parseLayers` reads: the model is
 * the same but for names, and for dropout layers between `flatten` and what comes
 * before it.
 *
 * Throws a `RangeError` where a linear dense layer and a softmax don't end it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatLayers } from "./format_layers.ts";
 * import { teacherSpec } from "./teacher.ts";
 *
 * assertEquals(formatLayers(teacherSpec()), "conv3x32,conv3x64,max2,drop0.25,dense128,drop0.5");
 * ```
 */
export function formatLayers(spec: ModelSpec): string {
  checkSpec(spec);
  const logits = spec.layers.at(-2);
  if (logits?.kind !== "dense" || logits.activation !== "linear") {
    throw new RangeError(
      `Cannot write the layers of ${spec.name} as text: a linear dense layer and a softmax must end them: current value is ${logits?.kind}`,
    );
  }
  return spec.layers.slice(0, -2).flatMap(formatLayer).join(",");
}
