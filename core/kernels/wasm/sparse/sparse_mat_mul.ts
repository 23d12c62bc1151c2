import type * as tf from "../../../tf.ts";
import { checkInputShape, readInput } from "../../kernel_arguments.ts";
import {
  asWasmBackend,
  heapFunctions,
  heapOffset,
  makeOutput,
} from "../heap.ts";
import { hasRelaxedSimd } from "../relaxed_simd.ts";
import { MOST_VECTORS, sparseRowsModule } from "./sparse_rows_wat.ts";

const FLOAT_BYTES = 4;
const INTEGER_BYTES = 4;
const LANES = 4;
/** Rows of B used at a time: 48 of their columns are 96 kB, which a cache near by holds. */
const TILE_ROWS = 512;

/** Columns that one function of the module computes. */
export interface ColumnBlock {
  /** The first that the function reads. */
  first: number;
  /** Its name. */
  name: string;
}

/** Blocks that cover `columns`, each of them once, as wide as registers allow. */
export function coverColumns(columns: number): ColumnBlock[] {
  if (columns < LANES) {
    return Array.from({ length: columns }, (_, first) => ({
      first,
      name: "column",
    }));
  }
  const blocks: ColumnBlock[] = [];
  let first = 0;
  while (columns - first >= LANES) {
    const whole = Math.floor((columns - first) / LANES);
    const vectors = Math.min(MOST_VECTORS, whole);
    blocks.push({ first, name: `vectors${vectors}` });
    first += vectors * LANES;
  }
  if (first < columns) {
    blocks.push({ first: columns - LANES, name: `tail${columns - first}` });
  }
  return blocks;
}

let text: string | undefined;

/** The module's text, made once: an instance is found by it. */
function moduleText(): string {
  return text ??= sparseRowsModule(hasRelaxedSimd());
}

/**
 * Kernel `RetortSparseMatMul`: C = A·B, `[m, k]` × `[k, n]` → `[m, n]`, with A by
 * rows: `starts` int32 `[m + 1]`, where each row's entries begin, and `entries`
 * int32 `[count, 2]`, each a column of A and the bits of its value.
 *
 * Whoever makes A answers for its columns lying below k.
 */
export const sparseMatMul: tf.KernelFunc = ({ inputs, backend }) => {
  const wasm = asWasmBackend(backend);
  const starts = readInput(inputs, "starts", "int32");
  const entries = readInput(inputs, "entries", "int32");
  const b = readInput(inputs, "b");
  checkInputShape("entries", entries, [entries.shape[0], 2]);
  checkInputShape("b", b, [b.shape[0], b.shape[1]]);
  const rows = starts.shape[0] - 1;
  const [depth, columns] = b.shape;
  const c = makeOutput(wasm, [rows, columns], "float32");
  const cursors = [0, 1].map(() => makeOutput(wasm, [rows], "int32"));
  const functions = heapFunctions(
    wasm,
    "sparse_rows",
    moduleText(),
  );
  const [atStarts, atEntries, atB, atC, ...atCursors] = [
    starts,
    entries,
    b,
    c,
    ...cursors,
  ].map((tensor) => heapOffset(wasm, tensor));
  let from = atStarts;
  // Once at least: C must be written even where B has no rows.
  for (let tile = 0; tile === 0 || tile * TILE_ROWS < depth; tile++) {
    const next = atCursors[tile % 2];
    for (const { first, name } of coverColumns(columns)) {
      functions[name](
        from,
        atStarts + INTEGER_BYTES,
        next,
        atEntries,
        rows,
        (tile + 1) * TILE_ROWS,
        atB + first * FLOAT_BYTES,
        columns * FLOAT_BYTES,
        atC + first * FLOAT_BYTES,
        Number(tile === 0),
      );
    }
    from = next;
  }
  for (const { dataId } of cursors) wasm.disposeData(dataId);
  return c;
};
