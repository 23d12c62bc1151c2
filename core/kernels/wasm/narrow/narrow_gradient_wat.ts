import {
  add,
  advance,
  countDown,
  get,
  i32,
  integers,
  multiplyAdd,
  parameters,
  range,
  set,
  vectors,
} from "../wat/text.ts";
import { type NarrowSpec, packedFilters } from "./narrow_wat.ts";

/**
 * Numbers of a window's row at once, by vectors of filters: fifteen registers hold
 * their sums, a gradient and a factor.
 */
const NUMBERS = [0, 12, 6, 3];

/** Adds the products of some numbers of a window's row, over all windows. */
function addGroup(
  { filters, fused }: NarrowSpec,
  numbers: number[],
): string {
  const width = packedFilters(filters) / 4;
  const label = `${numbers[0]}`;
  const places = numbers.flatMap((number, index) =>
    range(width).map((vector) => ({
      sum: `s${index * width + vector}`,
      address: `offset=${16 * (number * width + vector)} ${get("dw")}`,
    }))
  );
  const window = [
    ...range(width).map((vector) =>
      set(`g${vector}`, `(v128.load offset=${16 * vector} ${get("gradient")})`)
    ),
    ...numbers.flatMap((number, index) => [
      set("f", `(v128.load32_splat offset=${4 * number} ${get("at")})`),
      ...range(width).map((vector) => {
        const sum = `s${index * width + vector}`;
        return set(
          sum,
          multiplyAdd(get("f"), get(`g${vector}`), get(sum), fused),
        );
      }),
    ]),
    advance("at", get("columnStep")),
    advance("gradient", i32(4 * filters)),
  ];
  const line = [
    set("at", get("line")),
    set("column", get("columns")),
    countDown(`column${label}`, "column", 1, window.join("\n")),
    advance("line", get("rowStep")),
  ];
  return [
    ...places.map(({ sum, address }) => set(sum, `(v128.load ${address})`)),
    set("line", get("x")),
    set("gradient", get("dy")),
    set("row", get("rows")),
    countDown(`row${label}`, "row", 1, line.join("\n")),
    ...places.map(({ sum, address }) => `(v128.store ${address} ${get(sum)})`),
  ].join("\n");
}

/**
 * A module of one function, `addGradient`, on one image whose rows are `rowBytes`
 * apart, with `rows` × `columns` windows of `kernelRows` rows, `rowStep` bytes down
 * and `columnStep` bytes across: adds to `dw`, packed `[kernelRows, run,
 * packedFilters]`, Σ x[window + (i, k)] · dy[window, f].
 *
 * dy is read up to 12 bytes beyond its end. Loop order: i, k by a few, windows.
 */
export function narrowGradientModule(spec: NarrowSpec): string {
  const { run, filters } = spec;
  const width = packedFilters(filters) / 4;
  const group = NUMBERS[width];
  const numbers = range(run);
  const groups = range(Math.ceil(run / group)).map((index) =>
    numbers.slice(index * group, (index + 1) * group)
  );
  const row = [
    ...groups.map((group) => addGroup(spec, group)),
    set("x", add(get("x"), get("rowBytes"))),
    advance("dw", i32(16 * width * run)),
  ];
  return `(module (import "env" "memory" (memory 1))
    (func (export "addGradient")
      ${parameters("x", "dy", "dw", "kernelRows", "rows", "columns")}
      ${parameters("rowStep", "columnStep", "rowBytes")}
      ${integers("row", "column", "line", "at", "gradient")}
      ${
    vectors(
      "f",
      ...range(width).map((vector) => `g${vector}`),
      ...range(group * width).map((sum) => `s${sum}`),
    )
  }
      ${countDown("kernelRow", "kernelRows", 1, row.join("\n"))}))`;
}
