import type * as tf from "../../../tf.ts";
import type { Lanes, Program } from "../run_program.ts";
import type { WorkgroupTile } from "../tile.ts";
import {
  epilogueCode,
  flatten,
  NO_EPILOGUE,
  type Product,
  productUniforms,
} from "./product.ts";
import { fillRight, rightCode } from "./right_operand.ts";
import type { WorkgroupSplit } from "./split.ts";

const COMPONENTS = ["x", "y", "z", "w"];

function count(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** WGSL that fills `leftTile`, `[depth][rows]`, from term `k0` on. */
function fillLeft(height: number, tile: WorkgroupTile, lanes: Lanes): string {
  const entries = tile.depth / lanes;
  const stores = lanes === 4
    ? COMPONENTS.map((c, q) => `leftTile[to + ${q * height}] = value.${c};`)
      .join(" ")
    : "leftTile[to] = value;";
  return `
    for (var i = i32(localIndex); i < ${height * entries}; i += ${
    tile.across * tile.down
  }) {
      let row = i / ${entries};
      let term = (i % ${entries}) * ${lanes};
      let value = leftAt(b, firstRow + row, k0 + term);
      let to = term * ${height} + row;
      ${stores}
    }`;
}

/** WGSL that adds the tiles' products to the sums of an invocation. */
function accumulate(height: number, width: number, tile: WorkgroupTile) {
  const quads = count(tile.columns / 4);
  return `
    for (var k = 0; k < ${tile.depth}; k += 1) {
      ${
    quads.map((q) =>
      `let right${q} = rightTile[k * ${width / 4} + i32(localId.x) * ${
        tile.columns / 4
      } + ${q}];`
    ).join("\n      ")
  }
      ${
    count(tile.rows).map((i) =>
      `let left${i} = leftTile[k * ${height} + i32(localId.y) * ${tile.rows} + ${i}];
      ${quads.map((q) => `sum${i}_${q} += left${i} * right${q};`).join(" ")}`
    ).join("\n      ")
  }
    }`;
}

/** WGSL that stores an invocation's sums. */
function store(tile: WorkgroupTile, lanes: Lanes): string {
  const entry = (column: number, value: string) => `
    if (n + ${column} < uniforms.columns) {
      sums[(first + ${column}) / ${lanes}] = finish(${value}, n + ${column});
    }`;
  return count(tile.rows).map((i) => `
  if (m + ${i} < uniforms.rows) {
    let first = (i32(workgroupId.z) * uniforms.rows + m + ${i}) * uniforms.columns + n;${
    count(tile.columns / 4).map((q) =>
      lanes === 4
        ? entry(4 * q, `sum${i}_${q}`)
        : count(4).map((c) => entry(4 * q + c, `sum${i}_${q}[${c}]`))
          .join("")
    ).join("")
  }
  }`).join("");
}

/**
 * The program of `product` by a workgroup tile; its result is `[batch · parts, rows,
 * columns]`, and `product.outputShape` where there is one part.
 */
export function workgroupProgram(
  product: Product,
  tile: WorkgroupTile,
  { parts, steps }: WorkgroupSplit,
): { program: Program; inputs: tf.TensorInfo[] } {
  const { left, right, rows, columns, batch } = product;
  const { lanes } = left;
  const height = tile.rows * tile.down;
  const width = tile.columns * tile.across;
  const outputLanes: Lanes = columns % 4 === 0 ? 4 : 1;
  const read = rightCode(product);
  const finish = epilogueCode(
    parts === 1 ? product.epilogue : NO_EPILOGUE,
    outputLanes,
  );
  const leftType = lanes === 4 ? "vec4<f32>" : "f32";
  const program: Program = {
    key: [
      "matmul workgroup",
      ...Object.values(tile),
      left.key,
      lanes,
      read.key,
      finish.key,
    ].join(" "),
    inputs: [
      { name: "left", lanes },
      { name: "right", lanes: read.lanes },
      ...finish.inputs,
    ],
    outputs: [{
      name: "sums",
      shape: parts === 1 ? product.outputShape : [batch * parts, rows, columns],
      dtype: "float32",
      lanes: outputLanes,
    }],
    uniforms: [
      ...productUniforms(product, parts),
      { name: "steps", type: "i32", value: steps },
    ],
    invocations: [
      Math.ceil(columns / width) * tile.across,
      Math.ceil(rows / height) * tile.down,
      batch * parts,
    ],
    workgroup: [tile.across, tile.down, 1],
    code: `
var<workgroup> leftTile : array<f32, ${height * tile.depth}>;
var<workgroup> rightTile : array<vec4<f32>, ${width / 4 * tile.depth}>;
${left.code}${read.code}${finish.code}
fn leftAt(b : i32, m : i32, k : i32) -> ${leftType} {
  let g = k / uniforms.length;
  if (m >= uniforms.rows || g >= uniforms.groups) { return ${leftType}(0.0); }
  let found = leftGroup(leftRow(m, b), g);
  if (found.y == 0) { return ${leftType}(0.0); }
  return left[found.x + (k - g * uniforms.length) / ${lanes}];
}
fn main() {
  let firstColumn = i32(workgroupId.x) * ${width};
  let firstRow = i32(workgroupId.y) * ${height};
  let b = i32(workgroupId.z) / uniforms.parts;
  let part = i32(workgroupId.z) - b * uniforms.parts;
  ${
      count(tile.rows).flatMap((i) =>
        count(tile.columns / 4).map((q) => `var sum${i}_${q} = vec4<f32>(0.0);`)
      ).join("\n  ")
    }
  for (var step = 0; step < uniforms.steps; step += 1) {
    let k0 = (part * uniforms.steps + step) * ${tile.depth};${
      fillLeft(height, tile, lanes)
    }${
      fillRight({
        name: "rightTile",
        terms: tile.depth,
        quads: width / 4,
        column: "firstColumn",
        place: `let g = (k0 + term) / uniforms.length;
    let l = k0 + term - g * uniforms.length;`,
        invocations: tile.across * tile.down,
      }, read)
    }
    workgroupBarrier();${accumulate(height, width, tile)}
    workgroupBarrier();
  }
  let m = firstRow + i32(localId.y) * ${tile.rows};
  let n = firstColumn + i32(localId.x) * ${tile.columns};${
      store(tile, outputLanes)
    }
}`,
  };
  return {
    program,
    inputs: [flatten(left.tensor), flatten(right.tensor), ...finish.tensors],
  };
}
