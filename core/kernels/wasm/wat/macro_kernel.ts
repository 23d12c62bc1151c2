import { POINTERS, RESULT, TILE_COLUMNS, WALK } from "./micro_kernel.ts";
import {
  advance,
  countUp,
  get,
  i32,
  integers,
  lesser,
  multiply,
  parameters,
  set,
  subtract,
} from "./text.ts";

/**
 * A function, called as the layout, that computes C `[rows, columns]` = A·B, or adds
 * to it: the micro-kernel for every eight columns, whose part of B stays in the
 * first-level cache while the rows of A pass by. Its parameters are the
 * micro-kernel's; the packed slivers of B follow one another.
 */
export function macroKernel(layout: "rows" | "columns"): string {
  const call = (width: number) =>
    `(call $${layout}${width} ${POINTERS[layout].map(get).join(" ")}
      ${WALK.map(get).join(" ")}
      ${get("c")} ${get("stride")} ${get("rows")} ${get("width")}
      ${get("accumulate")})`;
  const sliver = `
    ${set("width", subtract(get("columns"), get("column")))}
    ${set("width", lesser(get("width"), i32(TILE_COLUMNS)))}
    (if (i32.gt_s ${get("width")} (i32.const 4))
      (then ${call(8)}) (else ${call(4)}))
    ${advance("b", get("sliver"))}
    ${advance("c", i32(4 * TILE_COLUMNS))}`;
  const depth = multiply(get("segments"), get("length"));
  return `(func (export "${layout}")
    ${parameters(...POINTERS[layout], ...WALK, ...RESULT)}
    ${integers("column", "width", "sliver")}
    ${set("sliver", multiply(depth, i32(4 * TILE_COLUMNS)))}
    ${countUp("nextColumn", "column", TILE_COLUMNS, get("columns"), sliver)})`;
}
