import {
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
import type { Matrix } from "./matrices.ts";

/** Numbers that multiply vectors, each in a local variable of its own. */
function constantsOf(matrix: Matrix): number[] {
  return [...new Set(matrix.flat())].filter((value) => value !== 0);
}

/** Writes the products of a matrix and a vector of vectors. */
function productsOf(matrix: Matrix, fused: boolean) {
  const constants = constantsOf(matrix);
  const constant = (value: number) => get(`k${constants.indexOf(value)}`);

  /** Σ coefficient·vector: ones first, the others are added as they multiply. */
  const combine = (coefficients: readonly number[], names: string[]) => {
    const order = range(names.length)
      .filter((index) => coefficients[index] !== 0)
      .sort((a, b) =>
        Number(coefficients[b] === 1) - Number(coefficients[a] === 1)
      );
    return order.reduce((sum, index) => {
      const value = coefficients[index];
      const x = get(names[index]);
      if (sum === "") {
        return value === 1 ? x : `(f32x4.mul ${x} ${constant(value)})`;
      }
      if (value === 1) return `(f32x4.add ${sum} ${x})`;
      if (value === -1) return `(f32x4.sub ${sum} ${x})`;
      return multiplyAdd(x, constant(value), sum, fused);
    }, "");
  };

  /**
   * `emit`s each row's product. Two rows that differ in the signs of some
   * coefficients only share their work: they are e + o and e − o.
   */
  return (names: string[], emit: (row: number, value: string) => string) => {
    const lines: string[] = [];
    for (let row = 0; row < matrix.length; row++) {
      const [own, next] = [matrix[row], matrix[row + 1]];
      if (
        next && own.every((value, k) => Math.abs(value) === Math.abs(next[k]))
      ) {
        const even = own.map((value, k) => value === next[k] ? value : 0);
        const odd = own.map((value, k) => value === next[k] ? 0 : value);
        lines.push(
          set("e", combine(even, names)),
          set("o", combine(odd, names)),
        );
        lines.push(emit(row, `(f32x4.add ${get("e")} ${get("o")})`));
        lines.push(emit(++row, `(f32x4.sub ${get("e")} ${get("o")})`));
      } else {
        lines.push(emit(row, combine(own, names)));
      }
    }
    return lines.join("\n");
  };
}

/**
 * A function `name` that writes Y = M·X·Mᵀ for `count` vectors of four tiles side by
 * side: M is `matrix` `[p, q]`, X `[q, q]`, Y `[p, p]`. Parameters: where X begins,
 * bytes between its rows and its columns, the same of Y, `count`.
 */
export function tileTransform(
  name: string,
  matrix: Matrix,
  fused: boolean,
): string {
  const [p, q] = [matrix.length, matrix[0].length];
  const multiply = productsOf(matrix, fused);
  const constants = constantsOf(matrix);
  const inputs = range(q).map((row) => `x${row}`);
  const half = (row: number, column: number) => `h${row}_${column}`;
  const columns = range(q).flatMap((column) => [
    set("at", get("left")),
    ...inputs.flatMap((x) => [
      set(x, `(v128.load ${get("at")})`),
      advance("at", get("fromRow")),
    ]),
    advance("left", get("fromColumn")),
    multiply(inputs, (row, value) => set(half(row, column), value)),
  ]);
  const rows = range(p).flatMap((row) => [
    ...range(p).map((column) =>
      set(
        `s${column}`,
        column === 0
          ? get("top")
          : `(i32.add ${get(`s${column - 1}`)} ${get("toColumn")})`,
      )
    ),
    multiply(
      range(q).map((column) => half(row, column)),
      (column, value) => `(v128.store ${get(`s${column}`)} ${value})`,
    ),
    advance("top", get("toRow")),
  ]);
  return `(func (export "${name}")
    ${parameters("from", "fromRow", "fromColumn", "to", "toRow", "toColumn")}
    (param $count i32)
    ${integers("at", "left", "top", ...range(p).map((column) => `s${column}`))}
    ${
    vectors(
      "e",
      "o",
      ...inputs,
      ...constants.map((_, index) => `k${index}`),
      ...range(p).flatMap((row) => range(q).map((column) => half(row, column))),
    )
  }
    ${
    constants.map((value, index) =>
      set(`k${index}`, `(f32x4.splat (f32.const ${value}))`)
    ).join("\n")
  }
    ${
    countDown(
      "vector",
      "count",
      1,
      [
        set("left", get("from")),
        set("top", get("to")),
        ...columns,
        ...rows,
        advance("from", i32(16)),
        advance("to", i32(16)),
      ].join("\n"),
    )
  })`;
}
