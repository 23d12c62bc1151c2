import type * as tf from "../../tf.ts";
import { broadcastProgram } from "./matmul_broadcast.ts";
import { type Product, productOperations } from "./matmul_product.ts";
import { splitBroadcast, splitWorkgroup } from "./matmul_split.ts";
import { sumPartsProgram } from "./matmul_sum.ts";
import { workgroupProgram } from "./matmul_workgroup.ts";
import { type FusedProgram, runProgram } from "./run_program.ts";
import {
  type BroadcastTile,
  type Tile,
  tilesInUse,
  WORKGROUP_TILE,
} from "./tile.ts";

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
  { invocations, workgroup = [1, 1, 1] }: FusedProgram,
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
