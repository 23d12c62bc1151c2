import type * as tf from "../../../tf.ts";
import { type Lanes, lanesOf, type Program } from "../run_program.ts";
import type { BroadcastTile } from "../tile.ts";
import {
  epilogueCode,
  flatten,
  NO_EPILOGUE,
  type Product,
  productUniforms,
} from "./product.ts";
import { fillRight, type RightCode, rightCode } from "./right_operand.ts";
import { type BroadcastSplit, spread } from "./split.ts";

/** What bounds a workgroup on a device. */
interface WorkgroupLimits {
  maxComputeInvocationsPerWorkgroup: number;
  maxComputeWorkgroupStorageSize: number;
}

/** Terms that are read before they are used. */
const READ_AHEAD = 8;

/** The sizes that the code of one program is made for. */
interface Plan extends BroadcastSplit {
  /** Of the left operand's buffer. */
  lanes: Lanes;
  /** Columns of an invocation, in fours. */
  quads: number;
  /** Invocations of a workgroup. */
  height: number;
  /** Terms that workgroup memory holds at a time. */
  phase: number;
  /** Whether the last part has groups beyond the last. */
  raggedGroups: boolean;
  /** Whether the last part of a group has terms beyond its last. */
  raggedLength: boolean;
  /** Whether the left operand has groups of zeros. */
  masked: boolean;
}

function makePlan(
  product: Product,
  tile: BroadcastTile,
  split: BroadcastSplit,
  limits: WorkgroupLimits,
): Plan {
  const { left, rows, columns } = product;
  const { parts, groups, length, lengthParts } = split;
  const quads = spread(columns, tile.columns, 4).size / 4;
  const most = Math.min(tile.rows, limits.maxComputeInvocationsPerWorkgroup);
  const fours = Math.floor(limits.maxComputeWorkgroupStorageSize / 64 / quads);
  return {
    ...split,
    lanes: left.lanes,
    quads,
    height: spread(rows, most, 8).size,
    phase: spread(groups * length, 4 * fours, 4).size,
    raggedGroups: parts / lengthParts * groups !== product.groups,
    raggedLength: lengthParts * length !== product.length,
    masked: left.masked,
  };
}

/** One entry of the left operand's buffer: which terms of the part it holds. */
interface Entry {
  /** Its first term, counted from the part's first. */
  term: number;
  group: number;
  /** Of its first term in the group. */
  offset: number;
}

function listEntries({ groups, length, lanes }: Plan): Entry[] {
  const entries = [];
  for (let group = 0; group < groups; group++) {
    for (let offset = 0; offset < length; offset += lanes) {
      entries.push({ term: group * length + offset, group, offset });
    }
  }
  return entries;
}

/** WGSL for where a group of the left operand begins, and whether it is any. */
function declareGroup(group: number, plan: Plan): string {
  const { lanes, raggedGroups, masked } = plan;
  const inside = [
    ...(masked ? [`found${group}.y != 0`] : []),
    ...(raggedGroups ? [`group${group} < uniforms.groups`] : []),
  ];
  const safe = raggedGroups
    ? `min(group${group}, uniforms.groups - 1)`
    : `group${group}`;
  return `
  let group${group} = firstGroup + ${group};
  let found${group} = leftGroup(here, ${safe});
  let at${group} = found${group}.x + firstOffset / ${lanes};${
    inside.length > 0
      ? `
  let inside${group} = ${inside.join(" && ")};`
      : ""
  }`;
}

/** WGSL that reads an entry, zeros beyond the sum's end. */
function readEntry({ term, group, offset }: Entry, plan: Plan): string {
  const { lanes, masked, raggedGroups, raggedLength } = plan;
  const value = `left[at${group} + ${offset / lanes}]`;
  const inside = [
    ...(masked || raggedGroups ? [`inside${group}`] : []),
    ...(raggedLength ? [`firstOffset + ${offset} < uniforms.length`] : []),
  ];
  const zero = lanes === 4 ? "vec4<f32>(0.0)" : "0.0";
  return `
  let left${term} = ${
    inside.length > 0
      ? `select(${zero}, ${value}, ${inside.join(" && ")})`
      : value
  };`;
}

/** WGSL that adds the products of `entries` to every sum of an invocation. */
function accumulate(entries: Entry[], start: number, plan: Plan): string {
  const { lanes, quads } = plan;
  const terms = entries.flatMap(({ term }) =>
    Array.from({ length: lanes }, (_, lane) => ({
      factor: lanes === 4 ? `left${term}[${lane}]` : `left${term}`,
      at: (term + lane - start) * quads,
    }))
  );
  const sums = Array.from({ length: quads }, (_, quad) => `
  sum${quad} = sum${quad}${
    terms.map(({ factor, at }) => ` + ${factor} * tile[${at + quad}]`).join("")
  };`);
  return [...entries.map((entry) => readEntry(entry, plan)), ...sums].join("");
}

/** WGSL of the whole sum: no loop and no branch but to fill workgroup memory. */
function sumCode(plan: Plan, read: RightCode): string {
  const { groups, length, phase, quads, lanes, height } = plan;
  const entries = listEntries(plan);
  const ahead = READ_AHEAD / lanes;
  const blocks = [];
  for (let start = 0; start < groups * length; start += phase) {
    const end = Math.min(start + phase, groups * length);
    if (start > 0) blocks.push("\n  workgroupBarrier();");
    blocks.push(
      fillRight({
        name: "tile",
        terms: end - start,
        quads,
        column: "column",
        place: `let g = firstGroup + (${start} + term) / ${length};
    let l = firstOffset + (${start} + term) % ${length};`,
        invocations: height,
      }, read),
      "\n  workgroupBarrier();",
    );
    const held = entries.filter(({ term }) => term >= start && term < end);
    for (let first = 0; first < held.length; first += ahead) {
      blocks.push(accumulate(held.slice(first, first + ahead), start, plan));
    }
  }
  return blocks.join("");
}

/** WGSL that stores an invocation's sums. */
function storeCode({ quads }: Plan, lanes: Lanes): string {
  const stores = Array.from({ length: quads * 4 / lanes }, (_, index) => {
    const column = index * lanes;
    const sum = `sum${Math.floor(column / 4)}`;
    return `
    if (column + ${column} < uniforms.columns) {
      sums[(first + ${column}) / ${lanes}] = finish(${
      lanes === 4 ? sum : `${sum}[${column % 4}]`
    }, column + ${column});
    }`;
  });
  return `
  if (row < uniforms.rows) {
    let first = (i32(workgroupId.z) * uniforms.rows + row) * uniforms.columns + column;${
    stores.join("")
  }
  }`;
}

/**
 * The program of `product` by a broadcast tile; its result is `[batch · parts, rows,
 * columns]`, and `product.outputShape` where there is one part.
 */
export function broadcastProgram(
  product: Product,
  tile: BroadcastTile,
  split: BroadcastSplit,
  limits: WorkgroupLimits,
): { program: Program; inputs: tf.TensorInfo[] } {
  const { left, right, rows, columns, batch, outputShape } = product;
  const { parts, lengthParts } = split;
  const plan = makePlan(product, tile, split, limits);
  const { quads, height, phase, groups, length } = plan;
  const lanes = lanesOf(columns);
  const read = rightCode(product);
  const finish = epilogueCode(
    parts === 1 ? product.epilogue : NO_EPILOGUE,
    lanes,
  );
  const wholeGroups = lengthParts === 1;
  const { parts: _parts, lengthParts: _lengthParts, ...sizes } = plan;
  const program: Program = {
    key: [
      "matmul broadcast",
      left.key,
      read.key,
      finish.key,
      ...Object.values(sizes),
      wholeGroups,
    ].join(" "),
    inputs: [
      { name: "left", lanes: left.lanes },
      { name: "right", lanes: read.lanes },
      ...finish.inputs,
    ],
    outputs: [{
      name: "sums",
      shape: parts === 1 ? outputShape : [batch * parts, rows, columns],
      dtype: "float32",
      lanes,
    }],
    uniforms: [
      ...productUniforms(product, parts),
      { name: "lengthParts", type: "i32", value: lengthParts },
    ],
    invocations: [
      Math.ceil(rows / height) * height,
      Math.ceil(columns / quads / 4),
      batch * parts,
    ],
    workgroup: [height, 1, 1],
    code: `
var<workgroup> tile : array<vec4<f32>, ${phase * quads}>;
${left.code}${read.code}${finish.code}
fn main() {
  let column = i32(workgroupId.y) * ${4 * quads};
  let row = i32(workgroupId.x) * ${height} + i32(localIndex);
  let b = i32(workgroupId.z) / uniforms.parts;
  let part = i32(workgroupId.z) - b * uniforms.parts;
  ${
      wholeGroups
        ? `let firstGroup = part * ${groups};
  let firstOffset = 0;`
        : `let firstGroup = part / uniforms.lengthParts;
  let firstOffset = (part - firstGroup * uniforms.lengthParts) * ${length};`
    }
  let here = leftRow(min(row, uniforms.rows - 1), b);${
      Array.from({ length: groups }, (_, group) => declareGroup(group, plan))
        .join("")
    }${
      Array.from({ length: quads }, (_, quad) => `
  var sum${quad} = vec4<f32>(0.0);`).join("")
    }${sumCode(plan, read)}${storeCode(plan, lanes)}
}`,
  };
  return {
    program,
    inputs: [flatten(left.tensor), flatten(right.tensor), ...finish.tensors],
  };
}
