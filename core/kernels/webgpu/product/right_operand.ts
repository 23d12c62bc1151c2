import type { Lanes } from "../run_program.ts";
import type { Product } from "./product.ts";

/** How WGSL reads a product's right operand. */
export interface RightCode {
  /** Tells its code from that of others. */
  key: string;
  /** Of its buffer. */
  lanes: Lanes;
  /**
   * Whether `rightDown(b, g, l, n)` gives four terms of a column; else
   * `rightAcross(b, g, l, n)` gives four columns of a term. Zeros outside.
   */
  down: boolean;
  code: string;
}

/** The functions that read `product`'s right operand. */
export function rightCode({ right, columns, valid }: Product): RightCode {
  const { along, batched } = right;
  const down = along === "depth" && valid % 4 === 0;
  const lanes = down || along === "columns" && columns % 4 === 0 ? 4 : 1;
  const matrix = batched ? "(b * uniforms.groups + g)" : "g";
  const row = `(${matrix} * uniforms.valid + l) * uniforms.columns`;
  const column = (n: string) =>
    `(${matrix} * uniforms.columns + ${n}) * uniforms.valid + l`;
  const one = (q: number) =>
    along === "columns" ? `${row} + n + ${q}` : column(`n + ${q}`);
  const read = lanes === 4
    ? `return right[(${down ? column("n") : `${row} + n`}) / 4];`
    : `var value = vec4<f32>(right[${one(0)}], 0.0, 0.0, 0.0);
  ${
      [1, 2, 3].map((q) =>
        `if (n + ${q} < uniforms.columns) { value[${q}] = right[${one(q)}]; }`
      ).join("\n  ")
    }
  return value;`;
  const name = down ? "rightDown" : "rightAcross";
  return {
    key: `${along} ${lanes} ${batched}`,
    lanes,
    down,
    code: `
fn ${name}(b : i32, g : i32, l : i32, n : i32) -> vec4<f32> {
  if (g >= uniforms.groups || l >= uniforms.valid || n >= uniforms.columns) {
    return vec4<f32>(0.0);
  }
  ${read}
}`,
  };
}

/** Where WGSL keeps terms of the right operand for a workgroup, and which. */
interface RightTile {
  /** Its array of `vec4`, `[terms][quads]`. */
  name: string;
  terms: number;
  /** Columns, in fours. */
  quads: number;
  /** The first column. */
  column: string;
  /** Statements that give g and l for the tile's `term`. */
  place: string;
  /** Invocations that share the work. */
  invocations: number;
}

/** WGSL that fills a tile, by the functions of `rightCode`. */
export function fillRight(
  { name, terms, quads, column, place, invocations }: RightTile,
  { down }: RightCode,
): string {
  const step = down ? 4 : 1;
  const store = down
    ? `let x0 = rightDown(b, g, l, n); let x1 = rightDown(b, g, l, n + 1);
    let x2 = rightDown(b, g, l, n + 2); let x3 = rightDown(b, g, l, n + 3);
    let to = term * ${quads} + i % ${quads};${
      ["x", "y", "z", "w"].map((c, q) => `
    ${name}[to + ${
        q * quads
      }] = vec4<f32>(x0.${c}, x1.${c}, x2.${c}, x3.${c});`)
        .join("")
    }`
    : `${name}[i] = rightAcross(b, g, l, n);`;
  return `
  for (var i = i32(localIndex); i < ${
    Math.ceil(terms / step) * quads
  }; i += ${invocations}) {
    let term = (i / ${quads}) * ${step};
    ${place}
    let n = ${column} + (i % ${quads}) * 4;
    ${store}
  }`;
}
