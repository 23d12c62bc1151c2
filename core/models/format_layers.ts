import type { LayerForms, LayerKind } from "./layers/layer.ts";
import { LAYER_FORMS } from "./layers/layer_forms.ts";
import { modelCost } from "./cost.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** The word for `layer`; none for one that the text leaves out. */
function formatLayer<K extends LayerKind>(layer: LayerSpec<K>): string[] {
  const { text }: LayerForms<K> = LAYER_FORMS[layer.kind];
  return text ? [text.format(layer, formatRow)] : [];
}

/**
 * The words of `layers`, a part of a model, in the text form that `parseLayers` reads;
 * nothing is checked of them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatRow } from "./format_layers.ts";
 *
 * assertEquals(formatRow([{ kind: "maxPool2d", name: "a", size: 2 }]), "max2");
 * ```
 */
export function formatRow(layers: readonly LayerSpec[]): string {
  return layers.filter(({ kind }) => kind !== "flatten")
    .flatMap((layer) => formatLayer(layer)).join(",");
}

/**
 * The layers of `spec` in the text form that `parseLayers` reads: the model is
 * the same but for names, for dropout layers between `flatten` and what comes
 * before it, and for the shift of the logits of a model of integers.
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
  modelCost(spec);
  const logits = spec.layers.at(-2);
  if (logits?.kind !== "dense" || logits.activation !== "linear") {
    throw new RangeError(
      `Cannot write the layers of ${spec.name} as text: a linear dense layer and a softmax must end them: current value is ${logits?.kind}`,
    );
  }
  return formatRow(spec.layers.slice(0, -2)) || "flatten";
}
