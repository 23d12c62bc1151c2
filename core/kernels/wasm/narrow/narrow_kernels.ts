import type * as tf from "../../../tf.ts";
import { type HeapFunctions, heapFunctions } from "../heap.ts";
import { hasRelaxedSimd } from "../relaxed_simd.ts";
import { narrowGradientModule } from "./narrow_gradient_wat.ts";
import { MOST_FILTERS, narrowModule, type NarrowSpec } from "./narrow_wat.ts";

/** Numbers in a row of a window above which its text would get too long. */
const LONGEST_RUN = 128;

/** Numbers of a filter matrix above which it leaves the first-level cache. */
const LARGEST_MATRIX = 6144;

/** Whether a convolution has few enough filters to be one of these. */
export function isNarrow(
  { rows, run, filters }: { rows: number; run: number; filters: number },
): boolean {
  return filters <= MOST_FILTERS && run <= LONGEST_RUN &&
    rows * run * filters <= LARGEST_MATRIX;
}

/** `generate`, whose text is made once for each spec: its identity is how its instance is found. */
function cacheTexts(
  generate: (spec: NarrowSpec) => string,
): (spec: NarrowSpec) => string {
  const texts = new Map<string, string>();
  return (spec) => {
    const key = [spec.run, spec.filters, spec.fused].join();
    const text = texts.get(key) ?? generate(spec);
    texts.set(key, text);
    return text;
  };
}

const convolutionText = cacheTexts(narrowModule);
const gradientText = cacheTexts(narrowGradientModule);

/** The function `convolve` for windows whose rows are `run` numbers long. */
export function narrowConvolution(
  backend: tf.BackendWasm,
  run: number,
  filters: number,
  fused: boolean = hasRelaxedSimd(),
): HeapFunctions[string] {
  const text = convolutionText({ run, filters, fused });
  return heapFunctions(backend, "narrow", text).convolve;
}

/** The function `addGradient` for windows whose rows are `run` numbers long. */
export function narrowFilterGradient(
  backend: tf.BackendWasm,
  run: number,
  filters: number,
): HeapFunctions[string] {
  const text = gradientText({ run, filters, fused: hasRelaxedSimd() });
  return heapFunctions(backend, "narrow_gradient", text).addGradient;
}
