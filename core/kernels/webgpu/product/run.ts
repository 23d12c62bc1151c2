import type * as tf from "../../../tf.ts";
import { lanesOf, type Program, runProgram } from "../run_program.ts";
import {
  type BroadcastTile,
  type Tile,
  tilesInUse,
  WORKGROUP_TILE,
} from "../tile.ts";
import { broadcastProgram } from "./broadcast.ts";
import {
  epilogueCode,
  flatten,
  type Product,
  productOperations,
} from "./product.ts";
import { splitBroadcast, splitWorkgroup } from "./split.ts";
import { workgroupProgram } from "./workgroup.ts";

/**
 * C = Σ_p C_p over the parts `[batch · parts, rows, columns]` of a product's sum, in
 * their order, then its epilogue: the same parts always give the same bits.
 */
function sumPartsProgram(
  product: Product,
  partial: tf.TensorInfo,
  parts: number,
): { program: Program; inputs: tf.TensorInfo[] } {
  const { batch, rows, columns, outputShape } = product;
  const lanes = lanesOf(columns);
  const finish = epilogueCode(product.epilogue, lanes);
  const stride = rows * columns / lanes;
  const program: Program = {
    key: `matmul sum ${finish.key}`,
    inputs: [{ name: "summands", lanes }, ...finish.inputs],
    outputs: [{ name: "total", shape: outputShape, dtype: "float32", lanes }],
    uniforms: [
      { name: "entries", type: "i32", value: batch * stride },
      { name: "stride", type: "i32", value: stride },
      { name: "parts", type: "i32", value: parts },
      { name: "columns", type: "i32", value: columns },
    ],
    invocations: [batch * stride],
    code: `${finish.code}
fn main(i : i32) {
  if (i >= uniforms.entries) { return; }
  let b = i / uniforms.stride;
  var at = i + b * (uniforms.parts - 1) * uniforms.stride;
  var sum = summands[at];
  for (var part = 1; part < uniforms.parts; part += 1) {
    at += uniforms.stride;
    sum += summands[at];
  }
  total[i] = finish(sum, (i * ${lanes}) % uniforms.columns);
}`,
  };
  return { program, inputs: [flatten(partial), ...finish.tensors] };
}

/** Bytes of a product's parts at most: more would cost more than they gain. */
const MOST_PART_BYTES = 2 ** 27;
/** Operations below which straight-line code isn't worth seconds to compile it. */
const FEW_OPERATIONS = 2e7;

/** `tile`, or a shorter one for a product that is quickly done. */
function shorten(tile: BroadcastTile, product: Product): BroadcastTile {
  return productOperations(product) >= FEW_OPERATIONS ? tile : {
    ...tile,
    depth: Math.min(tile.depth, 64),
  };
}

/** Bytes of one part of a product's sum. */
function partBytes({ batch, rows, columns }: Product): number {
  return 4 * batch * rows * columns;
}

/** The first program of a product, and how many parts it leaves to be summed. */
function chooseProgram(
  product: Product,
  tile: Tile,
  limits: GPUSupportedLimits,
) {
  const mostParts = Math.floor(
    Math.min(
      Math.min(MOST_PART_BYTES, limits.maxStorageBufferBindingSize) /
        partBytes(product),
      limits.maxComputeWorkgroupsPerDimension / product.batch,
    ),
  );
  if (tile.kind === "broadcast") {
    const short = shorten(tile, product);
    const split = splitBroadcast(product, short);
    const { parts } = split;
    if (parts === 1 || parts <= mostParts) {
      return { parts, ...broadcastProgram(product, short, split, limits) };
    }
  }
  const looped = tile.kind === "workgroup" ? tile : WORKGROUP_TILE;
  const split = splitWorkgroup(product, looped, mostParts);
  return { parts: split.parts, ...workgroupProgram(product, looped, split) };
}

/** Whether a device can run as many workgroups as `program` needs. */
function fits(
  { invocations, workgroup = [1, 1, 1] }: Program,
  { maxComputeWorkgroupsPerDimension }: GPUSupportedLimits,
): boolean {
  return invocations.every((count = 1, dimension) =>
    Math.ceil(count / workgroup[dimension]) <= maxComputeWorkgroupsPerDimension
  );
}

/**
 * Computes a product on `backend` by the tile in use for its kind, in one dispatch or
 * in parts that a second one sums. Undefined where it is too large for the device.
 */
export function runProduct(
  backend: tf.WebGPUBackend,
  product: Product,
): tf.TensorInfo | undefined {
  const { limits } = backend.device;
  const { program, inputs, parts } = chooseProgram(
    product,
    tilesInUse()[product.kind],
    limits,
  );
  if (!fits(program, limits)) return undefined;
  const [result] = runProgram(backend, program, inputs);
  if (parts === 1) return result;
  const sum = sumPartsProgram(product, result, parts);
  const [total] = runProgram(backend, sum.program, sum.inputs);
  backend.disposeData(result.dataId);
  return total;
}
