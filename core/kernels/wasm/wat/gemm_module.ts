import { macroKernel } from "./macro_kernel.ts";
import { microKernel, putRow } from "./micro_kernel.ts";
import { packers } from "./pack.ts";
import { placeImage } from "./place_image.ts";

/** The module of every function that matrix products and convolutions need. */
export function gemmModule(fused: boolean): string {
  const kernels = (["rows", "columns"] as const).flatMap((layout) =>
    ([1, 2] as const).map((width) => microKernel({ layout, width, fused }))
  );
  return `(module (import "env" "memory" (memory 1))
    ${[putRow(1), putRow(2), ...kernels].join("\n")}
    ${macroKernel("rows")}
    ${macroKernel("columns")}
    ${packers()}
    ${placeImage()})`;
}
