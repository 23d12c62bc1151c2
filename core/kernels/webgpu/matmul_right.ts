import type { Product } from "./matmul_product.ts";
import type { Lanes } from "./run_program.ts";

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
  const outside = (depth: string) =>
    `g >= uniforms.groups || ${depth} >= uniforms.valid || n >= uniforms.columns`;
  const read = lanes === 4
    ? `return right[(${down ? column("n") : `${row} + n`}) / 4];`
    : `var value = vec4<f32>(right[${one(0)}], 0.0, 0.0, 0.0);
  ${
      [1, 2, 3].map((q) =>
        `if (n + ${q} < uniforms.columns) { value[${q}] = right[${one(q)}]; }`
      ).join("\n  ")
    }
  return value;`;
  return {
    key: `${along} ${lanes} ${batched}`,
    lanes,
    down,
    code: `
fn ${
      down
        ? "rightDown"
        : "rightAcross"
    }(b : i32, g : i32, l : i32, n : i32) -> vec4<f32> {
  if (${outside("l")}) { return vec4<f32>(0.0); }
  ${read}
}`,
  };
}
