import { epilogueCode, NO_EPILOGUE } from "./matmul_epilogue.ts";
import { flatten, type Product, type Split } from "./matmul_product.ts";
import { rightCode } from "./matmul_right.ts";
import type { FusedProgram, Lanes } from "./run_program.ts";
import type { BroadcastTile } from "./tile.ts";
import type * as tf from "../../tf.ts";

/** What bounds a workgroup on a device. */
export interface WorkgroupLimits {
  maxComputeInvocationsPerWorkgroup: number;
  maxComputeWorkgroupStorageSize: number;
}

/** Entries of a column that are read before they are used. */
const READ_AHEAD = 8;

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Splits `extent` evenly into parts of at most `most`. */
function spread(extent: number, most: number, multiple: number) {
  const parts = Math.ceil(extent / most);
  const size = roundUp(Math.ceil(extent / parts), multiple);
  return { parts: Math.ceil(extent / size), size };
}

/** How a tile splits a product's sum, which must fit its straight-line code. */
export function splitBroadcast(
  { groups, length, left }: Product,
  { depth }: BroadcastTile,
): Split {
  if (length > depth) {
    const { parts, size } = spread(length, depth, left.lanes);
    return { groupParts: groups, groups: 1, lengthParts: parts, length: size };
  }
  const { parts, size } = spread(groups, Math.floor(depth / length), 1);
  return { groupParts: parts, groups: size, lengthParts: 1, length };
}

/** One entry of the left operand's buffer: which terms of the part it holds. */
interface Entry {
  /** Its first term, counted from the part's first. */
  term: number;
  group: number;
  /** Of its first term in the group. */
  offset: number;
}

function listEntries({ groups, length }: Split, lanes: Lanes): Entry[] {
  const entries = [];
  for (let group = 0; group < groups; group++) {
    for (let offset = 0; offset < length; offset += lanes) {
      entries.push({ term: group * length + offset, group, offset });
    }
  }
  return entries;
}

/**
 * The program of `product` by a broadcast tile; its result is `[batch · parts, rows,
 * columns]`, and `product.outputShape` where there is one part.
 */
export function broadcastProgram(
  product: Product,
  tile: BroadcastTile,
  split: Split,
  limits: WorkgroupLimits,
): { program: FusedProgram; inputs: tf.TensorInfo[] } {
  const { left, right, rows, columns, batch } = product;
  const { lanes } = left;
  const parts = split.groupParts * split.lengthParts;
  const whole = parts === 1;
  const outputLanes: Lanes = columns % 4 === 0 ? 4 : 1;
  const { parts: across, size: width } = spread(columns, tile.columns, 4);
  const { size: height } = spread(
    rows,
    Math.min(tile.rows, limits.maxComputeInvocationsPerWorkgroup),
    8,
  );
  const quads = width / 4;
  const terms = split.groups * split.length;
  const { size: phase } = spread(
    terms,
    Math.floor(limits.maxComputeWorkgroupStorageSize / 16 / quads / 4) * 4,
    4,
  );
  const read = rightCode(product);
  const finish = epilogueCode(
    whole ? product.epilogue : NO_EPILOGUE,
    outputLanes,
  );
  const raggedGroups = split.groupParts * split.groups !== product.groups;
  const raggedLength = split.lengthParts * split.length !== product.length;
  const quadNames = Array.from({ length: quads }, (_, quad) => quad);

  function declareGroup(group: number): string {
    const inside = [
      ...(left.masked ? [`found${group}.y != 0`] : []),
      ...(raggedGroups ? [`group${group} < uniforms.groups`] : []),
    ];
    return `
  let group${group} = firstGroup + ${group};
  let found${group} = leftGroup(here, ${
      raggedGroups ? `min(group${group}, uniforms.groups - 1)` : `group${group}`
    });
  let at${group} = found${group}.x + firstOffset / ${lanes};
  ${inside.length > 0 ? `let inside${group} = ${inside.join(" && ")};` : ""}`;
  }

  function readEntry({ term, group, offset }: Entry): string {
    const value = `left[at${group} + ${offset / lanes}]`;
    const inside = [
      ...(left.masked || raggedGroups ? [`inside${group}`] : []),
      ...(raggedLength ? [`firstOffset + ${offset} < uniforms.length`] : []),
    ];
    const zero = lanes === 4 ? "vec4<f32>(0.0)" : "0.0";
    return `  let left${term} = ${
      inside.length > 0
        ? `select(${zero}, ${value}, ${inside.join(" && ")})`
        : value
    };`;
  }

  /** Fills workgroup memory with the right operand's terms from `start` to `end`. */
  function fill(start: number, end: number): string {
    const step = read.down ? 4 : 1;
    const count = Math.ceil((end - start) / step) * quads;
    const store = read.down
      ? `let x0 = rightDown(b, g, l, n);
    let x1 = rightDown(b, g, l, n + 1);
    let x2 = rightDown(b, g, l, n + 2);
    let x3 = rightDown(b, g, l, n + 3);
    let to = (i / ${quads}) * ${4 * quads} + i % ${quads};
    ${
        ["x", "y", "z", "w"].map((c, q) =>
          `tile[to + ${
            q * quads
          }] = vec4<f32>(x0.${c}, x1.${c}, x2.${c}, x3.${c});`
        ).join("\n    ")
      }`
      : "tile[i] = rightAcross(b, g, l, n);";
    return `
  for (var i = i32(localIndex); i < ${count}; i += ${height}) {
    let term = ${start} + (i / ${quads}) * ${step};
    let g = firstGroup + term / ${split.length};
    let l = firstOffset + term % ${split.length};
    let n = column + (i % ${quads}) * 4;
    ${store}
  }
  workgroupBarrier();`;
  }

  /** Adds the products of `entries` to all sums. */
  function accumulate(entries: Entry[], start: number): string {
    const products = (quad: number) =>
      entries.flatMap(({ term }) =>
        Array.from(
          { length: lanes },
          (_, lane) =>
            ` + left${term}${lanes === 4 ? `[${lane}]` : ""} * tile[${
              (term + lane - start) * quads + quad
            }]`,
        )
      ).join("");
    return [
      ...entries.map(readEntry),
      ...quadNames.map((quad) => `  sum${quad} = sum${quad}${products(quad)};`),
    ].join("\n");
  }

  function code(): string {
    const blocks = [];
    const entries = listEntries(split, lanes);
    const ahead = READ_AHEAD / lanes;
    for (let start = 0; start < terms; start += phase) {
      if (start > 0) blocks.push("  workgroupBarrier();");
      blocks.push(fill(start, Math.min(start + phase, terms)));
      const inPhase = entries.filter(({ term }) =>
        term >= start && term < start + phase
      );
      for (let first = 0; first < inPhase.length; first += ahead) {
        blocks.push(accumulate(inPhase.slice(first, first + ahead), start));
      }
    }
    return blocks.join("\n");
  }

  const stores = quadNames.flatMap((quad) => {
    const store = (lane: number, value: string) => `
    if (column + ${4 * quad + lane} < uniforms.columns) {
      sums[(first + ${
      4 * quad + lane
    }) / ${outputLanes}] = finish(${value}, column + ${4 * quad + lane});
    }`;
    return outputLanes === 4
      ? [store(0, `sum${quad}`)]
      : [0, 1, 2, 3].map((lane) => store(lane, `sum${quad}[${lane}]`));
  }).join("");

  const program: FusedProgram = {
    key: [
      "matmul broadcast",
      left.key,
      lanes,
      left.masked,
      read.key,
      finish.key,
      width,
      height,
      split.groups,
      split.length,
      split.lengthParts === 1,
      phase,
      raggedGroups,
      raggedLength,
    ].join(" "),
    inputs: [
      { name: "left", lanes },
      { name: "right", lanes: read.lanes },
      ...finish.inputs,
    ],
    outputs: [{
      name: "sums",
      shape: whole ? product.outputShape : [batch * parts, rows, columns],
      dtype: "float32",
      lanes: outputLanes,
    }],
    uniforms: [
      { name: "rows", type: "i32", value: rows },
      { name: "columns", type: "i32", value: columns },
      { name: "groups", type: "i32", value: product.groups },
      { name: "length", type: "i32", value: product.length },
      { name: "valid", type: "i32", value: product.valid },
      { name: "parts", type: "i32", value: parts },
      { name: "lengthParts", type: "i32", value: split.lengthParts },
      ...left.uniforms,
    ],
    invocations: [roundUp(rows, height), across, batch * parts],
    workgroup: [height, 1, 1],
    code: `
var<workgroup> tile : array<vec4<f32>, ${phase * quads}>;
${left.code}${read.code}${finish.code}
fn main() {
  let column = i32(workgroupId.y) * ${width};
  let row = i32(workgroupId.x) * ${height} + i32(localIndex);
  let m = min(row, uniforms.rows - 1);
  let b = i32(workgroupId.z) / uniforms.parts;
  let part = i32(workgroupId.z) - b * uniforms.parts;
  ${
      split.lengthParts === 1
        ? `let firstGroup = part * ${split.groups};
  let firstOffset = 0;`
        : `let firstGroup = part / uniforms.lengthParts;
  let firstOffset = (part - firstGroup * uniforms.lengthParts) * ${split.length};`
    }
  let here = leftRow(m, b);${
      Array.from({ length: split.groups }, (_, group) => declareGroup(group))
        .join("")
    }
${quadNames.map((quad) => `  var sum${quad} = vec4<f32>(0.0);`).join("\n")}
${code()}
  if (row < uniforms.rows) {
    let first = (i32(workgroupId.z) * uniforms.rows + row) * uniforms.columns + column;${stores}
  }
}`,
  };
  return {
    program,
    inputs: [flatten(left.tensor), flatten(right.tensor), ...finish.tensors],
  };
}
